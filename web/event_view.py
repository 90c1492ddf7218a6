"""All that the page of an event shows, as of one moment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from conscope_app.store.alerts.drops import Drop, newest_drops
from conscope_app.store.market import event_facts
from conscope_app.store.market.event_facts import Day
from conscope_app.store.market.event_seats import SeatFilter
from conscope_app.store.watches import definitions
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.told_episodes import Filter, ToldEpisode, list_episodes
from web import event_reading
from web.event_markets import read_sides
from web.event_markets_schema import Sides
from web.event_query import seats_asked
from web.event_reading import MOST_LOOKED_AT, Asked
from web.event_schema import Cheapest, EventFigures, SeatList
from web.heat import Heat, heat_table, sections_of
from web.histogram import Bar, bars

SIZES = (1, 2, 3, 4)
SEATS_SHOWN, GONE_SHOWN, ALERTS_SHOWN, WATCHES_SHOWN = 25, 8, 8, 8
_DAYS_SHOWN = 8
_MOST_CELLS = (
    2_000  # all that a table of 24 sections and 30 rows could show, and what it leaves out
)
_MOST_SECTIONS = 200  # in the form's list


class EventView(NamedTuple):
    """The page. `seats` are those that `wanted` asks for, `gone` the newest of those that are."""

    figures: EventFigures
    cheapest: Cheapest
    days: list[Day]
    bars: list[Bar]
    heat: Heat
    sections: list[str]
    wanted: SeatFilter
    seats: SeatList
    gone: SeatList
    drops: list[Drop]
    episodes: list[ToldEpisode]
    watches: list[Stored]
    sides: Sides


def view_of(asked: Asked, query: Mapping[str, str]) -> EventView:
    """Read the page; raises `Problem` for a query that means nothing."""
    connection, cursor = asked.connection, asked.cursor
    event_id, currency = asked.facts.event_id, asked.market.currency
    wanted = seats_asked(query, event_id, currency, SEATS_SHOWN)
    gone = seats_asked({"state": "gone"}, event_id, currency, GONE_SHOWN)
    now = event_reading.standing(
        asked, cells=_MOST_CELLS, cheapest=MOST_LOOKED_AT, gone=GONE_SHOWN + 1
    )
    is_plain = wanted == seats_asked({}, event_id, currency, SEATS_SHOWN)
    week_ago = asked.now - timedelta(days=_DAYS_SHOWN)
    return EventView(
        figures=event_reading.figures(asked, now.summary),
        cheapest=event_reading.cheapest(asked, SIZES, now.cheapest),
        days=event_facts.read_days(cursor, event_id, currency, week_ago, _DAYS_SHOWN),
        bars=bars(event_reading.histogram(asked, now.summary)),
        heat=heat_table(now.cells, asked.facts.venue),
        sections=sections_of(now.cells, asked.facts.venue)[:_MOST_SECTIONS],
        wanted=wanted,
        seats=event_reading.seats(asked, wanted, now.cheapest if is_plain else None),
        gone=event_reading.seats(asked, gone, now.gone),
        drops=newest_drops(cursor, event_id, ALERTS_SHOWN),
        # Of the same transaction: they settle on the moment that it has settled on.
        episodes=list_episodes(connection, Filter(subject=event_id, limit=ALERTS_SHOWN), asked.now),
        watches=definitions.list_watches(connection, subject=event_id, limit=WATCHES_SHOWN),
        sides=read_sides(cursor, event_id, asked.now),
    )
