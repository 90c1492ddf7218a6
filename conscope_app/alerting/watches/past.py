"""What is remembered of one series of prices: enough for every baseline, and bounded."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from statistics import median
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, MOST_LOWS

# The band of what is usual: the median of the last prices, and around it six times their median
# deviation, or half of it where they hardly differ. A third off is a sale, nine tenths a mistake.
MOST_RECENT = 15
FEWEST_RECENT = 5
DEVIATIONS = 6
LEAST_BAND_RATIO = Decimal("0.5")


class Day(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The lowest price of a day in UTC, and its last one."""

    day: date
    low: Decimal
    last: Decimal


class Past(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a series has cost so far, in one basis and currency.

    `lows` are the lowest different prices ever, rising; `recent` the last ones, in order; `days`
    those with an observation, in order, as far back as the longest window. A jump that nobody has
    seen twice is `doubted`, and remembered nowhere else.
    """

    previous: Decimal
    at: datetime
    lows: tuple[Decimal, ...]
    recent: tuple[Decimal, ...]
    days: tuple[Day, ...]
    doubted: Decimal | None = None

    def low_since(self, first: date) -> Decimal | None:
        """The lowest price from a day on."""
        return min([each.low for each in self._since(first)], default=None)

    def median_since(self, first: date) -> Decimal | None:
        """The median of what it cost at the end of each day with an observation, from a day on."""
        lasts = [each.last for each in self._since(first)]
        return median(lasts) if lasts else None

    def _since(self, first: date) -> tuple[Day, ...]:
        days = self.days
        return days[bisect_left(days, first, key=attrgetter("day")) :]


class Look(NamedTuple):
    """An observation and what was remembered before and after; `doubtful`: look again."""

    before: Past | None
    after: Past
    doubtful: bool


def look(past: Past | None, price: Decimal, at: datetime) -> Look:
    """Take one observation in; one that is older than the last is taken for its day's low only."""
    if past is None:
        return Look(None, remember(None, price, at), False)
    side = _side(past, price)
    if side and at >= past.at and (past.doubted is None or _side(past, past.doubted) != side):
        return Look(past, msgspec.structs.replace(past, doubted=price), True)
    return Look(past, remember(past, price, at), False)


def remember(past: Past | None, price: Decimal, at: datetime) -> Past:
    """The past with a price that is believed."""
    today = at.date() if at.tzinfo is UTC else at.astimezone(UTC).date()
    if past is None:
        return Past(price, at, (price,), (price,), (Day(today, price, price),))
    if at < past.at:
        return _remember_late(past, price, today)
    return Past(
        price,
        at,
        _lows_with(past.lows, price),
        (*past.recent[1 - MOST_RECENT :], price),
        _closed_by(past.days, today, price),
    )


def _lows_with(lows: tuple[Decimal, ...], price: Decimal) -> tuple[Decimal, ...]:
    if (len(lows) == MOST_LOWS and price >= lows[-1]) or price in lows:
        return lows
    return tuple(sorted((*lows, price))[:MOST_LOWS])


def _closed_by(days: tuple[Day, ...], today: date, price: Decimal) -> tuple[Day, ...]:
    newest = days[-1]
    if newest.day == today:
        if newest.last == price:  # its low is no higher
            return days
        return (*days[:-1], Day(today, min(price, newest.low), price))
    first = today - timedelta(days=LONGEST_WINDOW_DAYS)
    return (*(day for day in days if day.day >= first), Day(today, price, price))


def _remember_late(past: Past, price: Decimal, today: date) -> Past:
    days = {each.day: each for each in past.days}
    known = days.get(today)
    days[today] = (
        Day(today, price, price) if known is None else Day(today, min(price, known.low), known.last)
    )
    first = past.days[-1].day - timedelta(days=LONGEST_WINDOW_DAYS)
    return msgspec.structs.replace(
        past,
        lows=tuple(sorted({*past.lows, price})[:MOST_LOWS]),
        days=tuple(days[day] for day in sorted(days) if day >= first),
    )


def _side(past: Past, price: Decimal) -> int:
    """1 far over what was usual, -1 far under it, 0 within the band, or not enough known."""
    if price == past.previous or len(past.recent) < FEWEST_RECENT:
        return 0
    usual = median(past.recent)
    least = usual * LEAST_BAND_RATIO
    off = abs(price - usual)
    if off <= least:
        return 0
    if off <= DEVIATIONS * median(abs(each - usual) for each in past.recent):
        return 0
    return 1 if price > usual else -1
