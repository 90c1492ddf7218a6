"""The roll-ups, kept up to date: a look each second or few, a tenth of the time at most."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg2

from conscope_app.core.clock import Clock, monotonic_s
from conscope_app.store.engine import Connection, Database
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.market.anew import empty
from conscope_app.store.market.behind import Behind, behind
from conscope_app.store.market.event_lines import refresh_stale, refresh_told, tell_of_fresh
from conscope_app.store.market.fresh import move_positions, prepare, read_fresh, take_turn
from conscope_app.store.market.quartiles import Quartiles
from conscope_app.store.market.seat_folding import fold_seats
from conscope_app.store.market.span_folding import fold_spans, prune_spans
from conscope_app.store.market.to_do import ToDo, to_do

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
LOOK_EVERY_S_IDLE = 5.0  # where this worker has stored nothing since, and there was nothing to do
RETRY_S = 1.0

# After a look it rests for nine times as long as that took: however much there is to do, it takes a
# tenth of a core in Postgres at most, and a fortieth while others have more to do than they manage.
REST_SHARE = 9.0
REST_SHARE_UNDER_PRESSURE = 39.0
MOST_REST_S = 60.0  # a look that took long once, as the server hung, is no reason to rest for long

# Rows of one transaction, which takes a second or two. Where nobody waits for the first of them,
# more: seats and spans that are seen several times in them are written once.
MOST_ROWS = 40_000
LEAST_ROWS = 500
ROWS_OF_ALL = 120_000

# Rows read again for quartiles, and lines brought up to date without news, in one look: a tenth of
# a second each. A fold comes first, and always has its turn.
COUNTED_ROWS = 40_000
STALE_LINES = 50
# Lines with news, and seats of their events. A line that has prices all the time is brought up to
# date every few seconds: each time all of its event's seats are read.
TOLD_LINES = 500
TOLD_SEATS = 50_000
TOLD_EVERY = timedelta(seconds=5)
STALE_AFTER = timedelta(minutes=4)


class Looked(NamedTuple):
    """What one look did."""

    folded: int  # rows of the history
    counted: int  # rows read again for quartiles
    refreshed: int  # lines of the overview that had no news


NOTHING = Looked(0, 0, 0)


class RollUps:
    """Folds the history into the roll-ups, each row once, while any number of others do the same.

    A look is a few transactions, of which each is whole in itself: what was folded is committed
    with the position behind it, so that a kill anywhere loses and doubles nothing. Whoever looks
    while another one writes leaves the turn to them.

    A line of the overview follows its event's news with the look that folds them, or, where they
    come all the time, five seconds after it did so last (longer where lines with news have more
    than `TOLD_SEATS` seats a look). Without news it is brought up to date every four to five
    minutes, as long as looks come each second and there are at most some ten thousand
    (`STALE_LINES` a look); so what follows from the time alone, the price of a day ago, is never
    older than that.

    `behind` is how far the roll-ups are behind, as of the last look.
    """

    def __init__(
        self,
        database: Database,
        *,
        partitions: int,
        clock: Clock,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self.behind = Behind(0, 0.0)
        self._database = database
        self._partitions = partitions
        self._clock = clock
        self._most_rows = most_rows
        self._rows = most_rows
        self._quartiles = Quartiles()
        self._in_trouble = False

    async def run(
        self,
        sleep: Callable[[float], Awaitable[None]],
        ends: Callable[[], bool],
        is_under_pressure: Callable[[], bool] = lambda: False,
        stored: Callable[[], object] = object,
    ) -> None:
        """Look again and again, until it ends; a database that is away is waited for.

        It rests longer for as long as others are said to be under pressure, and where there was
        nothing to do, as long as `stored` gives the same: what this worker has stored.
        """
        while not ends():
            began_s, began_at = monotonic_s(), stored()
            looked = await self._try_to_look()
            took_s = monotonic_s() - began_s
            if looked is None:
                await sleep(RETRY_S)
            else:
                await _rest_after(took_s, sleep, lambda: is_under_pressure() and not ends())
            idle_s = LOOK_EVERY_S
            while looked == NOTHING and stored() == began_at and not ends():
                if idle_s >= LOOK_EVERY_S_IDLE:
                    break
                await sleep(LOOK_EVERY_S)
                idle_s += LOOK_EVERY_S

    async def close(self) -> None:
        """Let go of the connection; what is not committed is undone."""
        await self._database.close()

    async def look(self) -> Looked:
        """Fold what is new, up to a number of rows; then count, and refresh what has no news.

        Raises what Postgres says; what was folded until then is committed.
        """
        self.behind, has = await self._database.run(self._ask)
        folded = counted = refreshed = 0
        if self.behind.rows:
            folded = await self.fold()
        if folded or has.has_news:
            await self.refresh(TOLD_EVERY)
        if folded or has.has_uncounted:
            counted = await self.count()
        if has.has_stale:
            refreshed = await self._database.run(self._refresh_stale)
        if folded:
            self.behind = await self.behind_now()
        return Looked(folded, counted, refreshed)

    async def fold(self) -> int:
        """Fold what is new, up to a number of rows. Returns of how many that was."""
        return await self._database.run(self._fold)

    async def refresh(self, every: timedelta = timedelta(0)) -> int:
        """Bring some lines with news up to date, each at most so often. Returns how many."""
        return await self._database.run(lambda connection: self._refresh_told(connection, every))

    async def count(self, rows: int = COUNTED_ROWS) -> int:
        """Count quartiles of spans of about so many rows. Returns of how many that was."""
        return await self._database.run(lambda connection: self._count(connection, rows))

    async def behind_now(self) -> Behind:
        """How far the roll-ups are behind at this moment."""
        return await self._database.run(self._behind)

    async def make_anew(self) -> int:
        """Empty the roll-ups and make them from all of the history, without any rest.

        Returns how many rows were folded here: workers that run may fold the others meanwhile.
        Killed, it leaves what is not folded yet to the workers, as new rows are.
        """
        await self._database.run(empty)
        folded, self._rows = 0, ROWS_OF_ALL
        while (await self.behind_now()).rows:
            several = await self._fold_or_fewer()
            folded += several
            if not several:
                await asyncio.sleep(RETRY_S)  # another one has the turn
        while await self.refresh():
            pass
        while await self.count():
            pass
        return folded

    async def empty(self) -> None:
        """Have them made anew by whoever looks next: the history changed before the positions."""
        await self._database.run(empty)

    async def _fold_or_fewer(self) -> int:
        while True:
            try:
                return await self.fold()
            except psycopg2.Error as error:
                # As when it looks: it may have been too much for the time that a statement has.
                if not is_away(error) or self._rows <= LEAST_ROWS:
                    raise
                self._rows = max(LEAST_ROWS, self._rows // 2)

    async def _try_to_look(self) -> Looked | None:
        """What was done; None where the database is away."""
        try:
            looked = await self.look()
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            # It may be that there was too much for the time that a statement has.
            self._rows = max(LEAST_ROWS, self._rows // 2)
            if not self._in_trouble:
                logger.warning("the market is not rolled up: %s", reason_of(error))
            self._in_trouble = True
            return None
        self._rows = min(self._most_rows, self._rows * 2)
        if self._in_trouble:
            logger.info("the market is rolled up again")
        self._in_trouble = False
        return looked

    def _fold(self, connection: Connection) -> int:
        now = self._clock()
        prepare(connection)
        with connection.cursor() as cursor:
            if not take_turn(cursor):
                return 0
            rows = read_fresh(cursor, self._partitions, max(1, self._rows // self._partitions))
            if rows:
                fold_seats(cursor)
                fold_spans(cursor, now)
                tell_of_fresh(cursor)
                move_positions(cursor)
        return rows

    def _count(self, connection: Connection, rows: int) -> int:
        with connection.cursor() as cursor:
            return self._quartiles.count(cursor, self._clock(), rows) if take_turn(cursor) else 0

    def _refresh_told(self, connection: Connection, every: timedelta) -> int:
        now = self._clock()
        prepare(connection)
        with connection.cursor() as cursor:
            if not take_turn(cursor):
                return 0
            return refresh_told(cursor, now, before=now - every, lines=TOLD_LINES, seats=TOLD_SEATS)

    def _refresh_stale(self, connection: Connection) -> int:
        now: datetime = self._clock()
        prepare(connection)
        with connection.cursor() as cursor:
            if not take_turn(cursor):
                return 0
            before = now - STALE_AFTER
            refreshed = refresh_stale(cursor, now, before=before, most=STALE_LINES)
            if refreshed:
                prune_spans(cursor, now)
        return refreshed

    def _ask(self, connection: Connection) -> tuple[Behind, ToDo]:
        now = self._clock()
        with connection.cursor() as cursor:
            found = behind(cursor, self._partitions, now)
            return found, to_do(cursor, before=now - STALE_AFTER)

    def _behind(self, connection: Connection) -> Behind:
        with connection.cursor() as cursor:
            return behind(cursor, self._partitions, self._clock())


async def _rest_after(
    took_s: float, sleep: Callable[[float], Awaitable[None]], is_wanted_longer: Callable[[], bool]
) -> None:
    """Rest after a look that took so long, and longer for as long as that is wanted."""
    rested_s = min(MOST_REST_S, max(LOOK_EVERY_S, REST_SHARE * took_s))
    await sleep(rested_s)
    longest_s = min(MOST_REST_S, REST_SHARE_UNDER_PRESSURE * took_s)
    while rested_s < longest_s and is_wanted_longer():
        await sleep(LOOK_EVERY_S)
        rested_s += LOOK_EVERY_S
