"""The ledger: rows and position together, for one owner, whatever happens in between."""

import asyncio
from decimal import Decimal

import pytest

from conscope_app.core.positions import PositionMoved
from conscope_app.core.refusal import Refused
from conscope_app.store.engine import Database
from conscope_app.store.tickets import HistoryWriter, translate_processed
from tests.store.ledgers import (
    ARecord,
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


async def test_a_refused_row_is_found_among_two_thousand(
    database: Database, tables: Tables
) -> None:
    """One row at fault goes to the dead letters, and the other 1,999 are stored."""
    refusals = Refusals()
    ledger = a_ledger(database, refusals)
    await ledger.open()
    batch = records(0, 2000)
    batch[1234] = a_record(a_processed(1234, price=Decimal(13)), 1234)
    tables.run("ALTER TABLE price_history ADD CONSTRAINT unlucky CHECK (price <> 13)")

    try:
        await ledger.write(ASlab(0, 2000), translate_processed(batch))
    finally:
        tables.run("ALTER TABLE price_history DROP CONSTRAINT unlucky")

    assert refusals.offsets == [1234]
    assert "unlucky" in str(refusals.taken[0][1])
    assert tables.offsets() == [offset for offset in range(2000) if offset != 1234]
    assert tables.position() == 2000


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"seat": "1\x002"}, id="a NUL character"),
        pytest.param({"price": Decimal("1e200000")}, id="a number that no NUMERIC holds"),
        pytest.param({"quantity": 2**40}, id="a quantity that no integer holds"),
        pytest.param({"event_id": "".join(map(chr, range(0x4E00, 0x7E00)))}, id="too long a key"),
        pytest.param({"id": f"raw_prices-{2**40}-1"}, id="a partition that no integer holds"),
    ],
)
async def test_what_postgres_refuses_is_the_row_s_fault(
    database: Database, tables: Tables, changes: dict[str, object]
) -> None:
    """No content of a record can hold up its partition."""
    refusals = Refusals()
    ledger = a_ledger(database, refusals)
    await ledger.open()
    batch = [a_record(a_processed(0)), a_record(a_processed(1, **changes), 1)]

    await ledger.write(ASlab(0, 2), translate_processed(batch))

    assert refusals.offsets == [1]
    assert tables.offsets() == [0]
    assert tables.position() == 2


async def test_a_refusal_is_durable_before_the_position_passes_it(
    database: Database, tables: Tables
) -> None:
    """While the dead letter is being written, the slab is not done."""
    seen: list[int | None] = []

    class Watching(Refusals):
        async def __call__(self, record: object, error: Exception) -> None:
            seen.append(tables.position())

    ledger = a_ledger(database, Watching())
    await ledger.open()
    batch = [ARecord(0, b"{"), a_record(a_processed(1, seat="\x00"), 1), a_record(a_processed(2))]

    await ledger.write(ASlab(0, 3), translate_processed(batch))

    assert seen == [None, None]
    assert tables.position() == 3


async def test_unreadable_records_are_refused_with_their_reason(
    database: Database, tables: Tables
) -> None:
    """The record goes along, so that its bytes can be kept."""
    refusals = Refusals()
    ledger = a_ledger(database, refusals)
    await ledger.open()
    nonsense = ARecord(1, b"\xff\xfe")

    await ledger.write(ASlab(0, 2), translate_processed([a_record(a_processed(0)), nonsense]))

    ((record, error),) = refusals.taken
    assert record is nonsense
    assert isinstance(error, Refused)
    assert tables.offsets() == [0]


async def test_a_fault_of_ours_is_raised(database: Database, tables: Tables) -> None:
    """A missing table is nobody's record's fault: the worker must not go on."""

    class Misled(HistoryWriter):
        def write(self, cursor, rows) -> None:  # type: ignore[no-untyped-def]  # as its base
            cursor.execute("SELECT FROM no_such_table")

    refusals = Refusals()
    ledger = a_ledger(database, refusals, writer=Misled())
    await ledger.open()

    with pytest.raises(Exception, match="no_such_table"):
        await ledger.write(ASlab(0, 1), translate_processed(records(0, 1)))

    assert refusals.taken == []
    assert tables.position() is None


async def test_a_batch_refused_without_a_row_at_fault_is_raised(
    database: Database, tables: Tables
) -> None:
    """What only fails together is not thrown away, and not tried for ever."""
    tries: list[int] = []

    class Together(HistoryWriter):
        def write(self, cursor, rows) -> None:  # type: ignore[no-untyped-def]  # as its base
            tries.append(len(rows))
            if len(tries) % 2:  # every commit, but not the search that follows it
                cursor.execute("SELECT 1 / 0")

    refusals = Refusals()
    ledger = a_ledger(database, refusals, writer=Together(), together=None)
    await ledger.open()

    with pytest.raises(Exception, match="division by zero"):
        await ledger.write(ASlab(0, 2), translate_processed(records(0, 2)))

    assert refusals.taken == []
    assert tables.position() is None


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
