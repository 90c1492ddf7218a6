"""What a poller remembers of its source, read as a whole when it begins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from conscope_app.store.engine import Connection

# What is over is of no use to a poller; its usage is kept for the pages.
_FORGET = (
    """
    DELETE FROM source_events
    WHERE source = %(source)s AND (starts_at < %(now)s - interval '1 day'
        OR coalesce(seen_at, asked_at) < %(now)s - interval '30 days')
    """,
    "DELETE FROM source_spans WHERE source = %(source)s AND ends_at < %(now)s",
    """
    DELETE FROM source_validators
    WHERE source = %(source)s AND noted_at < %(now)s - interval '30 days'
    """,
    """
    DELETE FROM source_misreadings
    WHERE source = %(source)s AND last_at < %(now)s - interval '30 days'
    """,
    "DELETE FROM source_usage WHERE source = %(source)s AND hour < %(now)s - interval '90 days'",
)

_STATE = """
    SELECT key, barred, breaker, failures, openings, blocked_until, trouble, closed_until,
        answered_at, health, health_reason, ill_since, well_since, told_ill, telling,
        per_day, next_milestone_at
    FROM sources WHERE source = %(source)s
"""

_EVENTS = """
    SELECT event_id, starts_at, seen_at, asked_at, changed_at, digest, misses, standing
    FROM source_events WHERE source = %(source)s
"""

_SPANS = """
    SELECT begins_at, ends_at, walked_at, pages, events
    FROM source_spans WHERE source = %(source)s
"""

_USAGE = """
    SELECT hour, requests FROM source_usage
    WHERE source = %(source)s AND hour > %(now)s - interval '27 hours'
"""

_VALIDATORS = "SELECT request, validator FROM source_validators WHERE source = %(source)s"
# A watch about all events makes none of them more important than another.
_WATCHED = """
    SELECT DISTINCT subject FROM watches, unnest(subjects) AS subject WHERE deleted_at IS NULL
"""

_REFUSALS = "SELECT request FROM source_refusals WHERE source = %(source)s"


class StateRow(NamedTuple):
    """The source's own line."""

    key: str | None = None
    barred: str | None = None
    breaker: str = "closed"
    failures: int = 0
    openings: int = 0
    blocked_until: datetime | None = None
    trouble: str | None = None
    closed_until: datetime | None = None
    answered_at: datetime | None = None
    health: str | None = None
    health_reason: str | None = None
    ill_since: datetime | None = None
    well_since: datetime | None = None
    told_ill: bool = False
    telling: str | None = None
    per_day: int | None = None
    next_milestone_at: datetime | None = None


class EventRow(NamedTuple):
    """An event at the source."""

    event_id: str
    starts_at: datetime | None
    seen_at: datetime | None
    asked_at: datetime | None
    changed_at: datetime | None
    digest: bytes | None
    misses: int
    standing: str


class SpanRow(NamedTuple):
    """A walk through a span of the catalogue."""

    begins_at: datetime
    ends_at: datetime
    walked_at: datetime
    pages: int
    events: int


class MemoryRows(NamedTuple):
    """All of it."""

    state: StateRow
    events: Sequence[EventRow]
    spans: Sequence[SpanRow]
    usage: Mapping[datetime, int]
    validators: Mapping[str, bytes]
    refusals: Sequence[str]


def read_memory(connection: Connection, source: str, now: datetime) -> MemoryRows:
    """What is known of the source; what is too old to be of use is deleted."""
    values = {"source": source, "now": now}
    with connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, values)
        cursor.execute(_STATE, values)
        state = cursor.fetchone()
        cursor.execute(_EVENTS, values)
        events = [
            EventRow(*row)._replace(digest=None if row[5] is None else bytes(row[5]))
            for row in cursor.fetchall()
        ]
        cursor.execute(_SPANS, values)
        spans = [SpanRow(*row) for row in cursor.fetchall()]
        cursor.execute(_USAGE, values)
        usage = dict(cursor.fetchall())
        cursor.execute(_VALIDATORS, values)
        validators = {request: bytes(held) for request, held in cursor.fetchall()}
        cursor.execute(_REFUSALS, values)
        refusals = [request for (request,) in cursor.fetchall()]
    known = StateRow() if state is None else StateRow(*state)
    return MemoryRows(known, events, spans, usage, validators, refusals)


def read_watched(connection: Connection) -> frozenset[str]:
    """The events that somebody watches by their name."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCHED)
        return frozenset(event_id for (event_id,) in cursor.fetchall())
