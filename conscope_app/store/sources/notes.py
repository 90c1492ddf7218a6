"""What a poller notes: each request before it is sent, and what came of it once that is published.

All of it is written under the source's lease (`leases.keep`), or not at all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg2.extras import execute_values

from conscope_app.store.engine import Connection
from conscope_app.store.sources import leases
from conscope_app.store.sources.memories import EventRow, SpanRow, StateRow

# What another worker counted meanwhile is not counted down again.
_SPEND = """
    INSERT INTO source_usage AS u (source, hour, requests) VALUES (%s, %s, %s)
    ON CONFLICT (source, hour) DO UPDATE
    SET requests = greatest(u.requests + 1, excluded.requests)
"""

_STATE = """
    UPDATE sources SET key = %(key)s, barred = %(barred)s, breaker = %(breaker)s,
        failures = %(failures)s, openings = %(openings)s, blocked_until = %(blocked_until)s,
        trouble = %(trouble)s, closed_until = %(closed_until)s, answered_at = %(answered_at)s,
        health_since = CASE WHEN health IS DISTINCT FROM %(health)s THEN %(now)s
            ELSE health_since END,
        health = %(health)s, health_reason = %(health_reason)s, ill_since = %(ill_since)s,
        well_since = %(well_since)s, told_ill = %(told_ill)s,
        telling = %(telling)s, per_day = %(per_day)s,
        next_milestone_at = %(next_milestone_at)s
    WHERE source = %(source)s
"""

_EVENTS = """
    INSERT INTO source_events (source, event_id, starts_at, seen_at, asked_at, changed_at, digest,
        misses, standing) VALUES %s
    ON CONFLICT (source, event_id) DO UPDATE SET starts_at = excluded.starts_at,
        seen_at = excluded.seen_at, asked_at = excluded.asked_at,
        changed_at = excluded.changed_at, digest = excluded.digest, misses = excluded.misses,
        standing = excluded.standing
"""

_SPAN = """
    INSERT INTO source_spans (source, begins_at, ends_at, walked_at, pages, events)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, begins_at, ends_at) DO UPDATE SET walked_at = excluded.walked_at,
        pages = excluded.pages, events = excluded.events
"""

_VALIDATOR = """
    INSERT INTO source_validators (source, request, validator, noted_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (source, request) DO UPDATE SET validator = excluded.validator,
        noted_at = excluded.noted_at
"""

_REFUSAL = """
    INSERT INTO source_refusals (source, request, reason, refused_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (source, request) DO NOTHING
"""

_MISREAD = """
    INSERT INTO source_misreadings AS m (source, field, events, event_id, why, first_at, last_at)
    VALUES %s
    ON CONFLICT (source, field) DO UPDATE SET events = m.events + excluded.events,
        event_id = excluded.event_id, why = excluded.why, last_at = excluded.last_at
"""


class MisreadRow(NamedTuple):
    """A field of events that was refused, empty for whole events: how often, and the last case."""

    field: str
    events: int
    event_id: str | None
    why: str


class NoteRows(NamedTuple):
    """What one answer has changed."""

    events: Sequence[EventRow] = ()
    span: SpanRow | None = None
    validator: tuple[str, bytes] | None = None
    refusal: tuple[str, str] | None = None
    misread: Sequence[MisreadRow] = ()


def spend(connection: Connection, source: str, holder: str, hour: datetime, count: int) -> None:
    """Count a request before it is sent. Raises `LeaseLost`: then it must not be sent."""
    leases.keep(connection, source, holder)
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, (source, hour, count))


def note(
    connection: Connection, source: str, holder: str, state: StateRow, rows: NoteRows, now: datetime
) -> None:
    """Note what came of a request. Raises `LeaseLost`: then another asks the same again."""
    leases.keep(connection, source, holder)
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {**state._asdict(), "source": source, "now": now})
        if rows.events:
            # The last word on each, as a statement may change a row only once.
            last = {each.event_id: (source, *each) for each in rows.events}
            execute_values(cursor, _EVENTS, list(last.values()), page_size=1_000)
        if rows.span is not None:
            cursor.execute(_SPAN, (source, *rows.span))
        if rows.validator is not None:
            cursor.execute(_VALIDATOR, (source, *rows.validator, now))
        if rows.refusal is not None:
            cursor.execute(_REFUSAL, (source, *rows.refusal, now))
        if rows.misread:
            misread = [(source, *each, now, now) for each in rows.misread]
            execute_values(cursor, _MISREAD, misread)
