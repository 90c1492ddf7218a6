"""Which claims a reader takes, and how many of them."""

import pytest

from tests.stream.reader_desk import Desk, Notebook, a_claim, reader_of, until


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
