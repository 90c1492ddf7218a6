"""A ledger in Postgres: rows, and how far their partition was read, in one transaction."""

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from math import ldexp
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec
import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.core.positions import PositionMoved
from conscope_app.core.record import Record
from conscope_app.core.refusal import Refused
from conscope_app.store.bisection import RowWriter, find_at_fault
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import is_away, is_cut_off, is_row_fault, is_too_wide, reason_of
from conscope_app.store.group_commit import GroupCommit

logger = logging.getLogger(__name__)

T = TypeVar("T")
RowT = TypeVar("RowT")

_FIRST_RETRY_S = 0.1
_LAST_RETRY_S = 5.0

# A batch that is refused although none of its rows is: once is a partition that was just dropped.
_MAX_UNEXPLAINED = 3

_TAKE_OVER = """
INSERT INTO sink_positions AS held (consumer_group, topic, partition, epoch) VALUES (%s, %s, %s, 1)
ON CONFLICT (consumer_group, topic, partition)
DO UPDATE SET epoch = held.epoch + 1, updated_at = now()
RETURNING next_offset, skipped, epoch
"""
_MOVE = """
UPDATE sink_positions SET next_offset = %s, skipped = %s, updated_at = now()
WHERE consumer_group = %s AND topic = %s AND partition = %s
  AND epoch = %s AND next_offset IS NOT DISTINCT FROM %s
"""
_POSITION = """
SELECT next_offset, skipped, epoch FROM sink_positions
WHERE consumer_group = %s AND topic = %s AND partition = %s
"""


class Entry(msgspec.Struct, Generic[RowT], frozen=True, gc=False):
    """What a record became: a row, or why it is refused."""

    record: Record
    row: RowT | Refused


class Position(NamedTuple):
    """How far a partition was read (None: not at all), and over how many offsets it jumped."""

    next_offset: int | None
    skipped: int = 0


class Claim(Protocol):
    """The part of a slab that a position needs."""

    @property
    def start(self) -> int: ...
    @property
    def next_offset(self) -> int: ...


