"""What sources say of events as a whole: now, over time, and what of it has changed."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.market import (
    Amount,
    Availability,
    Count,
    EventFacts,
    PriceBasis,
    Status,
)

# An event is known to a handful of sources; whoever sends made-up ones makes no page longer.
MOST_SOURCES = 50
# Snapshots that days are put together from: of a source that is asked each five minutes a week.
MOST_OF_DAYS = 2_000

_FIGURES = ("lowest", "median", "average", "highest", "listing_count", "availability")
_SAID = f"event_id, source, observed_at, status, currency, basis, {', '.join(_FIGURES)}, spoken"

_NOW = f"""
SELECT {_SAID}, facts::text FROM market_now WHERE event_id = ANY(%(ids)s)
ORDER BY array_position(%(ids)s, event_id), source LIMIT %(limit)s
"""  # noqa: S608 the names are written out above

_HISTORY = f"""
SELECT {_SAID}, raw_partition, raw_offset FROM market_history
WHERE event_id = %(event_id)s AND (%(source)s::text IS NULL OR source = %(source)s)
    AND (%(at)s::timestamptz IS NULL OR (observed_at <= %(at)s::timestamptz
        AND (observed_at, raw_partition, raw_offset) < (%(at)s, %(partition)s, %(offset)s)))
ORDER BY observed_at DESC, raw_partition DESC, raw_offset DESC LIMIT %(limit)s
"""  # noqa: S608 the names are written out above

# A source that names another currency or another kind of price begins a line of its own: the two
# are not comparable.
_DAYS = """
SELECT date_trunc('day', observed_at, 'UTC') AS day, event_id, source, currency, basis,
    min(lowest), (array_agg(median ORDER BY observed_at DESC) FILTER (WHERE median IS NOT NULL))[1]
FROM (
    SELECT h.* FROM unnest(%(ids)s) AS wanted (event_id) CROSS JOIN LATERAL (
        SELECT event_id, source, observed_at, currency, basis, lowest, median FROM market_history
        WHERE event_id = wanted.event_id AND observed_at >= %(since)s
        ORDER BY observed_at DESC LIMIT %(snapshots)s
    ) AS h
) AS read
WHERE lowest IS NOT NULL OR median IS NOT NULL
GROUP BY day, event_id, source, currency, basis
ORDER BY day DESC, source, event_id, currency, basis LIMIT %(limit)s
"""

_CHANGES = """
SELECT c.id, c.event_id, c.source, c.kind, c.because, c.old_value, c.new_value, c.name, c.at,
    (SELECT facts -> 'venue' ->> 'time_zone' FROM market_now AS n
        WHERE n.event_id = c.event_id AND n.source = c.source)
FROM unnest(%(ids)s) AS wanted (event_id) CROSS JOIN LATERAL (
    SELECT * FROM event_changes
    WHERE event_id = wanted.event_id AND (%(at)s::timestamptz IS NULL
        OR (at <= %(at)s::timestamptz AND (at, id) < (%(at)s, %(id)s)))
        AND (%(since)s::timestamptz IS NULL OR at BETWEEN %(since)s AND %(until)s)
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
    ORDER BY at DESC, id DESC LIMIT %(limit)s
) AS c
ORDER BY c.at DESC, c.id DESC LIMIT %(limit)s
"""

_SEATS = """
SELECT m.event_id, m.currency, m.sources, m.seats_on_sale, m.lowest, m.last_seen_at
FROM event_markets AS m
WHERE m.event_id = ANY(%(ids)s) AND m.seats_on_sale > 0 AND m.members IS NULL
ORDER BY array_position(%(ids)s, m.event_id), m.seats_on_sale DESC, m.currency LIMIT %(limit)s
"""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a source said at a moment. Of a figure that is `UNSET` it did not speak.

    A null is "none". Prices are in `currency`; what they hold is `basis`.
    """

    event_id: str
    source: str
    observed_at: datetime
    status: Status | None
    currency: str | None
    basis: PriceBasis | None
    lowest: Amount = UNSET
    median: Amount = UNSET
    average: Amount = UNSET
    highest: Amount = UNSET
    listing_count: Count = UNSET
    availability: Availability | msgspec.UnsetType | None = UNSET


