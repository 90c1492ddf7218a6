"""One transaction for what several ledgers hand in at about the same time."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.bisection import RowWriter
from conscope_app.store.engine import Connection, Database

RowT = TypeVar("RowT")

# Partitions are fetched together, and their slabs come back from the agent one after the other.
_GATHER_S = 0.005

# From some hundreds of rows on, a commit is a small part of what they cost.
_FEW_ROWS = 500
_MOST_ROWS = 5_000  # of a transaction: nobody waits long for the others'

# Nobody waits for another's lock either: some month that is being rebuilt, an earlier owner that
# was stopped in the middle of its write. Whoever goes alone has the patience of a connection.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '1s'"


class _Part(NamedTuple, Generic[RowT]):
    """What one ledger wants to have in the transaction, and who waits for its end."""

    key: tuple[str, str, int]
    rows: Sequence[RowT]
    move: Callable[[Cursor], None]
    done: "asyncio.Future[None]"


class GroupCommit(Generic[RowT]):
    """Commits the rows and positions of several partitions together: one transaction at a time.

    A commit costs the server and the disk as much for one row as for a thousand, and eight
    partitions with a trickle each would pay for it eight times. Whoever comes while a transaction
    is under way goes with the next one.
    """

    def __init__(self, database: Database, writer: RowWriter[RowT]) -> None:
        self._database = database
        self._writer = writer
        self._waiting: list[_Part[RowT]] = []
        self._turns: asyncio.Task[None] | None = None

    def takes(self, rows: Sequence[RowT]) -> bool:
        """Whether so few rows gain by company; many have their own transaction, beside others'."""
        return len(rows) <= _FEW_ROWS

    async def commit(
        self, key: tuple[str, str, int], rows: Sequence[RowT], move: Callable[[Cursor], None]
    ) -> None:
        """Write the rows and call `move`, in a transaction that others share; all or nothing.

        Returns when it is committed. Raises what the transaction ended with, to everybody who had
        a part in it, whoever was to blame: nothing is written then, unless the answer to the commit
        itself was lost. Cancelling gives up the answer, not the work.
        """
        part = _Part(key, rows, move, asyncio.get_running_loop().create_future())
        self._waiting.append(part)
        if self._turns is None:
            self._turns = asyncio.create_task(self._take_turns(), name="group commits")
        await part.done

    async def _take_turns(self) -> None:
        try:
            await asyncio.sleep(_GATHER_S)
            while self._waiting:
                await self._commit_together(self._next_parts())
        finally:
            self._turns = None
            _refuse(self._waiting, _ended())
            self._waiting.clear()

    def _next_parts(self) -> list[_Part[RowT]]:
        """Those that wait longest, as far as their rows go into one transaction."""
        parts: list[_Part[RowT]] = []
        size = 0
        while self._waiting and (not parts or size + len(self._waiting[0].rows) <= _MOST_ROWS):
            part = self._waiting.pop(0)
            if not part.done.done():  # nobody waits for one that was given up meanwhile
                parts.append(part)
                size += len(part.rows)
        # Two workers that hold the same positions, one of them no longer, lock them in one order.
        return sorted(parts, key=lambda part: part.key)

    async def _commit_together(self, parts: Sequence[_Part[RowT]]) -> None:
        def work(on: Connection) -> None:
            rows = [row for part in parts for row in part.rows]
            self._writer.prepare(on, rows)
            with on.cursor() as cursor:
                cursor.execute(_LOCK_TIMEOUT)
                if rows:
                    self._writer.write(cursor, rows)
                for part in parts:
                    part.move(cursor)

        if not parts:
            return
        try:
            await self._database.run(work)
        except asyncio.CancelledError:
            _refuse(parts, _ended())
            raise
        except Exception as error:  # noqa: BLE001 whoever waits is told, whatever it is
            _refuse(parts, error)
        else:
            for part in parts:
                if not part.done.done():
                    part.done.set_result(None)


def _refuse(parts: Iterable[_Part[RowT]], error: Exception) -> None:
    for part in parts:
        if not part.done.done():
            part.done.set_exception(error)


def _ended() -> Exception:
    """Not a cancellation: that would end who waits without a word."""
    return RuntimeError("nobody commits any more")
