"""What retention removed before it was read is counted, once."""

import asyncio
from typing import Any

from conscope_app.core.positions import PositionMoved
from conscope_app.stream.slab import Slab
from tests.stream.reader_desk import Desk, Notebook, a_claim, reader_of, until


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