Kept = tuple[Record, RowT]
Refuse = Callable[[Record, Exception], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


class PostgresLedger(Generic[RowT]):
    """Keeps the rows of one source partition and the offset that follows them, for one owner.

    Guarantee: rows and position are committed together, or neither; opening counts up an epoch and
    waits for a commit that is under way, so that after it no earlier owner's write changes
    anything. A row that the database refuses goes to `refuse`, which returns when it is durable,
    before the position passes it; it may be refused again after a crash. A database that is away
    is retried for ever; `trouble` says so. What it raises otherwise is to end the worker. `written`
    is called after each commit, for who wants to look at once. With `together`, a small slab goes
    in one transaction with those of other partitions, and alone where that has failed.
    """

    def __init__(
        self,
        database: Database,
        *,
        group: str,
        topic: str,
        partition: int,
        writer: RowWriter[RowT],
        refuse: Refuse,
        together: GroupCommit[RowT] | None = None,
        written: Callable[[], None] = lambda: None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.trouble: str | None = None
        self._database = database
        self._key = (group, topic, partition)
        self._writer = writer
        self._refuse = refuse
        self._together = together
        self._written = written
        self._sleep = sleep
        self._epoch = 0
        self._position = Position(None)

    @property
    def lost(self) -> int:
        """Offsets that were removed before they were read, as last committed."""
        return self._position.skipped

    async def open(self) -> int | None:
        """Take the partition over. Returns the next offset to read; None if it was never read."""
        self._position, self._epoch = await self._until_answered(self._transaction(self._take_over))
        return self._position.next_offset

    async def write(self, slab: Claim, outcome: Sequence[Entry[RowT]]) -> None:
        """Keep the rows and the slab's `next_offset`, both or neither.

        A slab may start later than the last one ended, where retention removed what lay between,
        which is then `lost`, but never earlier.
        """
        position, skipped = self._position
        if position is None:
            position = slab.start
        if slab.start < position:
            raise PositionMoved(f"{slab.start} was written already, up to {position}")
        after = Position(slab.next_offset, skipped + slab.start - position)
        await self._store(await self._without_refused(outcome), after)
        self._position = after
        self._written()

    async def fill_in(self, outcome: Sequence[Entry[RowT]]) -> None:
        """Keep rows of records that lie before the position, which stays, under the same guard."""
        await self._store(await self._without_refused(outcome), self._position)

    async def _without_refused(self, outcome: Sequence[Entry[RowT]]) -> list[Kept[RowT]]:
        kept = []
        for entry in outcome:
            if isinstance(entry.row, Refused):
                await self._refuse(entry.record, entry.row)
            else:
                kept.append((entry.record, entry.row))
        return kept

    async def close(self) -> None:
        """Nothing to let go of: the connections belong to the database, which others share."""

    async def _store(self, kept: Sequence[Kept[RowT]], after: Position) -> None:
        if not await self._stored_together([row for _, row in kept], after):
            await self._store_alone(kept, after)

    async def _stored_together(self, rows: Sequence[RowT], after: Position) -> bool:
        """Whether rows and position went in one transaction with those of other partitions."""
        if self._together is None or not self._together.takes(rows):
            return False
        try:
            await self._together.commit(self._key, rows, partial(self._move, after=after))
        except (psycopg2.Error, UnicodeError, PositionMoved) as error:
            # It may be anybody's fault: who goes alone learns whose. But a server that was silent
            # once may be so once more, for as long again.
            if isinstance(error, psycopg2.Error) and is_cut_off(error):
                self._say(f"{self._database.where}: {reason_of(error)}")
            return False
        return True

    async def _store_alone(self, kept: Sequence[Kept[RowT]], after: Position) -> None:
        unexplained = 0
        while True:
            rows = [row for _, row in kept]
            try:
                await self._until_answered(
                    self._transaction(partial(self._commit, rows, after)),
                    may_be_split=len(rows) > 1,
                )
            except (psycopg2.Error, UnicodeError) as error:
                if is_too_wide(error):
                    # One transaction cannot touch that many partitions. In two, the first leaves
                    # the position where it is: should its rows be written again, nothing changes.
                    half = len(kept) // 2
                    await self._store_alone(kept[:half], self._position)
                    kept = kept[half:]
                    continue
                if not is_row_fault(error):
                    raise
                at_fault = await self._until_answered(
                    self._transaction(partial(find_at_fault, self._writer, rows))
                )
                unexplained += not at_fault
                if unexplained == _MAX_UNEXPLAINED:
                    raise
            else:
                return
            for place, reason in at_fault.items():
                await self._refuse(kept[place][0], reason)
            kept = [one for place, one in enumerate(kept) if place not in at_fault]

    def _commit(self, rows: Sequence[RowT], after: Position, on: Connection) -> None:
        self._writer.prepare(on, rows)
        with on.cursor() as cursor:
            if rows:
                self._writer.write(cursor, rows)
            self._move(cursor, after)

    def _move(self, cursor: Cursor, after: Position) -> None:
        """Move the position from where we know it to be; raise where we are no longer its owner."""
        before = self._position.next_offset
        cursor.execute(_MOVE, (*after, *self._key, self._epoch, before))
        if cursor.rowcount == 1:
            return
        cursor.execute(_POSITION, self._key)
        found = cursor.fetchone()
        # Our own commit may have landed although its answer was lost.
        if found != (*after, self._epoch):
            raise PositionMoved(
                f"{self._key} is at (offset, skipped, epoch) {found}, "
                f"not {(*self._position, self._epoch)}"
            )

    def _take_over(self, on: Connection) -> tuple[Position, int]:
        with on.cursor() as cursor:
            cursor.execute(_TAKE_OVER, self._key)
            ((next_offset, skipped, epoch),) = cursor.fetchall()
        return Position(next_offset, skipped), epoch

    def _transaction(self, work: Callable[[Connection], T]) -> Callable[[], Awaitable[T]]:
        return partial(self._database.run, work)

    async def _until_answered(
        self, transaction: Callable[[], Awaitable[T]], *, may_be_split: bool = False
    ) -> T:
        """Run a transaction until the database answers, with pauses that grow and differ."""
        for attempt in itertools.count():
            try:
                answer = await transaction()
            except psycopg2.Error as error:
                if not is_away(error) or (may_be_split and is_too_wide(error)):
                    self._say(None)
                    raise
                self._say(f"{self._database.where}: {reason_of(error)}")
                await self._sleep(_pause_s(attempt))
            else:
                self._say(None)
                return answer
        raise AssertionError("counts for ever")

    def _say(self, trouble: str | None) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            _, topic, partition = self._key
            if trouble:
                logger.warning("%s-%s waits for %s", topic, partition, trouble)
            else:
                logger.info("%s-%s: the database answers again", topic, partition)


def _pause_s(attempt: int) -> float:
    longest = min(_LAST_RETRY_S, ldexp(_FIRST_RETRY_S, min(attempt, 10)))
    return random.uniform(longest / 2, longest)  # noqa: S311 spreads retries, hides nothing
