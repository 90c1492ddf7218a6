"""A reader of a partition under test: its ledger, and the desk of its agent."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from conscope_app.core.clock import monotonic_s
from conscope_app.core.record import Record
from conscope_app.stream.claim import Claim, Pace, Partition
from conscope_app.stream.reader import PartitionReader, Written
from conscope_app.stream.slab import Slab
from tests.factories import a_record


class Notebook:
    """A ledger in memory, which can be told to fail."""

    state = None

    def __init__(self, position: int | None = None) -> None:
        self.trouble: str | None = None
        self.position = position
        self.lost = 0
        self.written: list[int] = []
        self.openings = 0
        self.fail_once: Exception | None = None
        self.writing = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def open(self) -> int | None:
        self.openings += 1
        return self.position

    async def write(self, slab: Slab[Any], outcome: Any) -> None:
        if self.fail_once is not None:
            error, self.fail_once = self.fail_once, None
            raise error
        self.writing = True
        await self.gate.wait()
        self.written += [record.offset for record in slab.records]
        if self.position is not None:
            self.lost += slab.start - self.position
        self.position = slab.next_offset

    async def close(self) -> None:
        pass


class Desk:
    """Answers each slab at once, or keeps it for the test to answer."""

    def __init__(self, *, keeps: bool = False) -> None:
        self.held: list[Slab[Any]] = []
        self._keeps = keeps

    def hand_over(self, slab: Slab[Any]) -> None:
        if self._keeps:
            self.held.append(slab)
        else:
            slab.commit(None)

    def take_back(self, slab: Slab[Any]) -> bool:
        if slab not in self.held:
            return False
        self.held.remove(slab)
        return True


def reader_of(
    notebook: Notebook,
    desk: Desk | None = None,
    bounds: tuple[int, int] = (0, 100),
    *,
    quiet_s: float = 60,
    written: Written = lambda _: None,
    monotonic: Callable[[], float] = monotonic_s,
) -> PartitionReader:
    async def log_bounds() -> tuple[int, int]:
        return bounds

    return PartitionReader(
        Partition("raw_prices", 0),
        ledger=notebook,
        desk=desk or Desk(),
        log_bounds=log_bounds,
        pace=Pace(max_records=2, quiet_s=quiet_s),
        reopen_after_s=0,
        written=written,
        monotonic=monotonic,
    )


def a_claim(start: int, end: int) -> Claim:
    records: Sequence[Record] = [a_record(at) for at in range(start, end)]
    return Claim(start, end, records)


async def until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not ask():  # noqa: ASYNC110 the reader has no event to wait for
            await asyncio.sleep(0)
