"""One owned partition: open its ledger, then slab by slab through the agent."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from conscope_app.core.positions import PositionMoved
from conscope_app.core.record import Record
from conscope_app.stream.ending import EXIT_STAY_DOWN, end_process
from conscope_app.stream.ledger import Ledger
from conscope_app.stream.slab import Desk, Slab

logger = logging.getLogger(__name__)

# Full slabs fetched ahead for a partition: enough to keep it busy, few enough to bound memory.
MAX_SLABS_WAITING = 3

# How long the end of an assignment waits for a write that is under way before abandoning it.
CLOSE_GRACE_S = 5.0


class Claim(NamedTuple):
    """Fetched records and the offsets [start, next_offset) that they stand for."""

    start: int
    next_offset: int
    records: Sequence[Record]

    def and_then(self, other: "Claim") -> "Claim":
        """This claim and the one that follows it, as one."""
        return Claim(self.start, other.next_offset, [*self.records, *other.records])


@dataclass(frozen=True)
class Pace:
    """How much a slab holds at most, and how long a partition rests between two of them."""

    max_records: int = 2000
    rest_s: float = 0.0


class Partition(NamedTuple):
    """A partition, as (topic, partition); equal to aiokafka's TopicPartition."""

    topic: str
    partition: int


Bounds = Callable[[], Awaitable[tuple[int, int]]]


class PartitionReader:
    """Reads one partition for as long as one assignment lasts.

    The ledger says where to start; what was fetched before it said so is not ours. Anything that
    makes the position uncertain (a fence, a lost transaction) opens the ledger again, and what it
    says then is the truth. An unexpected error ends the process: nothing is kept that may be wrong.
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
        """Whether all that was fetched is written."""
        return self.running and self._slab is None and not self._waiting

    def take(self, claim: Claim, epoch: int) -> None:
        """Queue fetched records, unless the ledger was opened anew since they were asked for."""
        if epoch == self.epoch and self.running:
            self.claimed = claim.next_offset
            self._waiting.append(claim)
            self._records_waiting += len(claim.records)
            self._arrived.set()

    def seek(self) -> None:
        """Fetch again from the first offset that is not claimed."""
        self.wants_seek = True

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
        position = await self.ledger.open()
        start, end = await self._log_bounds()
        if position is None:
            position = start
        if position > end:
            end_process(
                f"{self._name} was read up to {position}, but ends at {end}: the topic was made "
                "anew or lost its tail. Restore it, or start with a new database and data "
                "directory and without the old changelog",
                code=EXIT_STAY_DOWN,
            )
        if position < start:
            logger.critical(
                "%s: offsets %d to %d were removed by retention before they were read",
                self._name,
                position,
                start,
            )
            position = start
        self.position = self.claimed = position
        self.wants_seek = True
        self.running = True
        self.steps += 1

    def _forget(self) -> None:
        self.running = False
        self.epoch += 1
        self._slab = None
        self._waiting.clear()
        self._records_waiting = 0

    async def _work(self) -> None:
        while not self._closing:
            claim = await self._next_claim()
            assert self.position is not None, "opened before it works"
            if claim.start < self.position:
                raise RuntimeError(f"claim {claim.start} lies before position {self.position}")
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
            outcome = await slab.outcome
            await self.ledger.write(slab, outcome)
            self._slab = None
            self.position = claim.next_offset
            self.steps += 1
            if self._pace.rest_s:
                await asyncio.sleep(self._pace.rest_s)

    async def _next_claim(self) -> Claim:
        """What waits, as one claim up to a slab's size: the longer a write took, the more."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        claim = self._waiting.popleft()
        while (
            self._waiting
            and len(claim.records) + len(self._waiting[0].records) <= self._pace.max_records
        ):
            claim = claim.and_then(self._waiting.popleft())
        self._records_waiting -= len(claim.records)
        return claim
