"""What Postgres refuses is refused by itself, with its reason, and stops nothing else."""

from decimal import Decimal

import pytest

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

pytestmark = pytest.mark.postgres


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
