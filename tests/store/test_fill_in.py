"""Rows of before the position, written again."""

import pytest

from conscope_app.core.positions import PositionMoved
from conscope_app.store.engine import Database
from conscope_app.store.tickets import translate_processed
from tests.store.ledgers import ARecord, ASlab, Refusals, Tables, a_ledger, records

pytestmark = pytest.mark.postgres


async def test_what_is_missing_comes_back_and_the_position_stays(
    database: Database, tables: Tables
) -> None:
    """Rows that are there are left alone; a second time changes nothing."""
    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(0, 6), translate_processed(records(0, 6)))
    tables.run("DELETE FROM price_history WHERE raw_offset IN (1, 2, 4)")

    for _ in range(2):
        await ledger.fill_in(translate_processed(records(0, 4)))

        assert tables.offsets() == [0, 1, 2, 3, 5]
        assert tables.position() == 6


async def test_who_has_lost_the_partition_writes_nothing(
    database: Database, tables: Tables
) -> None:
    """A worker that came alive goes on alone."""
    ledger = a_ledger(database)
    await ledger.open()
    await ledger.write(ASlab(0, 6), [])
    await a_ledger(database).open()

    with pytest.raises(PositionMoved):
        await ledger.fill_in(translate_processed(records(0, 4)))

    assert tables.offsets() == []


async def test_what_no_row_can_hold_is_refused_again(database: Database, tables: Tables) -> None:
    """Whoever is handed it knows whether it is kept already."""
    refusals = Refusals()
    ledger = a_ledger(database, refusals)
    await ledger.open()
    await ledger.write(ASlab(0, 3), [])

    await ledger.fill_in(translate_processed([*records(0, 1), ARecord(1, b"no JSON")]))

    assert (tables.offsets(), refusals.offsets) == ([0], [1])
