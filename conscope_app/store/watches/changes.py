"""What has happened to events, as it was stored, for those who try a watch with it."""

from collections.abc import Iterator
from heapq import merge
from operator import attrgetter
from typing import Any

import msgspec
from psycopg2 import extensions

from conscope_app.alerting.watches.control import happened_of
from conscope_app.alerting.watches.signals import Gone, Happened, Priced
from conscope_app.alerting.watches.watch import Watch
from conscope_app.domains.tickets.happenings import (
    HAPPENINGS,
    NAME,
    NEW,
    OLD,
    TIME_ZONE,
    happening_of,
)
from conscope_app.store.watches.history import Span, prices_in_order

_ROWS_AT_ONCE = 5_000

# The venue's zone is that of the newest look: venues do not move.
_IN_ORDER = """
SELECT c.event_id, c.source, c.kind, c.at, c.old_value, c.new_value, c.name,
    m.facts #>> '{venue,time_zone}'
FROM event_changes c LEFT JOIN market_now m USING (event_id, source)
WHERE c.at >= %(since)s AND c.at < %(until)s AND c.kind = ANY(%(kinds)s)
    AND (%(subjects)s::text[] IS NULL OR c.event_id = ANY(%(subjects)s::text[]))
ORDER BY c.at, c.id
"""


def signals_in_order(
    connection: extensions.connection, watch: Watch, span: Span, *, first_place: int
) -> Iterator[Priced | Gone | Happened]:
    """What there was within the span that a watch has to be told, in its order.

    Places count up. Needs a transaction of its own until the last one was read.
    """
    if not watch.when.happens:
        return prices_in_order(connection, span, first_place=first_place)
    prices = prices_in_order(connection, span) if watch.needs_prices else ()
    merged = merge(prices, happened_in_order(connection, span), key=attrgetter("recorded_at"))
    numbered = enumerate(merged, first_place)
    return (msgspec.structs.replace(signal, place=place) for place, signal in numbered)


def happened_in_order(connection: extensions.connection, span: Span) -> Iterator[Happened]:
    """All that happened within the span, read on as it is asked for; each at the place 0.

    It is taken as recorded when it was observed: nothing else is stored of it. Needs a transaction
    of its own until the last one was read.
    """
    values = {
        "subjects": None if span.subjects is None else list(span.subjects),
        "since": span.since,
        "until": span.until,
        "kinds": list(HAPPENINGS),
    }
    with connection.cursor("event changes") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(_IN_ORDER, values)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from map(_happened, rows)


def _happened(row: tuple[Any, ...]) -> Happened:
    event_id, source, kind, at, old, new, name, zone = row
    given = {OLD: old, NEW: new, NAME: name, TIME_ZONE: zone}
    details = {detail: text for detail, text in given.items() if text}
    happens = happening_of(event_id, source, kind, at, details)
    return happened_of(happens, place=0, recorded_at=at)
