"""One event of the simulated market: who, where, when, and what happens to it in its life."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from conscope_app.local.standins.draws import between, pick, share
from conscope_app.local.standins.names import ACTS, HALLS, Act, Hall

Status = Literal["offsale", "onsale", "cancelled", "postponed", "rescheduled"]

# What makes two entries of one act at one place two events: each is a trap for whoever matches.
Variant = Literal["", "night 2", "matinee", "parking", "vip"]

_VARIANTS: dict[int, Variant] = {7: "night 2", 11: "matinee", 15: "parking", 18: "vip"}
_IN_A_ROUND = 20
_BEGINNINGS = (time(19, 0), time(19, 30), time(20, 0), time(20, 30))
_MATINEE = time(14, 0)

# Up to the first share both vendors sell it, up to the second SeatGeek alone.
_AT_BOTH, _AT_SEATGEEK = 0.6, 0.8


class Turn(NamedTuple):
    """From `at` on it has this status, this beginning (none: not known) and tickets or none."""

    at: datetime
    status: Status
    starts_at: datetime | None
    has_tickets: bool


class Show(NamedTuple):
    """An event, under one number; `turns` are in the order of time, the first its announcement."""

    number: int
    act: Act
    hall: Hall
    variant: Variant
    first_starts_at: datetime
    presale_at: datetime
    on_sale_at: datetime
    cents: int
    is_at_seatgeek: bool
    is_at_ticketmaster: bool
    turns: tuple[Turn, ...]

    @property
    def seatgeek_id(self) -> int:
        return 6_000_000 + 7 * self.number

    @property
    def ticketmaster_id(self) -> str:
        return f"G5v{self.number:05d}Zk"

    def turn(self, now: datetime) -> Turn | None:
        """What holds at that moment; None before it is announced, and after it is over."""
        current = None
        for turn in self.turns:
            if turn.at > now:
                break
            current = turn
        if current is None or (current.starts_at and current.starts_at + _LASTS < now):
            return None
        return current


_LASTS = timedelta(hours=4)


def draw_shows(seed: int, count: int, opened_at: datetime, days: int) -> Iterator[Show]:
    """So many shows that take place within so many days of the market's opening."""
    before: Show | None = None
    for number in range(count):
        variant = _VARIANTS.get(number % _IN_A_ROUND, "")
        show = _draw(seed, number, opened_at, days, before if variant else None, variant)
        yield show
        before = show


def _draw(
    seed: int, number: int, opened_at: datetime, days: int, sibling: Show | None, variant: Variant
) -> Show:
    if sibling is None:
        act, hall = pick(ACTS, seed, number, 1), pick(HALLS, seed, number, 2)
        beginning = pick(_BEGINNINGS, seed, number, 3)
        starts_at = _local(hall, opened_at, between(1, days, seed, number, 4), beginning)
    else:
        act, hall = sibling.act, sibling.hall
        starts_at = _beside(sibling, variant)
    on_sale_at = starts_at - timedelta(days=between(20, 150, seed, number, 5))
    sold_by = share(seed, number, 6)
    return Show(
        number=number,
        act=act,
        hall=hall,
        variant=variant,
        first_starts_at=starts_at,
        presale_at=on_sale_at - timedelta(days=2),
        on_sale_at=on_sale_at,
        cents=between(2_500, 22_000, seed, number, 7),
        is_at_seatgeek=sold_by < _AT_SEATGEEK,
        is_at_ticketmaster=sold_by < _AT_BOTH or sold_by >= _AT_SEATGEEK,
        turns=tuple(_life(seed, number, opened_at, on_sale_at, starts_at)),
    )


def _local(hall: Hall, opened_at: datetime, days: int, beginning: time) -> datetime:
    day = (opened_at + timedelta(days=days)).date()
    return datetime.combine(day, beginning, ZoneInfo(hall.time_zone)).astimezone(UTC)


def _beside(sibling: Show, variant: Variant) -> datetime:
    if variant == "night 2":
        return sibling.first_starts_at + timedelta(days=1)
    if variant == "matinee":
        zone = ZoneInfo(sibling.hall.time_zone)
        day = sibling.first_starts_at.astimezone(zone).date()
        return datetime.combine(day, _MATINEE, zone).astimezone(UTC)
    return sibling.first_starts_at


def _life(
    seed: int, number: int, opened_at: datetime, on_sale_at: datetime, starts_at: datetime
) -> Iterator[Turn]:
    """Announced, on sale, and what comes between that and the evening itself."""
    announced_at = on_sale_at - timedelta(days=between(3, 14, seed, number, 8))
    yield Turn(announced_at, "offsale", starts_at, has_tickets=False)
    yield Turn(on_sale_at, "onsale", starts_at, has_tickets=True)
    begin = max(on_sale_at, opened_at)
    left_s = max((starts_at - begin).total_seconds(), 0)
    at = begin + timedelta(seconds=int(left_s * (0.02 + 0.6 * share(seed, number, 9))))
    later = at + timedelta(seconds=int(left_s * 0.2 * share(seed, number, 10)) + 3_600)
    moved = starts_at + timedelta(days=between(7, 60, seed, number, 11))
    fate = share(seed, number, 12)
    if fate < 0.03:
        yield Turn(at, "cancelled", starts_at, has_tickets=False)
    elif fate < 0.05:
        yield Turn(at, "cancelled", starts_at, has_tickets=False)
        yield Turn(later, "rescheduled", moved, has_tickets=True)
    elif fate < 0.09:
        yield Turn(at, "rescheduled", moved, has_tickets=True)
    elif fate < 0.11:
        yield Turn(at, "postponed", None, has_tickets=False)
        yield Turn(later, "rescheduled", moved, has_tickets=True)
    elif fate < 0.21:
        yield Turn(at, "offsale", starts_at, has_tickets=False)
        if fate < 0.15:
            yield Turn(later, "onsale", starts_at, has_tickets=True)
