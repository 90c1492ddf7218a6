"""What is known of an event at a source after its newest snapshot: the row of `last_markets`.

A snapshot need not speak of everything. What it does not speak of stays as it was known before.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET

from conscope_app.domains.tickets.market import (
    Availability,
    EventFacts,
    MarketSnapshot,
    Presale,
    Status,
    Venue,
)

# Counted up with every change to `LastMarket`, as `LAST_SEEN_FORMAT` is (docs/decisions/0007).
LAST_MARKET_FORMAT = 1

# Whether it can be bought at all; a status that says something else leaves it as it was.
Sale = Literal["scheduled", "on_sale", "off_sale"]


def moment_text(moment: datetime) -> str:
    """A moment in UTC as it stands in JSON."""
    return moment.isoformat().replace("+00:00", "Z")


class When(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """When an event begins, as far as it is known; date and time of day are the venue's."""

    starts_at: datetime | None = None
    local_date: str | None = None
    local_time: str | None = None

    @classmethod
    def of(cls, facts: EventFacts) -> "When":
        """What the facts say of it."""
        return cls(facts.starts_at, facts.local_date, facts.local_time)

    @property
    def text(self) -> str | None:
        """A moment, or else the venue's day with its time; None where neither is known."""
        if self.starts_at is not None:
            return moment_text(self.starts_at)
        if self.local_date is None or self.local_time is None:
            return self.local_date
        return f"{self.local_date}T{self.local_time}"


class LastMarket(msgspec.Struct, frozen=True, array_like=True):
    """The table's value. New fields go last, with a default.

    None is what was never said. `has_price` is False where the source said that it has none;
    `lowest` is the price that was known last.
    """

    observed_at: datetime
    name: str
    venue: Venue
    when: When
    status: Status | None = None
    sale: Sale | None = None
    supply: Availability | None = None
    on_sale_at: datetime | None = None
    off_sale_at: datetime | None = None
    presales: tuple[Presale, ...] = ()
    has_price: bool | None = None
    lowest: Decimal | None = None
    currency: str | None = None


encode_last_market = msgspec.msgpack.Encoder().encode
decode_last_market = msgspec.msgpack.Decoder(LastMarket).decode
_encode_key = msgspec.json.Encoder().encode


def market_key(event_id: str, source: str) -> bytes:
    """The row's key: both parts as a JSON array, as in a seat key."""
    return _encode_key((event_id, source))


def learn(last: LastMarket | None, snapshot: MarketSnapshot) -> LastMarket:
    """What is known after a snapshot that is newer than what was known before it.

    While an event is cancelled, that is all that is taken of it.
    """
    facts, at = snapshot.facts, snapshot.observed_at
    if last is None:
        nothing = LastMarket(
            observed_at=at, name=facts.name.strip(), venue=facts.venue, when=When()
        )
        return _learn(nothing, snapshot)
    if (facts.status or last.status) == "cancelled":
        return msgspec.structs.replace(last, observed_at=at, status="cancelled")
    return _learn(last, snapshot)


def _learn(last: LastMarket, snapshot: MarketSnapshot) -> LastMarket:
    facts = snapshot.facts
    known = msgspec.structs.replace(
        last,
        observed_at=snapshot.observed_at,
        status=facts.status or last.status,
        name=facts.name.strip() or last.name,
        venue=facts.venue if facts.venue.name.strip() else last.venue,
        when=_when(last.when, facts),
        on_sale_at=facts.on_sale_at or last.on_sale_at,
        off_sale_at=facts.off_sale_at or last.off_sale_at,
        presales=_presales(last.presales, facts.presales),
    )
    sale = _sale(last, known, facts.status)
    supply = _supply(last.supply, snapshot, sale)
    if isinstance(snapshot.lowest, Decimal):
        known = msgspec.structs.replace(
            known, has_price=True, lowest=snapshot.lowest, currency=snapshot.currency
        )
    elif snapshot.lowest is None:
        known = msgspec.structs.replace(known, has_price=False)
    return msgspec.structs.replace(known, sale=sale, supply=supply)


def _when(last: When, facts: EventFacts) -> When:
    """What is said of it; where that is the same as far as it goes, with what was known besides."""
    said = When.of(facts)
    if (
        _differ(said.starts_at, last.starts_at)
        or _differ(said.local_date, last.local_date)
        or _differ(said.local_time, last.local_time)
    ):
        return said
    return When(
        said.starts_at or last.starts_at,
        said.local_date or last.local_date,
        said.local_time or last.local_time,
    )


def _differ(said: datetime | str | None, known: datetime | str | None) -> bool:
    return said is not None and known is not None and said != known


def _presales(last: tuple[Presale, ...], said: tuple[Presale, ...]) -> tuple[Presale, ...]:
    """Those that are said; one without its time keeps the time that was known of it."""
    if not said:
        return last
    timed = {presale.name: presale for presale in last if presale.starts_at is not None}
    kept = [timed.get(each.name, each) if each.starts_at is None else each for each in said]
    return tuple(dict.fromkeys(kept))


def _sale(last: LastMarket, known: LastMarket, said: Status | None) -> Sale | None:
    """A source that says whether it is on sale is believed; of one that does not, time tells."""
    if said == "scheduled" or said == "on_sale" or said == "off_sale":
        return said
    if said is not None or known.status == "postponed":
        return last.sale
    now, begins, ends = known.observed_at, known.on_sale_at, known.off_sale_at
    match last.sale:
        case "on_sale":
            return "off_sale" if ends is not None and last.observed_at < ends <= now else "on_sale"
        case "off_sale":
            has_begun = begins is not None and last.observed_at < begins <= now
            return "on_sale" if has_begun else "off_sale"
        case unsold:
            if ends is not None and ends <= now:
                return "off_sale"
            if begins is None:
                return unsold
            return "on_sale" if begins <= now else "scheduled"


def _supply(
    last: Availability | None, snapshot: MarketSnapshot, sale: Sale | None
) -> Availability | None:
    """What a source says of how many are left, or what its number of listings does.

    Nothing is gone before it could be bought.
    """
    said, count = snapshot.availability, snapshot.listing_count
    supply = last
    if said is not UNSET and said is not None:
        supply = said
    elif isinstance(count, int):
        if count == 0:
            supply = "none_left"
        elif last is None or last == "none_left":
            supply = "available"
    return last if supply == "none_left" and sale == "scheduled" else supply
