"""What an event's page and its API read of the database, each as of one moment."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeVar

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.together import Place, Together, cheapest_together
from conscope_app.notify.listing_url import linkable
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.market import event_facts, event_prices, event_seats
from conscope_app.store.market.event_facts import Facts, Market, SourceSeen
from conscope_app.store.market.event_prices import Summary
from conscope_app.store.market.event_seats import SeatFilter, SeatRow
from conscope_app.store.market.event_standing import Standing, Wanted, read_standing
from web.event_figures import Change, change_between, change_of_sums, days_to, trend
from web.event_query import seat_cursor
from web.event_schema import (
    Cheapest,
    EventFigures,
    LotShown,
    PlaceShown,
    SeatList,
    SeatShown,
    SourceShown,
)
from web.figures import age_s, says_simulated
from web.histogram import Bin, bins, edges
from web.new_watches import watch_link

T = TypeVar("T")

_A_DAY = timedelta(days=1)
_NO_CURRENCY = "USD"  # of an event that nothing is known of yet

# What costs more than four thousand other offers nobody calls cheap, and looking at fifty thousand
# would hold up the page. Nearly always the first thousand are enough; so many are looked up in the
# index by their keys, for more at once Postgres would rather read the table.
MOST_LOOKED_AT, _LOOKED_AT_ONCE = 4_000, 1_000


class NoSuchEvent(LookupError):
    """Nobody has heard of an event with this id."""


class Asked(NamedTuple):
    """An event in one currency, as of one moment; and how it is read."""

    connection: Connection
    cursor: Cursor
    facts: Facts
    market: Market
    markets: list[Market]
    now: datetime


def reading(
    event_id: str, currency: str | None, now: datetime, read: Callable[[Asked], T]
) -> Callable[[Connection], T]:
    """What `Database.run` takes to read of an event; raises `NoSuchEvent` and `TooSlow` there."""

    def work(connection: Connection) -> T:
        with briefly(connection) as cursor:
            facts = event_facts.read_facts(cursor, event_id)
            if facts is None:
                raise NoSuchEvent(f"There is no event {event_id!r}.")
            markets = event_facts.read_markets(cursor, event_id)
            market = _market(markets, currency)
            return read(Asked(connection, cursor, facts, market, markets, now))

    return work


def figures(asked: Asked, prices: Summary) -> EventFigures:
    """The key figures."""
    event_id, currency = asked.facts.event_id, asked.market.currency
    day_ago = asked.market.lowest_day_ago
    change = change_between(prices.lowest, day_ago)
    sources = event_facts.read_sources(asked.cursor, event_id)
    return EventFigures(
        as_of=asked.now,
        event=asked.facts,
        days_to_event=days_to(asked.facts.event_date, asked.now),
        currency=currency,
        markets=asked.markets,
        sources=[_source(each, asked.now) for each in sources],
        prices=prices,
        lowest_day_ago=day_ago,
        change=change,
        trend=trend(prices, change),
        drops_in_a_day=event_facts.count_drops(
            asked.cursor, event_id, currency, asked.now - _A_DAY
        ),
    )


def standing(asked: Asked, *, cells: int = 0, cheapest: int = 0, gone: int = 0) -> Standing:
    """Its seats as a whole."""
    wanted = Wanted(cells=cells, cheapest=cheapest, gone=gone)
    return read_standing(asked.cursor, asked.facts.event_id, asked.market.currency, wanted)


def cheapest(asked: Asked, sizes: Iterable[int], keys: Sequence[bytes]) -> Cheapest:
    """The cheapest seats together, of those whose keys these are: the cheapest comes first."""
    event_id, currency = asked.facts.event_id, asked.market.currency
    wanted = tuple(sizes)
    places: list[Place] = []
    found: dict[int, Together] = {}
    for start in range(0, len(keys), _LOOKED_AT_ONCE):
        part = keys[start : start + _LOOKED_AT_ONCE]
        places += event_prices.read_places(asked.cursor, part)
        found = cheapest_together(places, wanted, asked.facts.venue)
        if len(found) == len(wanted):
            break
    lots = [_lot(found[size], asked.facts, currency) for size in wanted if size in found]
    return Cheapest(asked.now, event_id, currency, len(places), lots)


def seats(asked: Asked, wanted: SeatFilter, keys: Sequence[bytes] | None = None) -> SeatList:
    """A page of its seats; `keys` are those of its first seats, where they are known."""
    if keys is None:
        page = event_seats.read_seats(asked.cursor, wanted)
    else:
        page = event_seats.read_first(asked.cursor, wanted, keys)
    following = None if page.next is None else seat_cursor(page.next)
    shown = [seat_shown(each, wanted.state, asked.now) for each in page.seats]
    event_id, currency = asked.facts.event_id, asked.market.currency
    return SeatList(asked.now, event_id, currency, wanted.state, shown, following)


def summary(asked: Asked) -> Summary:
    """What the prices on sale add up to."""
    return event_prices.read_summary(asked.cursor, asked.facts.event_id, asked.market.currency)


def histogram(asked: Asked, prices: Summary) -> list[Bin]:
    """The prices on sale by steps."""
    steps = edges(prices)
    if not steps:
        return []
    event_id, currency = asked.facts.event_id, asked.market.currency
    counts = event_prices.count_between(asked.cursor, event_id, currency, steps)
    return bins(steps, counts, prices.highest)


def seat_shown(seat: SeatRow, state: event_seats.State, now: datetime) -> SeatShown:
    """A seat as it is told; what is gone was on sale until it was last seen."""
    until = now if state == "on_sale" else seat.last_seen_at
    values = {name: getattr(seat, name) for name in SeatRow.__struct_fields__}
    return SeatShown(
        **{**values, "listing_url": linkable(seat.listing_url)},
        change=change_between(seat.price, seat.first_price),
        on_sale_s=age_s(seat.first_seen_at, until),
    )


def _market(markets: list[Market], currency: str | None) -> Market:
    """The one that is asked for; an empty one where nothing is sold in that currency."""
    if currency is None and markets:
        return markets[0]
    named = currency or _NO_CURRENCY
    known = (market for market in markets if market.currency == named)
    return next(known, Market(named, 0, 0, None, 0, None))


def _source(seen: SourceSeen, now: datetime) -> SourceShown:
    return SourceShown(
        seen.source,
        seen.observations,
        seen.first_seen_at,
        seen.last_seen_at,
        age_s=age_s(seen.last_seen_at, now),
        simulated=says_simulated(seen.source),
    )


def _lot(lot: Together, facts: Facts, currency: str) -> LotShown:
    link = watch_link(
        facts.event_id, facts.event_name, seats=lot.seats, price=lot.price, currency=currency
    )
    places = [
        PlaceShown(
            each.source,
            each.section,
            each.row,
            each.seat,
            each.price,
            each.total_price,
            each.first_price,
            linkable(each.listing_url),
        )
        for each in lot.places
    ]
    return LotShown(lot.seats, lot.price, _with_fees(lot), _change(lot), places, link)


def _with_fees(lot: Together) -> Decimal | None:
    """A total of nothing is one that the source did not fill in."""
    totals = [each.total_price for each in lot.places if each.total_price]
    return max(totals) if len(totals) == len(lot.places) else None


def _change(lot: Together) -> Change | None:
    return change_of_sums(
        [each.price for each in lot.places], [each.first_price for each in lot.places]
    )
