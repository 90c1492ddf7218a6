"""New and changed events matched with all others: a look each minute, a tenth of a core."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

from conscope_app.core.clock import Clock, monotonic_s
from conscope_app.domains.tickets.matching.decisions import (
    RULES,
    Decision,
    Verdict,
    are_apart,
    decide,
)
from conscope_app.domains.tickets.matching.groups import Pair, State, pair_of
from conscope_app.domains.tickets.matching.index import Index, shows_of
from conscope_app.domains.tickets.matching.profiles import Profile, profile_of
from conscope_app.domains.tickets.matching.venues import Aliases
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.matches.events import Mark, read_events, read_marks
from conscope_app.store.matches.pairs import Standing, part_pairs, put_pairs, read_pairs
from conscope_app.store.matches.regrouping import Around, regroup
from conscope_app.store.matches.turns import take_turn

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
RETRY_S = 5.0
# As long as there is more to do, a look follows the other; each is followed by nine times as long a
# rest, so that it takes a tenth of a core at most.
LEAST_REST_S = 1.0
REST_SHARE = 9.0

# Of one look: less than half a second each, in which the worker's other threads run too.
READ_AT_ONCE = 2_000
COMPARED_AT_ONCE = 1_000
PAIRS_AT_ONCE = 30_000  # of 11 µs each; one event more may be begun

_STATES = {Verdict.MERGE: State.MERGED, Verdict.REVIEW: State.REVIEW}

_SEEN = """
INSERT INTO event_match_seen (event_id, fingerprint) VALUES %s
ON CONFLICT (event_id) DO UPDATE SET fingerprint = excluded.fingerprint
"""
_FORGET_SEEN = """
DELETE FROM event_match_seen AS s
WHERE NOT EXISTS (SELECT FROM unnest(%(ids)s::text[]) AS here WHERE here = s.event_id)
"""


class Looked(NamedTuple):
    """What one look did; `is_done`: nothing is left to do."""

    read: int
    compared: int
    is_done: bool


class EventMatching:
    """Matches events that are new, or that changed, with all that are not over.

    A look is one transaction, and no two write at once in the whole cluster: a kill anywhere loses
    and doubles nothing. What the rules merged they part again when the facts change (a date that
    was moved); what a person said stays.
    """

    def __init__(self, database: Database, *, aliases: Aliases, clock: Clock) -> None:
        self._database = database
        self.aliases = aliases
        self._clock = clock
        self._rules = f"{RULES} {aliases.digest}"
        self._index = Index()
        self._read: dict[str, str] = {}  # the fingerprints of what is in the index
        self._in_trouble = False

    async def run(
        self, sleep: Callable[[float], Awaitable[None]], ends: Callable[[], bool]
    ) -> None:
        """Look again and again, until it ends; a database that is away is waited for."""
        while not ends():
            began_s = monotonic_s()
            looked = await self._try_to_look()
            rest_s = max(LEAST_REST_S, REST_SHARE * (monotonic_s() - began_s))
            if looked is None:
                rest_s = RETRY_S
            elif looked.is_done:
                rest_s = max(LOOK_EVERY_S, rest_s)
            await sleep(rest_s)

    async def close(self) -> None:
        """Let go of the connection; what is not committed is undone."""
        await self._database.close()

    async def look(self) -> Looked:
        """Read what is new, then compare some of it. Raises what Postgres says."""
        return await self._database.run(self._look)

    async def _try_to_look(self) -> Looked | None:
        try:
            looked = await self.look()
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            if not self._in_trouble:
                logger.warning("events are not matched: %s", reason_of(error))
            self._in_trouble = True
            return None
        if self._in_trouble:
            logger.info("events are matched again")
        self._in_trouble = False
        return looked

    def _look(self, connection: Connection) -> Looked:
        with connection.cursor() as cursor:
            if not take_turn(cursor):
                return Looked(0, 0, is_done=True)
            now = self._clock()
            marks = read_marks(cursor, now, self._rules)
            read, is_whole = self._read_fresh(cursor, marks)
            if not is_whole:
                # What is not here yet would not be found, and nobody would look again.
                return Looked(read, 0, is_done=False)
            changed = [each for each, mark in marks.items() if mark.now != mark.compared]
            some = self._compare(cursor, changed[:COMPARED_AT_ONCE], marks, now)
            if some:
                execute_values(cursor, _SEEN, [(each, marks[each].now) for each in some])
                cursor.execute(_FORGET_SEEN, {"ids": list(marks)})
        return Looked(read, len(some), is_done=len(some) == len(changed))

    def _read_fresh(self, cursor: Cursor, marks: dict[str, Mark]) -> tuple[int, bool]:
        for gone in self._read.keys() - marks.keys():
            self._index.remove(gone)
            del self._read[gone]
        fresh = [each for each, mark in marks.items() if self._read.get(each) != mark.now]
        some = fresh[:READ_AT_ONCE]
        for event in read_events(cursor, some):
            self._index.add(profile_of(event, self.aliases))
        self._read |= {each: marks[each].now for each in some}
        return len(some), len(some) == len(fresh)

    def _compare(
        self, cursor: Cursor, ids: Sequence[str], marks: Mapping[str, Mark], now: datetime
    ) -> list[str]:
        """Compare the first of these, as many as there is time for, and keep what was found."""
        found: dict[Pair, Decision] = {}
        compared: list[str] = []
        until = self._index.compared + PAIRS_AT_ONCE
        for each in ids:
            if self._index.compared > until:
                break
            found |= self._found(each)
            compared.append(each)
        alone = self._alone_until_now(compared, marks)
        for each in alone:
            found |= self._found(each)
        self._keep(cursor, [*compared, *alone], found, now)
        return compared

    def _found(self, event_id: str) -> dict[Pair, Decision]:
        profile = self._index.get(event_id)
        if profile is None:
            return {}
        return {
            pair_of(event_id, other.event_id): decision
            for other, decision in self._index.matches(profile)
        }

    def _alone_until_now(self, ids: Iterable[str], marks: Mapping[str, Mark]) -> set[str]:
        """Those that were the only show of a day when they were compared, and are not any more.

        A second one makes a time that is not known say less of the first one.
        """
        profiles: list[Profile | None] = [self._index.get(each) for each in ids]
        shows = {show for each in profiles if each is not None for show in shows_of(each)}
        found: set[str] = set()
        for show in shows:
            there = self._index.shows_at(show)
            old = (each for each in there if marks[each].now == marks[each].compared)
            first_two = list(islice(old, 2))
            if len(first_two) == 1:
                found.update(first_two)
        return found

    def _keep(
        self,
        cursor: Cursor,
        looked_at: Sequence[str],
        found: Mapping[Pair, Decision],
        now: datetime,
    ) -> None:
        standing = read_pairs(cursor, looked_at)
        fresh = [
            new
            for pair, decision in found.items()
            if (new := _standing(pair, decision, standing.get(pair))) is not None
        ]
        parted = [
            old._replace(reason=decision.reason.value, detail=decision.detail)
            for pair, old in standing.items()
            if old.by_whom is None and pair not in found
            if (decision := self._decided(pair)) is not None
            if _STATES.get(decision.verdict) is not old.state  # else found no more among too many
        ]
        put_pairs(cursor, fresh, now)
        part_pairs(cursor, parted, now)
        touched = {each for new in (*fresh, *parted) for each in new.pair}
        if touched:
            regroup(cursor, Around(cursor, touched), self._are_apart, now)

    def _decided(self, pair: Pair) -> Decision | None:
        """None: one of them is over, and is left as it was."""
        one, other = self._index.get(pair.one), self._index.get(pair.other)
        if one is None or other is None:
            return None
        return decide(one, other, several_shows=True)

    def _are_apart(self, one: str, other: str) -> bool:
        mine, yours = self._index.get(one), self._index.get(other)
        return mine is not None and yours is not None and are_apart(mine, yours)


def _standing(pair: Pair, decision: Decision, former: Standing | None) -> Standing | None:
    """What the rules now say of a pair; None where that is nothing new, or a person has spoken."""
    reason, detail = decision.reason.value, decision.detail
    new = Standing(pair, _STATES[decision.verdict], None, reason, detail, decision.names)
    if former is None:
        return new
    if former.by_whom is not None:
        return None
    if new.state is State.MERGED and former.link.state is State.MERGED:
        return None  # merged already, or held by its group, which is looked at with the group
    return new if new != former else None
