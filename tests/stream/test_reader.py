import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from conscope_app.core.positions import PositionMoved
from conscope_app.core.record import Record
from conscope_app.stream.reader import Claim, Partition, PartitionReader
from conscope_app.stream.slab import Slab
from tests.factories import a_record


class Notebook:
    """A ledger in memory, which can be told to fail."""

    state = None

    def __init__(self, position: int | None = None) -> None:
        self.trouble: str | None = None
        self.position = position
        self.written: list[int] = []
        self.openings = 0
        self.fail_once: Exception | None = None

    async def open(self) -> int | None:
        self.openings += 1
        return self.position

    async def write(self, slab: Slab[Any], outcome: Any) -> None:
        if self.fail_once is not None:
            error, self.fail_once = self.fail_once, None
            raise error
        self.written += [record.offset for record in slab.records]
        self.position = slab.next_offset

    async def close(self) -> None:
        pass


def answering(slab: Slab[Any]) -> None:
    slab.commit(None)


def reader_of(
    notebook: Notebook,
    hand_over: Callable[[Slab[Any]], None] = answering,
    bounds: tuple[int, int] = (0, 100),
) -> PartitionReader:
    async def log_bounds() -> tuple[int, int]:
        return bounds

    return PartitionReader(
        Partition("raw_prices", 0),
        ledger=notebook,
        hand_over=hand_over,
        log_bounds=log_bounds,
        reopen_after_s=0,
    )


def a_claim(start: int, end: int) -> Claim:
    records: Sequence[Record] = [a_record(at) for at in range(start, end)]
    return Claim(start, end, records)


async def until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not ask():  # noqa: ASYNC110 the reader has no event to wait for
            await asyncio.sleep(0)


async def test_claims_are_written_in_order_from_the_position() -> None:
    """The ledger says where to start; each claim is written before the next is handed over."""
    notebook = Notebook(position=10)
    reader = reader_of(notebook)
    await until(lambda: reader.running)

    reader.take(a_claim(10, 13), reader.epoch)
    reader.take(a_claim(13, 15), reader.epoch)
    await until(lambda: reader.position == 15)

    assert notebook.written == [10, 11, 12, 13, 14]
    await reader.close()


async def test_a_partition_never_read_starts_at_the_log() -> None:
    """Without a position the first offset that the log has is the start."""
    reader = reader_of(Notebook(), bounds=(4, 9))
    await until(lambda: reader.running)

    assert reader.claimed == reader.position == 4
    await reader.close()


async def test_a_position_that_retention_passed_goes_on_at_the_log() -> None:
    """What was removed cannot be read; the claim begins where the log does."""
    reader = reader_of(Notebook(position=2), bounds=(5, 9))
    await until(lambda: reader.running)

    assert reader.claimed == 5
    await reader.close()


async def test_a_moved_position_opens_the_ledger_again_and_drops_what_was_fetched() -> None:
    """What was fetched for the old opening is not written; the new opening says where to go on."""
    notebook = Notebook(position=0)
    notebook.fail_once = PositionMoved("fenced")
    reader = reader_of(notebook)
    await until(lambda: reader.running)
    stale = reader.epoch

    reader.take(a_claim(0, 2), stale)
    await until(lambda: reader.epoch != stale and reader.running)
    reader.take(a_claim(2, 4), stale)

    assert notebook.openings == 2
    assert notebook.written == []
    assert reader.claimed == 0
    assert reader.wants_seek
    await reader.close()


async def test_closing_finishes_the_slab_that_the_agent_holds() -> None:
    """An answer that comes while closing is still written."""
    held: list[Slab[Any]] = []
    notebook = Notebook(position=0)
    reader = reader_of(notebook, held.append)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 2), reader.epoch)
    await until(lambda: bool(held))

    closing = asyncio.create_task(reader.close())
    await asyncio.sleep(0)
    held[0].commit(None)
    await closing

    assert notebook.written == [0, 1]


async def test_a_late_answer_to_a_closed_reader_is_dropped() -> None:
    """Once the slab was given up, its answer changes nothing and harms nobody."""
    slab: Slab[Any] = Slab("t", 0, 0, 1, [], asyncio.get_running_loop().create_future())
    slab.outcome.cancel()

    slab.commit("too late")

    assert slab.outcome.cancelled()


async def test_a_full_partition_asks_for_no_more() -> None:
    """Fetching stops when three slabs wait, so that memory is bounded."""
    held: list[Slab[Any]] = []
    reader = reader_of(Notebook(position=0), held.append)
    await until(lambda: reader.running)

    for start in range(4):
        reader.take(a_claim(start, start + 1), reader.epoch)
        await asyncio.sleep(0)

    await until(lambda: bool(held))
    assert not reader.has_room
    held[0].commit(None)
    await until(lambda: len(held) == 2)
    assert reader.has_room
    held[1].commit(None)
    await until(lambda: len(held) == 3)
    held[2].commit(None)
    await until(lambda: len(held) == 4)
    held[3].commit(None)
    await reader.close()
