import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from conscope_app.core.clock import monotonic_s
from conscope_app.core.positions import PositionMoved
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


async def test_what_is_durable_is_told_of_and_nothing_else() -> None:
    """Not a slab whose write failed: it is read again, and told of then."""
    notebook, told = Notebook(position=10), list[int]()
    reader = reader_of(notebook, written=lambda records: told.extend(r.offset for r in records))
    await until(lambda: reader.running)
    notebook.fail_once = PositionMoved("somebody else has written")

    reader.take(a_claim(10, 12), reader.epoch)
    await until(lambda: notebook.openings == 2 and reader.running)
    assert told == []

    reader.take(a_claim(10, 12), reader.epoch)
    await until(lambda: reader.idle)
    assert told == notebook.written == [10, 11]
    await reader.close()


async def test_a_partition_never_read_starts_at_the_log() -> None:
    """Without a position the first offset that the log has is the start."""
    reader = reader_of(Notebook(), bounds=(4, 9))
    await until(lambda: reader.running)

    assert reader.claimed == reader.position == 4
    await reader.close()


async def test_a_partition_never_read_has_lost_nothing() -> None:
    """What was removed before anybody asked for it was nobody's."""
    reader = reader_of(Notebook(), bounds=(4, 9))
    await until(lambda: reader.running)

    assert reader.lost == 0
    await reader.close()


async def test_a_position_that_retention_passed_goes_on_at_the_log() -> None:
    """What was removed cannot be read; the claim begins where the log does."""
    reader = reader_of(Notebook(position=2), bounds=(5, 9))
    await until(lambda: reader.running)

    assert reader.claimed == 5
    await reader.close()


async def test_a_loss_is_told_when_it_is_found_and_kept_with_the_next_slab() -> None:
    """It is known before anything is written, and afterwards the ledger has it, once."""
    notebook = Notebook(position=2)
    reader = reader_of(notebook, bounds=(5, 9))
    await until(lambda: reader.running)
    assert (reader.lost, notebook.lost) == (3, 0)

    reader.take(a_claim(5, 7), reader.epoch)
    await until(lambda: reader.position == 7)

    assert (reader.lost, notebook.lost) == (3, 3)
    await reader.close()


async def test_a_loss_that_was_found_but_not_written_is_found_again_not_added() -> None:
    """Whoever is killed between finding it and writing it leaves the ledger as it was."""
    notebook = Notebook(position=2)
    for start in (5, 6):
        reader = reader_of(notebook, bounds=(start, 9))
        await until(lambda reader=reader: reader.running)  # type: ignore[misc]  # bound at once
        assert reader.lost == start - 2
        await reader.close()

    assert notebook.lost == 0


async def test_a_commit_whose_answer_was_lost_counts_a_loss_once() -> None:
    """The ledger has the loss already when it is opened again; what was found is forgotten."""

    class Deaf(Notebook):
        async def write(self, slab: Slab[Any], outcome: Any) -> None:
            await super().write(slab, outcome)
            if self.openings == 1:
                raise PositionMoved("no answer")

    notebook = Deaf(position=2)
    reader = reader_of(notebook, bounds=(5, 9))
    await until(lambda: reader.running)

    reader.take(a_claim(5, 7), reader.epoch)
    await until(lambda: notebook.openings == 2 and reader.running)

    assert (reader.lost, reader.position) == (3, 7)
    await reader.close()


async def test_a_quiet_partition_passes_what_never_held_a_record() -> None:
    """A marker that is removed one day must not be taken for a lost record."""
    notebook = Notebook(position=5)
    reader = reader_of(notebook, bounds=(0, 6), quiet_s=0)
    await until(lambda: reader.running)

    reader.fetch_from, reader.wants_seek = 6, False  # as the feed does when a fetch brings nothing
    await until(lambda: notebook.position == 6)

    assert (notebook.written, notebook.lost, reader.claimed) == ([], 0, 6)
    await reader.close()


async def test_a_quiet_partition_keeps_a_loss_without_a_slab() -> None:
    """It is durable even where nothing follows what was removed."""
    notebook = Notebook(position=2)
    reader = reader_of(notebook, bounds=(9, 9), quiet_s=0)
    await until(lambda: reader.running)

    reader.fetch_from, reader.wants_seek = 9, False
    await until(lambda: notebook.position == 9)

    assert (reader.lost, notebook.lost) == (7, 7)
    await reader.close()


async def test_a_quiet_partition_that_stands_where_the_ledger_says_writes_nothing() -> None:
    """Silence costs nothing."""
    notebook, desk = Notebook(position=5), Desk(keeps=True)
    reader = reader_of(notebook, desk, bounds=(0, 5), quiet_s=0)
    await until(lambda: reader.running)

    reader.fetch_from, reader.wants_seek = 5, False
    for _ in range(100):
        await asyncio.sleep(0)

    assert desk.held == []
    await reader.close()


async def test_a_write_without_an_answer_is_overdue_after_five_seconds() -> None:
    """It is said, but it is no excuse: the watchdog still sees a partition with work to do."""
    now_s = 100.0
    notebook = Notebook(position=0)
    notebook.gate.clear()
    reader = reader_of(notebook, monotonic=lambda: now_s)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 2), reader.epoch)
    await until(lambda: notebook.writing)

    def overdue_at(moment_s: float) -> float | None:
        nonlocal now_s
        now_s = moment_s
        return reader.overdue_s

    assert overdue_at(105.0) is None
    assert overdue_at(107.0) == 7.0
    assert not reader.waits

    notebook.gate.set()
    await until(lambda: reader.position == 2)
    assert reader.overdue_s is None
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


