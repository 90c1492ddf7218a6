"""Pairs as they stand, and the trace of how they came to it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

from conscope_app.domains.tickets.matching.decisions import Reason
from conscope_app.domains.tickets.matching.groups import Link, Pair, State

# A rule's merge that was taken back, since what it was founded on is no longer so.
PARTED = "parted"

_OF_EVENTS = """
SELECT one, other, state, by_whom, reason, detail, names FROM event_match_pairs
WHERE one = ANY(%(ids)s) OR other = ANY(%(ids)s)
"""
_PUT = """
INSERT INTO event_match_pairs (one, other, state, by_whom, reason, detail, names, decided_at)
VALUES %s
ON CONFLICT (one, other) DO UPDATE SET state = excluded.state, by_whom = excluded.by_whom,
    reason = excluded.reason, detail = excluded.detail, names = excluded.names,
    decided_at = excluded.decided_at
"""
_FORGET = """
DELETE FROM event_match_pairs AS p USING (VALUES %s) AS gone (one, other)
WHERE p.one = gone.one AND p.other = gone.other
"""
_TELL = """
INSERT INTO event_match_trace (one, other, act, by_whom, reason, detail, names, at) VALUES %s
"""


class Standing(NamedTuple):
    """What a pair is at present. `by_whom`: the person who said so; None: the rules."""

    pair: Pair
    state: State
    by_whom: str | None
    reason: str
    detail: str
    names: float

    @property
    def link(self) -> Link:
        """As groups are made of it. What only its group speaks against would be merged."""
        held = self.by_whom is None and self.reason == Reason.GROUP
        state = State.MERGED if held else self.state
        return Link(self.pair, state, self.by_whom is not None, self.names)


def read_pairs(cursor: Cursor, ids: Collection[str]) -> dict[Pair, Standing]:
    """The pairs of some events."""
    cursor.execute(_OF_EVENTS, {"ids": list(ids)})
    found = (
        Standing(Pair(one, other), State(state), *rest)
        for one, other, state, *rest in cursor.fetchall()
    )
    return {each.pair: each for each in found}


def put_pairs(cursor: Cursor, standing: Iterable[Standing], now: datetime) -> None:
    """Keep what pairs are, and that they have become so."""
    rows = [(*each.pair, *each[1:], now) for each in standing]
    if rows:
        execute_values(cursor, _PUT, rows)
        execute_values(cursor, _TELL, rows)


def part_pairs(cursor: Cursor, standing: Iterable[Standing], now: datetime) -> None:
    """Forget pairs that are not even near any more; the trace says why."""
    rows = [(*each.pair, PARTED, *each[2:], now) for each in standing]
    if rows:
        execute_values(cursor, _FORGET, [row[:2] for row in rows])
        execute_values(cursor, _TELL, rows)