class SourceMarket(NamedTuple):
    """The newest that a source said of an event, with its facts."""

    snapshot: Snapshot
    facts: EventFacts


class MarketDay(msgspec.Struct, frozen=True):
    """A day of UTC at a source: the lowest of its lowest prices, and the last of its medians."""

    start_at: datetime
    event_id: str
    source: str
    currency: str | None
    basis: PriceBasis | None
    lowest: Decimal | None
    median: Decimal | None


class EventChange(msgspec.Struct, frozen=True):
    """What changed of an event at a source, in the words of `ChangeKind` and `Because`."""

    id: str
    event_id: str
    source: str
    kind: str
    because: str
    old: str | None
    new: str | None
    name: str | None
    at: datetime
    time_zone: str | None


class SeatsOnSale(msgspec.Struct, frozen=True):
    """The single seats on sale of an event in a currency; `lowest` is without fees."""

    event_id: str
    currency: str
    sources: list[str]
    seats_on_sale: int
    lowest: Decimal | None
    last_seen_at: datetime


class Within(NamedTuple):
    """Only changes of these kinds, from a moment until another one."""

    since: datetime
    until: datetime
    kinds: Sequence[str]


class HistoryPlace(NamedTuple):
    """Behind which snapshot a list goes on."""

    at: datetime
    partition: int
    offset: int


class ChangePlace(NamedTuple):
    """Behind which change a list goes on."""

    at: datetime
    id: str


def read_now(cursor: Cursor, event_ids: Sequence[str]) -> list[SourceMarket]:
    """What each source says of these events now, in the order of the ids."""
    cursor.execute(_NOW, {"ids": list(event_ids), "limit": MOST_SOURCES})
    return [
        SourceMarket(_snapshot(row[:-1]), msgspec.json.decode(row[-1], type=EventFacts))
        for row in cursor.fetchall()
    ]


def read_history(
    cursor: Cursor, event_id: str, limit: int, *, source: str | None, after: HistoryPlace | None
) -> list[tuple[Snapshot, HistoryPlace]]:
    """Its snapshots, the newest first, each with its place."""
    at, partition, offset = after or (None, None, None)
    values = {"event_id": event_id, "source": source, "limit": limit}
    cursor.execute(_HISTORY, {**values, "at": at, "partition": partition, "offset": offset})
    found = [(_snapshot(row[:-2]), row[-2:]) for row in cursor.fetchall()]
    return [(snapshot, HistoryPlace(snapshot.observed_at, *place)) for snapshot, place in found]


def read_days(
    cursor: Cursor, event_ids: Sequence[str], since: datetime, limit: int
) -> list[MarketDay]:
    """How their prices were day by day since then, the newest day first."""
    values = {"ids": list(event_ids), "since": since, "limit": limit}
    cursor.execute(_DAYS, {**values, "snapshots": MOST_OF_DAYS})
    return [MarketDay(*row) for row in cursor.fetchall()]


def read_changes(
    cursor: Cursor,
    event_ids: Sequence[str],
    limit: int,
    after: ChangePlace | None = None,
    within: Within | None = None,
) -> list[EventChange]:
    """What changed of these events, the newest first."""
    at, identity = after or (None, None)
    values = {"ids": list(event_ids), "limit": limit, "at": at, "id": identity}
    since, until, kinds = within or (None, None, None)
    chosen = {"since": since, "until": until, "kinds": None if kinds is None else list(kinds)}
    cursor.execute(_CHANGES, {**values, **chosen})
    return [EventChange(*row) for row in cursor.fetchall()]


def read_seats_on_sale(cursor: Cursor, event_ids: Sequence[str]) -> list[SeatsOnSale]:
    """Of those of these events that single seats are known of, the seats by currency."""
    cursor.execute(_SEATS, {"ids": list(event_ids), "limit": MOST_SOURCES})
    return [SeatsOnSale(*row) for row in cursor.fetchall()]


def _snapshot(row: Sequence[Any]) -> Snapshot:
    event_id, source, observed_at, status, currency, basis, *figures, spoken = row
    said = {name: figure for name, figure in zip(_FIGURES, figures, strict=True) if name in spoken}
    return Snapshot(
        event_id=event_id,
        source=source,
        observed_at=observed_at,
        status=status,
        currency=currency,
        basis=basis,
        **said,
    )
