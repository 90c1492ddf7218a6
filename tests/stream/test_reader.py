import asyncio
from typing import Any

from conscope_app.core.positions import PositionMoved
from conscope_app.stream.slab import Slab
from tests.stream.reader_desk import Desk, Notebook, a_claim, reader_of, until


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


async def test_a_quiet_partition_passes_what_never_held_a_record() -> None:
    """A marker that is removed one day must not be taken for a lost record."""
    notebook = Notebook(position=5)
    reader = reader_of(notebook, bounds=(0, 6), quiet_s=0)
    await until(lambda: reader.running)

    reader.fetch_from, reader.wants_seek = 6, False  # as the feed does when a fetch brings nothing
    await until(lambda: notebook.position == 6)

    assert (notebook.written, notebook.lost, reader.claimed) == ([], 0, 6)
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
