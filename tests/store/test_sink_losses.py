"""The ledger counts what retention removed, once."""

import pytest

from conscope_app.core.positions import PositionMoved
from conscope_app.store.engine import Database
from conscope_app.store.tickets import HistoryWriter, translate_processed
from tests.store.ledgers import (
    ASlab,
    Tables,
    a_ledger,
    records,
)
from tests.store.wire import a_wire

pytestmark = pytest.mark.postgres


async def test_a_slab_may_start_later_where_retention_removed_records(
    database: Database, tables: Tables
) -> None:
    """The reader knows the log's beginning; the ledger follows it forward."""
    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(0, 5), translate_processed(records(0, 5)))

    await ledger.write(ASlab(90, 95), translate_processed(records(90, 95)))

    assert tables.position() == 95


async def test_what_a_slab_jumps_over_is_kept_with_the_position(
    database: Database, tables: Tables
) -> None:
    """It adds up, and whoever owns the partition next knows of it."""
    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(40, 45), translate_processed(records(40, 45)))
    assert (ledger.lost, tables.skipped()) == (0, 0)

    await ledger.write(ASlab(90, 95), translate_processed(records(90, 95)))
    await ledger.write(ASlab(100, 100), [])

    assert (ledger.lost, tables.skipped()) == (50, 50)
    after = a_ledger(database)
    assert await after.open() == 100
    assert after.lost == 50


async def test_a_loss_is_not_counted_while_the_position_stays(
    database: Database, tables: Tables
) -> None:
    """A write that fails leaves both as they were; the next one counts the loss once."""

    class Broken(HistoryWriter):
        def write(self, cursor, rows) -> None:  # type: ignore[no-untyped-def]  # as its base
            super().write(cursor, rows)
            cursor.execute("SELECT FROM no_such_table")

    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(0, 5), [])
    broken = a_ledger(database, writer=Broken())
    await broken.open()
    with pytest.raises(Exception, match="no_such_table"):
        await broken.write(ASlab(9, 10), translate_processed(records(9, 10)))
    assert (broken.lost, tables.skipped(), tables.position()) == (0, 0, 5)

    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(9, 10), translate_processed(records(9, 10)))

    assert (ledger.lost, tables.skipped(), tables.position()) == (4, 4, 10)


async def test_an_earlier_owner_counts_no_loss(database: Database, tables: Tables) -> None:
    """Who was overtaken changes neither the position nor what was lost."""
    earlier, owner = a_ledger(database), a_ledger(database)
    await earlier.open()
    await earlier.write(ASlab(0, 5), [])
    await owner.open()

    with pytest.raises(PositionMoved):
        await earlier.write(ASlab(50, 60), [])
    await owner.write(ASlab(8, 9), [])

    assert (tables.position(), tables.skipped()) == (9, 3)


async def test_a_commit_whose_answer_is_lost_counts_a_loss_once(
    store_url: str, database: Database, tables: Tables
) -> None:
    """The retry finds what it was about to write: position, loss and epoch."""
    async with a_wire(store_url) as wire:
        slow = Database(wire.url)
        ledger = a_ledger(slow)
        await ledger.open()
        await ledger.write(ASlab(0, 5), [])

        wire.lose_answer_to(b"COMMIT")
        await ledger.write(ASlab(25, 30), [])

        assert (ledger.lost, tables.skipped(), tables.position()) == (20, 20, 30)
        await slow.close()
