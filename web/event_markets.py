"""An event at each of its sources, as its page and its API read it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import asdict
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.happenings import NAME, NEW, OLD, TIME_ZONE, in_words
from conscope_app.domains.tickets.market import EventFacts
from conscope_app.notify.listing_url import linkable
from conscope_app.store.matches.reading import members_of
from conscope_app.store.tickets import market_reading
from conscope_app.store.tickets.market_reading import EventChange, SourceMarket
from web.event_markets_schema import (
    ChangeShown,
    EventMarkets,
    FactsShown,
    MarketShown,
    PresaleShown,
    Sides,
    VenueShown,
)
from web.figures import age_s, says_simulated

# As many events are one with it at most as are read: each source has one, and there are few.
MOST_MEMBERS = 24

DAYS_SHOWN, DAY_LINES, CHANGES_SHOWN = timedelta(days=8), 24, 12


class AlsoAt(NamedTuple):
    """The cheapest of an event at a source, under another id: what it costs, and where it is."""

    event_id: str
    source: str
    price: Decimal | None
    currency: str | None
    basis: str | None
    url: str | None


def read_sides(cursor: Cursor, event_id: str, now: datetime) -> Sides:
    """All that the page shows of the sources of an event."""
    markets = read_markets(cursor, event_id, now)
    days = market_reading.read_days(cursor, markets.members, now - DAYS_SHOWN, DAY_LINES)
    changes = market_reading.read_changes(cursor, markets.members, CHANGES_SHOWN)
    return Sides(markets, days, [change_shown(each) for each in changes])


def read_markets(cursor: Cursor, event_id: str, now: datetime) -> EventMarkets:
    """What each source says of it now."""
    members = members_with(cursor, event_id)
    found = market_reading.read_now(cursor, members)
    seats = market_reading.read_seats_on_sale(cursor, members)
    return EventMarkets(now, event_id, members, [_shown(each, now) for each in found], seats)


def members_with(cursor: Cursor, event_id: str) -> list[str]:
    """The ids of the events that are one with it, its own first."""
    others = [each for each in members_of(cursor, event_id) if each != event_id]
    return [event_id, *others][:MOST_MEMBERS]


def change_shown(change: EventChange) -> ChangeShown:
    """A change with its words."""
    details = {OLD: change.old, NEW: change.new, NAME: change.name, TIME_ZONE: change.time_zone}
    said = {name: text for name, text in details.items() if text}
    return ChangeShown(**asdict(change), words=in_words(change.kind, said))


def also_at(markets: EventMarkets) -> list[AlsoAt]:
    """Where else it is sold, each with its own cheapest: prices of two kinds are not compared."""
    found = [_of_market(each) for each in markets.markets if each.event_id != markets.event_id]
    found += [
        AlsoAt(each.event_id, ", ".join(each.sources), each.lowest, each.currency, "listed", None)
        for each in markets.seats
        if each.event_id != markets.event_id
    ]
    known = {each.event_id for each in found}
    found += [
        AlsoAt(each, each, None, None, None, None)
        for each in markets.members[1:]
        if each not in known
    ]
    return found


def _of_market(market: MarketShown) -> AlsoAt:
    lowest = market.lowest if isinstance(market.lowest, Decimal) else None
    source, basis = market.source, market.basis
    return AlsoAt(market.event_id, source, lowest, market.currency, basis, market.url)


def _shown(market: SourceMarket, now: datetime) -> MarketShown:
    snapshot, facts = market
    return MarketShown(
        **asdict(snapshot),
        age_s=age_s(snapshot.observed_at, now),
        simulated=says_simulated(snapshot.source),
        facts=_facts_shown(facts),
        url=linkable(facts.url),
    )


def _facts_shown(facts: EventFacts) -> FactsShown:
    presales = tuple(PresaleShown(**asdict(each)) for each in facts.presales)
    venue = VenueShown(**asdict(facts.venue))
    return FactsShown(**{**asdict(facts), "venue": venue, "presales": presales})
