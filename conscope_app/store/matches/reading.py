"""Pairs with both their sides, for people; and who is one with an event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.matching.profiles import SourceEvent
from conscope_app.store.matches.events import read_events

StateName = Literal["review", "merged", "apart"]
Act = Literal["merged", "review", "apart", "parted"]

_PAIRS = """
SELECT p.one, p.other, p.state, p.by_whom, p.reason, p.detail, p.names, p.decided_at, m.group_id
FROM event_match_pairs AS p LEFT JOIN event_match_members AS m ON m.event_id = p.one
    AND m.group_id = (SELECT group_id FROM event_match_members WHERE event_id = p.other)
WHERE p.state = %(state)s AND (%(event_id)s IS NULL OR %(event_id)s IN (p.one, p.other))
    AND (%(at)s::timestamptz IS NULL
        OR (p.decided_at, p.one, p.other) < (%(at)s::timestamptz, %(one)s, %(other)s))
ORDER BY p.decided_at DESC, p.one DESC, p.other DESC
LIMIT %(limit)s
"""
_COUNTS = """
SELECT state, count(*) FROM (
    (SELECT state FROM event_match_pairs WHERE state = 'review' LIMIT %(most)s)
    UNION ALL (SELECT state FROM event_match_pairs WHERE state = 'merged' LIMIT %(most)s)
    UNION ALL (SELECT state FROM event_match_pairs WHERE state = 'apart' LIMIT %(most)s)
) AS counted GROUP BY state
"""
_MEMBERS = """
SELECT event_id FROM event_match_members
WHERE group_id = (SELECT group_id FROM event_match_members WHERE event_id = %(event_id)s)
ORDER BY joined_at, event_id
"""
_TRACE = """
SELECT one, other, act, by_whom, reason, detail, names, at FROM event_match_trace
WHERE one = %(event_id)s OR other = %(event_id)s
ORDER BY id DESC LIMIT %(limit)s
"""

# More of them nobody counts.
MOST_COUNTED = 10_000


class Side(msgspec.Struct, frozen=True):
    """An event as one source knows it. Fields that are null are not known."""

    event_id: str
    sources: list[str]
    name: str | None
    venue: str | None
    city: str | None
    local_date: str | None
    local_time: str | None
    starts_at: datetime | None
    url: str | None


class Match(msgspec.Struct, frozen=True):
    """Two events, and what they are to each other.

    `by_whom` is null where the rules said so; `names` is how alike they are, 0 to 100; `group_id`
    is that of the group in which both are.
    """

    one: Side
    other: Side
    state: StateName
    by_whom: str | None
    reason: str
    detail: str
    names: float
    decided_at: datetime
    group_id: str | None


class Step(msgspec.Struct, frozen=True):
    """Something that was decided of two events. `parted`: the rules took back what they said."""

    one: str
    other: str
    act: Act
    by_whom: str | None
    reason: str
    detail: str
    names: float
    at: datetime


class Position(NamedTuple):
    """Where a list of pairs goes on."""

    at: datetime
    one: str
    other: str


def read_matches(
    cursor: Cursor,
    state: StateName,
    limit: int,
    *,
    event_id: str | None = None,
    after: Position | None = None,
) -> list[Match]:
    """Pairs that are so at present, the one decided last first."""
    at, one, other = after or (None, None, None)
    values = {"state": state, "limit": limit, "event_id": event_id}
    cursor.execute(_PAIRS, {**values, "at": at, "one": one, "other": other})
    rows = cursor.fetchall()
    sides = _sides(cursor, {each for one, other, *_ in rows for each in (one, other)})
    return [Match(sides[one], sides[other], *rest) for one, other, *rest in rows]


def count_matches(cursor: Cursor) -> dict[str, int]:
    """How many pairs are so, up to `MOST_COUNTED` each."""
    cursor.execute(_COUNTS, {"most": MOST_COUNTED})
    return {"review": 0, "merged": 0, "apart": 0, **dict(cursor.fetchall())}


def members_of(cursor: Cursor, event_id: str) -> list[str]:
    """All events that are one with an event, itself among them; those known first at the front."""
    cursor.execute(_MEMBERS, {"event_id": event_id})
    return [each for (each,) in cursor.fetchall()] or [event_id]


def read_trace(cursor: Cursor, event_id: str, limit: int) -> list[Step]:
    """What was decided of an event, the last first."""
    cursor.execute(_TRACE, {"event_id": event_id, "limit": limit})
    return [Step(*row) for row in cursor.fetchall()]


def read_sides(cursor: Cursor, ids: Iterable[str]) -> list[Side]:
    """Events as their sources know them, in the order of the ids."""
    return list(_sides(cursor, ids).values())


def _sides(cursor: Cursor, ids: Iterable[str]) -> dict[str, Side]:
    wanted = list(ids)
    found = {event.event_id: event for event in read_events(cursor, wanted)}
    return {each: _side(each, found.get(each)) for each in wanted}


def _side(event_id: str, event: SourceEvent | None) -> Side:
    """An event that nobody knows any more keeps its id."""
    if event is None:
        return Side(event_id, [], None, None, None, None, None, None, None)
    facts = event.facts
    return Side(
        event_id=event_id,
        sources=sorted(event.sources),
        name=facts.name,
        venue=facts.venue.name,
        city=facts.venue.city,
        local_date=facts.local_date or event.date_text or None,
        local_time=facts.local_time,
        starts_at=facts.starts_at,
        url=facts.url,
    )
