"""The ledger: rows and position together, for one owner, whatever happens in between."""

import asyncio

import pytest

from conscope_app.core.positions import PositionMoved
from conscope_app.store.engine import Database
from conscope_app.store.tickets import HistoryWriter, translate_processed
from tests.store.ledgers import (
    ASlab,
    Refusals,
    Tables,
    a_ledger,
    a_processed,
    a_record,
    records,
)
from tests.store.wire import a_wire

pytestmark = pytest.mark.postgres


async def test_a_partition_that_nobody_has_read_has_no_position(database: Database) -> None:
    """The reader then starts at the log's beginning."""
    assert await a_ledger(database).open() is None


async def test_rows_and_position_are_kept_together(database: Database, tables: Tables) -> None:
    """What was written is there, and opening again says where to go on."""
    ledger = a_ledger(database)
    await ledger.open()

    await ledger.write(ASlab(0, 12), translate_processed(records(0, 10)))

    assert tables.offsets() == list(range(10))
    assert await a_ledger(database).open() == 12


async def test_a_slab_without_records_moves_the_position(
    database: Database, tables: Tables
) -> None:
    """Offsets that only markers stood at are behind us too."""
    ledger = a_ledger(database)
    await ledger.open()

    await ledger.write(ASlab(0, 7), [])

    assert tables.position() == 7


async def test_writing_a_batch_twice_keeps_one_row_per_record(
    database: Database, tables: Tables
) -> None:
    """Even where the position was lost, a record has one row."""
    entries = translate_processed(records(0, 50))
    for _ in range(2):
        ledger = a_ledger(database)
        await ledger.open()
        await ledger.write(ASlab(0, 50), entries)
        tables.run("DELETE FROM sink_positions")

    assert tables.offsets() == list(range(50))


async def test_a_slab_that_was_written_is_not_written_again(
    database: Database, tables: Tables
) -> None:
    """Going backwards is never right: the reader is told to ask again."""
    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(0, 5), [])

    with pytest.raises(PositionMoved):
        await ledger.write(ASlab(3, 8), translate_processed(records(3, 8)))

    assert tables.offsets() == []
    assert tables.position() == 5


async def test_only_the_last_owner_writes(database: Database, tables: Tables) -> None:
    """Of three that took the partition over, two change nothing, whoever writes first."""
    ledgers = [a_ledger(database) for _ in range(3)]
    for ledger in ledgers:
        await ledger.open()

    for earlier in ledgers[:2]:
        with pytest.raises(PositionMoved):
            await earlier.write(ASlab(0, 10), translate_processed(records(0, 10)))
    await ledgers[2].write(ASlab(0, 12), translate_processed(records(2, 12)))

    assert tables.offsets() == list(range(2, 12))
    assert tables.position() == 12


async def test_racing_owners_lose_and_double_nothing(database: Database, tables: Tables) -> None:
    """Three owners that take over from each other all the time read every record once."""

    async def own(rounds: int) -> None:
        ledger = a_ledger(database)
        for _ in range(rounds):
            position = await ledger.open() or 0
            try:
                for start in range(position, position + 30, 10):
                    rows = translate_processed(records(start, start + 10))
                    await ledger.write(ASlab(start, start + 10), rows)
            except PositionMoved:
                continue

    await asyncio.gather(*(own(15) for _ in range(3)))

    assert tables.offsets() == list(range(tables.position() or 0))
    assert tables.offsets()


async def test_taking_over_waits_for_a_commit_under_way(
    store_url: str, database: Database, tables: Tables
) -> None:
    """After `open` has returned, the position cannot be moved by the owner before."""
    async with a_wire(store_url) as wire:
        slow = Database(wire.url)
        before, after = a_ledger(slow), a_ledger(database)
        await before.open()
        await before.write(ASlab(0, 5), translate_processed(records(0, 5)))
        commit = wire.hold(b"COMMIT")
        rows = translate_processed(records(5, 10))
        writing = asyncio.create_task(before.write(ASlab(5, 10), rows))
        await commit.reached.wait()
        opening = asyncio.create_task(after.open())
        await tables.until(
            "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()",
            rows=1,
        )
        commit.release.set()

        await writing
        assert await opening == 10
        await slow.close()


async def test_a_batch_too_wide_for_one_transaction_is_stored_in_parts(
    database: Database, tables: Tables
) -> None:
    """Where a batch touches more tables than there are locks, nothing of it is thrown away."""

    class Wide(HistoryWriter):
        def write(self, cursor, rows) -> None:  # type: ignore[no-untyped-def]  # as its base
            if len(rows) > 30:  # as Postgres says it after some thousand partitions
                cursor.execute(
                    "DO $$ BEGIN RAISE 'out of shared memory' USING ERRCODE=53200; END $$"
                )
            super().write(cursor, rows)

    refusals = Refusals()
    ledger = a_ledger(database, refusals, writer=Wide())
    await ledger.open()
    await ledger.write(ASlab(0, 0), [])
    batch = [*records(7, 100), a_record(a_processed(100, seat="\x00"), 100)]

    await ledger.write(ASlab(7, 101), translate_processed(batch))

    assert tables.offsets() == list(range(7, 100))
    assert refusals.offsets == [100]
    assert (tables.position(), tables.skipped()) == (101, 7)


async def test_cancelling_a_write_loses_nothing(database: Database, tables: Tables) -> None:
    """Whether or not the abandoned commit lands, the next owner goes on where it should."""
    written = 0
    for attempt in range(30):
        ledger = a_ledger(database)
        start = await ledger.open() or 0
        rows = translate_processed(records(start, start + 10))
        writing = asyncio.create_task(ledger.write(ASlab(start, start + 10), rows))
        for _ in range(attempt % 10):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait([writing])
        written += not writing.cancelled()

    position = await a_ledger(database).open() or 0
    assert tables.offsets() == list(range(position))
    assert position >= written * 10
