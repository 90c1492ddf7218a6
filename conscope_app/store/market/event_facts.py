"""What an event is, which markets and sources it has, and how its prices went day by day."""

from datetime import datetime
from decimal import Decimal

import msgspec
from psycopg2 import extensions

# An event is sold in a handful of currencies by a handful of shops; whoever sends made-up ones
# does not make a page longer than this.
MOST_MARKETS, MOST_SOURCES = 20, 50

_FACTS = """
SELECT event_id, event_name, venue, event_date, first_seen_at, last_updated, is_priced
FROM events WHERE event_id = %(event_id)s
"""

_MARKETS = """
SELECT currency, seats_seen, seats_on_sale, lowest_day_ago, drops, last_drop_at
FROM event_markets WHERE event_id = %(event_id)s AND currency <> '' AND members IS NULL
ORDER BY seats_on_sale DESC, seats_seen DESC, currency
LIMIT %(limit)s
"""

_SOURCES = """
SELECT source, observations, first_seen_at, last_seen_at
FROM event_sources WHERE event_id = %(event_id)s
ORDER BY last_seen_at DESC, source
LIMIT %(limit)s
"""

_SPANS = """
FROM price_series r
JOIN price_spans p ON p.series = r.id AND p.minutes = %(minutes)s AND p.start_at >= %(since)s
WHERE r.event_id = %(event_id)s AND r.currency = %(currency)s AND r.scope = 'event'
"""
_DROPS = f"SELECT coalesce(sum(p.drops), 0)::bigint {_SPANS}"
_DAYS = f"""
SELECT p.start_at, p.lowest, p.median, p.highest, p.observations, p.drops {_SPANS}
ORDER BY p.start_at DESC
LIMIT %(limit)s
"""

_DROPS_SPAN_MINUTES, _DAY_MINUTES = 15, 1_440


class Facts(msgspec.Struct, frozen=True):
    """What an event is called, where and when it takes place, and since when it is known.

    `is_priced` says whether a seat's price ever came: else its sources only say sums.
    """

    event_id: str
    event_name: str
    venue: str
    event_date: str | None
    first_seen_at: datetime
    last_updated: datetime
    is_priced: bool


class Market(msgspec.Struct, frozen=True):
    """An event in one currency; `drops` are those of all time."""

    currency: str
    seats_seen: int
    seats_on_sale: int
    lowest_day_ago: Decimal | None
    drops: int
    last_drop_at: datetime | None


class SourceSeen(msgspec.Struct, frozen=True):
    """A source of an event, and when it last spoke of it."""

    source: str
    observations: int
    first_seen_at: datetime
    last_seen_at: datetime


class Day(msgspec.Struct, frozen=True):
    """What was seen of an event on a day of UTC; `median` is null until it has been counted."""

    start_at: datetime
    lowest: Decimal
    median: Decimal | None
    highest: Decimal
    observations: int
    drops: int


def read_facts(cursor: extensions.cursor, event_id: str) -> Facts | None:
    """What the event is, as its newest price or snapshot says; None: nobody has heard of it."""
    cursor.execute(_FACTS, {"event_id": event_id})
    rows = cursor.fetchall()
    return Facts(*rows[0]) if rows else None


def read_markets(cursor: extensions.cursor, event_id: str) -> list[Market]:
    """Its currencies, the one with most seats on sale first."""
    cursor.execute(_MARKETS, {"event_id": event_id, "limit": MOST_MARKETS})
    return [Market(*row) for row in cursor.fetchall()]


def read_sources(cursor: extensions.cursor, event_id: str) -> list[SourceSeen]:
    """Who sells it, the one that spoke of it last first."""
    cursor.execute(_SOURCES, {"event_id": event_id, "limit": MOST_SOURCES})
    return [SourceSeen(*row) for row in cursor.fetchall()]


def count_drops(cursor: extensions.cursor, event_id: str, currency: str, since: datetime) -> int:
    """How often a price fell since then, to a quarter of an hour."""
    values = {"event_id": event_id, "currency": currency, "since": since}
    cursor.execute(_DROPS, {**values, "minutes": _DROPS_SPAN_MINUTES})
    ((drops,),) = cursor.fetchall()
    return int(drops)


def read_days(
    cursor: extensions.cursor, event_id: str, currency: str, since: datetime, limit: int
) -> list[Day]:
    """What was seen of it since then, the newest day first."""
    values = {"event_id": event_id, "currency": currency, "since": since}
    cursor.execute(_DAYS, {**values, "minutes": _DAY_MINUTES, "limit": limit})
    return [Day(*row) for row in cursor.fetchall()]
