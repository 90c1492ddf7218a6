"""What is known of an event at a source after a snapshot, by the audit's own reckoning."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET

from conscope_app.domains.tickets.market import EventFacts, MarketSnapshot, Presale, Venue

# Words of a status that speak of the sale; the others speak of the event's fate alone.
_OF_THE_SALE = ("scheduled", "on_sale", "off_sale")

Clock = tuple[datetime | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Belief:
    """Known so far; None is what was never said.

    `clock` is the moment, the venue's day and its time of day. `price` is the last one that was
    named, with its currency; `names_price` whether the source does name one now.
    """

    at: datetime
    name: str
    venue: Venue
    clock: Clock
    fate: str | None = None
    sale: str | None = None
    left: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    presales: tuple[Presale, ...] = ()
    names_price: bool | None = None
    price: tuple[Decimal, str | None] | None = None


def first_belief(seen: MarketSnapshot) -> Belief:
    """All that can be known after the first sight of an event."""
    nothing = Belief(seen.observed_at, "", seen.facts.venue, (None, None, None))
    return _with(nothing, seen)


def next_belief(known: Belief, seen: MarketSnapshot) -> Belief:
    """What is known after a snapshot that was seen later; of a cancelled event nothing but that."""
    if (seen.facts.status or known.fate) == "cancelled":
        return replace(known, at=seen.observed_at, fate="cancelled")
    return _with(known, seen)


def _with(known: Belief, seen: MarketSnapshot) -> Belief:
    facts = seen.facts
    dated = replace(
        known,
        fate=facts.status or known.fate,
        opens_at=facts.on_sale_at or known.opens_at,
        closes_at=facts.off_sale_at or known.closes_at,
    )
    sale = _sale(known, dated, facts.status, seen.observed_at)
    names_price, price = known.names_price, known.price
    if isinstance(seen.lowest, Decimal):
        names_price, price = True, (seen.lowest, seen.currency)
    elif seen.lowest is not UNSET:
        names_price = False
    return replace(
        dated,
        at=seen.observed_at,
        name=facts.name.strip() or known.name,
        venue=facts.venue if facts.venue.name.strip() else known.venue,
        clock=_clock(known.clock, facts),
        presales=_presales(known.presales, facts.presales),
        sale=sale,
        left=_left(known.left, seen, sale),
        names_price=names_price,
        price=price,
    )


def _clock(known: Clock, facts: EventFacts) -> Clock:
    """Another one altogether if any part of it contradicts; or else what is known of each part."""
    said: Clock = (facts.starts_at, facts.local_date, facts.local_time)
    pairs = list(zip(said, known, strict=True))
    if any(new is not None and old is not None and new != old for new, old in pairs):
        return said
    return (said[0] or known[0], said[1] or known[1], said[2] or known[2])


def _presales(known: tuple[Presale, ...], said: tuple[Presale, ...]) -> tuple[Presale, ...]:
    if not said:
        return known
    dated = {each.name: each for each in known if each.starts_at}
    kept: list[Presale] = []
    for each in said:
        one = each if each.starts_at else dated.get(each.name, each)
        if one not in kept:
            kept.append(one)
    return tuple(kept)


def _sale(known: Belief, dated: Belief, said: str | None, now: datetime) -> str | None:
    """The source's own word; where it has none, what its times say since the last look."""
    if said in _OF_THE_SALE:
        return said
    if said is not None or dated.fate == "postponed":
        return known.sale
    opens, closes = dated.opens_at, dated.closes_at
    if known.sale == "on_sale":
        has_closed = closes is not None and known.at < closes <= now
        return "off_sale" if has_closed else "on_sale"
    if known.sale == "off_sale":
        has_opened = opens is not None and known.at < opens <= now
        return "on_sale" if has_opened else "off_sale"
    if closes is not None and closes <= now:
        return "off_sale"
    if opens is not None:
        return "on_sale" if opens <= now else "scheduled"
    return known.sale


def _left(known: str | None, seen: MarketSnapshot, sale: str | None) -> str | None:
    """The source's own word, or else whether it has listings; not gone before it was sold."""
    if isinstance(seen.availability, str):
        left: str | None = seen.availability
    elif not isinstance(seen.listing_count, int):
        left = known
    elif seen.listing_count == 0:
        left = "none_left"
    else:
        left = "available" if known in (None, "none_left") else known
    return known if left == "none_left" and sale == "scheduled" else left