async def test_closing_takes_back_a_slab_that_the_agent_has_not_seen() -> None:
    """Nothing is written for it; its records are read again by the next owner."""
    notebook, desk = Notebook(position=0), Desk(keeps=True)
    reader = reader_of(notebook, desk)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 2), reader.epoch)
    await until(lambda: bool(desk.held))

    await reader.close()

    assert desk.held == []
    assert notebook.written == []


async def test_closing_finishes_the_slab_that_is_being_written() -> None:
    """A write that is under way is not cut off while the ledger is well."""
    notebook, desk = Notebook(position=0), Desk(keeps=True)
    notebook.gate.clear()
    reader = reader_of(notebook, desk)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 2), reader.epoch)
    await until(lambda: bool(desk.held))
    desk.held.pop().commit(None)
    await until(lambda: notebook.writing)

    closing = asyncio.create_task(reader.close())
    await asyncio.sleep(0)
    notebook.gate.set()
    await closing

    assert notebook.written == [0, 1]


async def test_a_late_answer_to_a_closed_reader_is_dropped() -> None:
    """Once the slab was given up, its answer changes nothing and harms nobody."""
    slab: Slab[Any] = Slab("t", 0, 0, 1, [], asyncio.get_running_loop().create_future())
    slab.outcome.cancel()

    slab.commit("too late")

    assert slab.outcome.cancelled()


async def test_a_full_partition_asks_for_no_more() -> None:
    """Fetching stops when three full slabs wait, so that memory is bounded."""
    desk = Desk(keeps=True)
    reader = reader_of(Notebook(position=0), desk)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 1), reader.epoch)
    await until(lambda: bool(desk.held))

    for start in range(1, 7, 2):
        reader.take(a_claim(start, start + 2), reader.epoch)

    assert not reader.has_room
    desk.held[0].commit(None)
    await until(lambda: len(desk.held) == 2)
    assert reader.has_room
    await reader.close()


async def test_what_waited_becomes_one_slab_up_to_its_size() -> None:
    """Small claims that arrive during a write are written together, in order."""
    desk = Desk(keeps=True)
    reader = reader_of(Notebook(position=0), desk)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 1), reader.epoch)
    await until(lambda: bool(desk.held))
    for start in range(1, 4):
        reader.take(a_claim(start, start + 1), reader.epoch)

    desk.held[0].commit(None)
    await until(lambda: len(desk.held) == 2)

    together = desk.held[1]
    assert (together.start, together.next_offset) == (1, 3)
    assert [record.offset for record in together.records] == [1, 2]
    await reader.close()


async def test_a_claim_that_does_not_follow_is_not_taken() -> None:
    """Records that were fetched and never arrived here are fetched again, those behind them too."""
    notebook = Notebook(position=0)
    reader = reader_of(notebook)
    await until(lambda: reader.running)
    reader.wants_seek = False

    reader.take(a_claim(2, 4), reader.epoch)

    assert reader.wants_seek
    assert reader.claimed == 0
    await reader.close()


async def test_a_claim_that_comes_twice_is_written_once() -> None:
    """The second one begins before what is claimed."""
    notebook = Notebook(position=0)
    reader = reader_of(notebook)
    await until(lambda: reader.running)

    reader.take(a_claim(0, 1), reader.epoch)
    reader.take(a_claim(0, 1), reader.epoch)
    reader.take(a_claim(1, 2), reader.epoch)
    await until(lambda: reader.position == 2)

    assert notebook.written == [0, 1]
    await reader.close()


@pytest.mark.parametrize(
    "lost", [pytest.param(0, id="the first that waits"), pytest.param(1, id="one in the middle")]
)
async def test_a_claim_that_vanishes_while_it_waits_leaves_no_hole(lost: int) -> None:
    """What follows the position is fetched again, and nothing behind a hole is written."""
    notebook, desk = Notebook(position=0), Desk(keeps=True)
    reader = reader_of(notebook, desk)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 1), reader.epoch)
    await until(lambda: bool(desk.held))
    for start in range(1, 4):
        reader.take(a_claim(start, start + 1), reader.epoch)
    stale = reader.epoch

    del reader._waiting[lost]
    desk.held.pop().commit(None)
    for _ in range(lost):
        await until(lambda: bool(desk.held))
        desk.held.pop().commit(None)
    await until(lambda: reader.epoch != stale)

    assert notebook.written == list(range(1 + lost))
    assert reader.claimed == 1 + lost
    assert reader.wants_seek
    await reader.close()


async def test_a_queue_that_vanishes_is_noticed_though_nothing_follows() -> None:
    """Where no more arrives, the quiet partition finds that it claimed what it never wrote."""
    notebook, desk = Notebook(position=0), Desk(keeps=True)
    reader = reader_of(notebook, desk, quiet_s=0.01)
    await until(lambda: reader.running)
    reader.take(a_claim(0, 1), reader.epoch)
    await until(lambda: bool(desk.held))
    reader.take(a_claim(1, 3), reader.epoch)
    reader.fetch_from, reader.wants_seek = 3, False

    reader._waiting.clear()
    desk.held.pop().commit(None)
    await until(lambda: reader.wants_seek)

    assert not desk.held
    assert reader.claimed == 1
    await reader.close()
