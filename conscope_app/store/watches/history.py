"""The stored history as watches see it: the newest price of each seat, and all prices in order."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import msgspec
from psycopg2 import extensions

from conscope_app.alerting.watches.signals import Gone, Priced
from conscope_app.core.ids import RecordId
from conscope_app.domains.tickets.records import ProcessedPrice
from conscope_app.domains.tickets.watched import Offered, signal_of
from conscope_app.store.tickets.identity import listing_of

_ROWS_AT_ONCE = 5_000

# By which time prices are replayed: when they were recorded, as the live system takes them; or
# when they were observed, for a history that was imported all at once.
By = Literal["recorded", "observed"]

# Where the fields of the records stand. An event has the name, venue and date of its newest price.
_COLUMNS = {
    "event_id": "h.event_id",
    "event_name": "e.event_name",
    "venue": "e.venue",
    "event_date": "e.event_date",
    "timestamp": "h.observed_at",
}
_OFFERED = Offered.__struct_fields__
_PROCESSED = tuple(name for name in ProcessedPrice.__struct_fields__ if name != "id")

_ABOUT = "(%(subjects)s::text[] IS NULL OR h.event_id = ANY(%(subjects)s::text[]))"
_SEATS = f'h.event_id, h.source, h.section, h."row", h.seat, {listing_of("h.")}'


def _columns(names: Collection[str]) -> str:
    return ", ".join(_COLUMNS.get(name, f'h."{name}"') for name in names)


_IN_ORDER = f"""
SELECT h.{{by}}_at, {{columns}}
FROM price_history h JOIN events e ON e.event_id = h.event_id
WHERE h.{{by}}_at >= %(since)s AND h.{{by}}_at < %(until)s AND {_ABOUT}
ORDER BY {{first}}h.{{by}}_at, h.raw_partition, h.raw_offset
"""  # noqa: S608 the names are written out above

# One that was late when it came never was the newest.
_NEWEST = f"""
SELECT {{read}}, {{columns}}
FROM (
    SELECT DISTINCT ON ({_SEATS}) h.*
    FROM price_history h
    WHERE h.kind <> 'late' AND h.{{by}}_at >= %(since)s AND h.{{by}}_at < %(until)s AND {_ABOUT}
    ORDER BY {_SEATS}, h.recorded_at DESC, h.raw_offset DESC
) AS h JOIN events e ON e.event_id = h.event_id
ORDER BY h.{{by}}_at, h.raw_partition, h.raw_offset
"""  # noqa: S608 the names are written out above


class Span(NamedTuple):
    """Which part of the history: of these subjects (None: all), from a moment until another."""

    subjects: Collection[str] | None
    since: datetime
    until: datetime
    by: By = "recorded"


class Newest(NamedTuple):
    """The newest price of a seat as it was published, and when that was recorded."""

    price: ProcessedPrice
    recorded_at: datetime


class Described(msgspec.Struct, frozen=True):
    """What people call an event."""

    event_name: str
    venue: str
    event_date: str | None


def prices_in_order(
    connection: extensions.connection, span: Span, *, first_place: int = 0
) -> Iterator[Priced | Gone]:
    """Every price of the span in its order, read on as they are asked for.

    Their places count up; they are taken as recorded at the time that they are ordered by. Needs
    a transaction of its own until the last one was read.
    """
    query = _IN_ORDER.format(by=span.by, first="", columns=_columns(_OFFERED))
    return _signals(_read(connection, query, span), first_place)


def prices_by_subject(
    connection: extensions.connection, span: Span
) -> Iterator[tuple[str, Iterator[Priced | Gone]]]:
    """The same, one subject after the other; what is left of one is lost with the next."""
    query = _IN_ORDER.format(by=span.by, first="h.event_id, ", columns=_columns(_OFFERED))
    return groupby(_signals(_read(connection, query, span), 0), key=attrgetter("subject"))


def newest_signals(
    connection: extensions.connection, span: Span, *, first_place: int = 0
) -> list[Priced | Gone]:
    """The last price of each seat within the span, oldest first; of one that is gone, that.

    Their places count up.
    """
    query = _NEWEST.format(by=span.by, read=f"h.{span.by}_at", columns=_columns(_OFFERED))
    return [*_signals(_read(connection, query, span), first_place)]


def newest_prices(connection: extensions.connection, span: Span) -> Iterator[Newest]:
    """The last price of each seat within the span as it was published, oldest first.

    But for the event's name, venue and date, which are its newest.
    """
    read = "h.recorded_at, h.raw_partition, h.raw_offset"
    query = _NEWEST.format(by=span.by, read=read, columns=_columns(_PROCESSED))
    for recorded_at, partition, offset, *row in _read(connection, query, span):
        raw_id = str(RecordId("raw_prices", partition, offset))
        fields: dict[str, Any] = dict(zip(_PROCESSED, row, strict=True))
        yield Newest(ProcessedPrice(id=raw_id, **fields), recorded_at)


def describe(connection: extensions.connection, subjects: Collection[str]) -> dict[str, Described]:
    """What people call these events, those that are known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, event_name, venue, event_date FROM events WHERE event_id = ANY(%s)",
            (list(subjects),),
        )
        return {event_id: Described(*row) for event_id, *row in cursor.fetchall()}


def _read(connection: extensions.connection, query: str, span: Span) -> Iterator[tuple[Any, ...]]:
    values = {
        "subjects": None if span.subjects is None else list(span.subjects),
        "since": span.since,
        "until": span.until,
    }
    with connection.cursor("prices") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(query, values)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from rows


def _signals(rows: Iterator[tuple[Any, ...]], first_place: int) -> Iterator[Priced | Gone]:
    for place, (at, *row) in enumerate(rows, first_place):
        fields: dict[str, Any] = dict(zip(_OFFERED, row, strict=True))
        yield signal_of(Offered(**fields), place=place, recorded_at=at)
