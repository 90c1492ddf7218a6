"""One owned partition: open its ledger, then slab by slab through the agent."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from conscope_app.core.clock import monotonic_s
from conscope_app.core.positions import PositionMoved
from conscope_app.core.record import Record
from conscope_app.stream.claim import Claim, Pace, Partition
from conscope_app.stream.ending import EXIT_STAY_DOWN, end_process
from conscope_app.stream.ledger import Ledger
from conscope_app.stream.slab import Desk, Slab

logger = logging.getLogger(__name__)

# Full slabs fetched ahead for a partition: enough to keep it busy, few enough to bound memory.
MAX_SLABS_WAITING = 3

# A write that takes longer is said: the ledger itself gives up, and says why, only much later.
OVERDUE_AFTER_S = 5.0

# How long a doubt lasts where no more arrives: by then a broker has answered, even with nothing.
DOUBT_S = 2.0

# How long the end of an assignment waits for a write that is under way before abandoning it.
CLOSE_GRACE_S = 5.0


Bounds = Callable[[], Awaitable[tuple[int, int]]]
Written = Callable[[Sequence[Record]], None]


class PartitionReader:
    """Reads one partition for as long as one assignment lasts.

    The ledger says where to start; what was fetched before it said so is not ours. Anything that
    makes the position uncertain (a fence, a lost transaction) opens the ledger again, and what it
    says then is the truth. An unexpected error ends the process: nothing is kept that may be wrong.

    A position that the log no longer has is a loss: `lost` tells of it at once, and the ledger
    keeps it with the position that jumps over it. Until then each opening finds it anew, so that it
    is counted once, whoever is killed in between. A partition never read has lost nothing.

    `written` is told of each slab's records when what followed from them is durable.
    """

    def __init__(
        self,
        source: Partition,
        *,
        ledger: Ledger[Any],
        desk: Desk,
        log_bounds: Bounds,
        pace: Pace,
        reopen_after_s: float,
        written: Written = lambda _: None,
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self.source = source
        self.ledger = ledger
        self.running = False
        self.position: int | None = None  # next offset to process: what the ledger holds
        self.claimed: int = 0  # next offset to claim
        self.fetch_from: int = 0  # where the consumer stands if nobody moved it
        self.wants_seek = True
        self.epoch = 0  # counts the openings: what was fetched for an older one is dropped
        self._desk = desk
        self._log_bounds = log_bounds
        self._reopen_after_s = reopen_after_s
        self._pace = pace
        self._written = written
        self._monotonic = monotonic
        self._kept: int | None = None  # the position that the ledger is known to hold
        self._lost_unwritten = 0  # removed before it was read, and not yet in the ledger
        self._write_began_s: float | None = None
        self._doubted_s: float | None = None
        self._waiting: deque[Claim] = deque()
        self._records_waiting = 0
        self._arrived = asyncio.Event()
        self.steps = 0  # grows with everything that gets done: what the watchdog looks at
        self._slab: Slab[Any] | None = None
        self._closing = False
        self._task = asyncio.create_task(self._run(), name=f"{source.topic}-{source.partition}")

    @property
    def has_room(self) -> bool:
        """Whether more may be fetched for this partition."""
        most = MAX_SLABS_WAITING * self._pace.max_records
        return self.running and self._records_waiting < most

    @property
    def waits(self) -> bool:
        """Whether nothing is to be done: all is written, or the ledger waits and says why."""
        return self.idle or self.ledger.trouble is not None

    @property
    def idle(self) -> bool:
        """Whether all that was claimed is written."""
        return self.running and self._slab is None and self.claimed == self.position

    @property
    def lost(self) -> int:
        """Offsets that were removed before they were read, since the partition was first read."""
        return self.ledger.lost + self._lost_unwritten

    @property
    def overdue_s(self) -> float | None:
        """How long a write has been under way; None while it is not longer than it should be."""
        if self._write_began_s is None:
            return None
        waited_s = self._monotonic() - self._write_began_s
        return waited_s if waited_s > OVERDUE_AFTER_S else None

    def take(self, claim: Claim, epoch: int) -> None:
        """Queue a claim that follows the last one; anything else has to be fetched again."""
        if claim.start != self.claimed or epoch != self.epoch or not self.running:
            self.seek()
            return
        self.claimed = claim.next_offset
        self._waiting.append(claim)
        self._records_waiting += len(claim.records)
        self._arrived.set()

    def seek(self) -> None:
        """Fetch again from the first offset that is not claimed."""
        self.wants_seek = True

    def doubt(self) -> None:
        """The same, because what came may have a hole: it is believed only when it is certain."""
        self.wants_seek = True
        self._doubted_s = self._monotonic()

    def settle(self) -> None:
        """What was in doubt has been seen."""
        self._doubted_s = None

    @property
    def in_doubt(self) -> bool:
        """Whether a hole was suspected just now, and not looked into yet."""
        if self._doubted_s is None:
            return False
        return self._monotonic() - self._doubted_s < DOUBT_S

    async def close(self) -> None:
        """Finish the slab that is being written, or abandon it, and let go of the partition.

        An agent's answer is synchronous: a slab that has none yet is still on the desk, and is
        taken back. Its records are read again by whoever owns the partition next.
        """
        self._closing = True
        self.running = False
        if self._slab is not None and not self._slab.outcome.done():
            if not self._desk.take_back(self._slab):
                end_process(f"the agent of {self._name} took a slab and does not answer it")
        elif self._slab is not None and not self.ledger.trouble:
            await asyncio.wait([self._task], timeout=CLOSE_GRACE_S)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.ledger.close()

    @property
    def _name(self) -> str:
        return f"{self.source.topic}-{self.source.partition}"

    async def _run(self) -> None:
        try:
            while not self._closing:
                await self._open()
                try:
                    await self._work()
                except PositionMoved as moved:
                    logger.warning("%s: %s; reading its position again", self._name, moved)
                    self._forget()
                    await asyncio.sleep(self._reopen_after_s)
        except Exception as error:  # noqa: BLE001 whatever it is, this worker must not go on
            end_process(f"{self._name} failed: {error!r}", error=error)

    async def _open(self) -> None:
        self._kept = position = await self.ledger.open()
        self._lost_unwritten = 0  # how much it is now follows from both ends
        start, end = await self._log_bounds()
        if position is None:
            position = start
        if position > end:
            end_process(
                f"{self._name} was read up to {position}, but ends at {end}: the topic was made "
                "anew or lost its tail. Restore it, or see `faust -A conscope_app rebuild "
                "from-history` in docs/recovery.md",
                code=EXIT_STAY_DOWN,
            )
        self._lost_unwritten = max(0, start - position)
        if self._lost_unwritten:
            logger.critical(
                "%s: offsets %d to %d were removed before they were read",
                self._name,
                position,
                start - 1,
            )
            position = start
        self.position = self.claimed = position
        self.wants_seek = True
        self.running = True
        self.steps += 1

    def _forget(self) -> None:
        self.running = False
        self._slab = None
        self._drop_what_waits()

    def _claim_again(self, claim: Claim) -> None:
        """Whatever tore the chain of claims: what follows the position is fetched again."""
        logger.warning(
            "%s: a claim from %d does not follow %s", self._name, claim.start, self.position
        )
        assert self.position is not None, "opened before it works"
        self._drop_what_waits()
        self.claimed = self.position
        self.seek()

    def _drop_what_waits(self) -> None:
        self.epoch += 1
        self._waiting.clear()
        self._records_waiting = 0

    async def _work(self) -> None:
        while not self._closing:
            claim = await self._next_claim()
            assert self.position is not None, "opened before it works"
            if claim.start != self.position:
                self._claim_again(claim)
                continue
            slab: Slab[Any] = Slab(
                self.source.topic,
                self.source.partition,
                claim.start,
                claim.next_offset,
                claim.records,
                asyncio.get_running_loop().create_future(),
                getattr(self.ledger, "state", None),
            )
            self._slab = slab
            self._desk.hand_over(slab)
            await self._write(slab, await slab.outcome)
            self._slab = None
            self.position = self._kept = claim.next_offset
            self.steps += 1
            self._written(claim.records)

    async def _write(self, slab: Slab[Any], outcome: Any) -> None:
        self._write_began_s = self._monotonic()
        try:
            await self.ledger.write(slab, outcome)
        finally:
            self._write_began_s = None
        self._lost_unwritten = 0  # the ledger counts it now

    async def _next_claim(self) -> Claim:
        """What waits, as one claim up to a slab's size: the longer a write took, the more.

        Where nothing arrives for a while, a claim without records, if the ledger does not say yet
        where the consumer stands.
        """
        while not self._waiting:
            self._arrived.clear()
            # What arrives as the time runs out is there all the same, and comes first.
            if not await self._arrives() and not self._waiting and self._is_behind:
                return self._claim_nothing()
        claim = self._waiting.popleft()
        while (
            self._waiting
            and self._waiting[0].start == claim.next_offset
            and len(claim.records) + len(self._waiting[0].records) <= self._pace.max_records
        ):
            claim = claim.and_then(self._waiting.popleft())
        self._records_waiting -= len(claim.records)
        return claim

    async def _arrives(self) -> bool:
        """Whether something arrives while the partition would be called quiet."""
        try:
            async with asyncio.timeout(self._pace.quiet_s):
                return await self._arrived.wait()
        except TimeoutError:
            return False

    @property
    def _is_behind(self) -> bool:
        return not self.wants_seek and self.fetch_from != self._kept

    def _claim_nothing(self) -> Claim:
        start, self.claimed = self.claimed, self.fetch_from
        return Claim(start, self.claimed, [])
