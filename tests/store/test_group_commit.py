"""Several partitions in one transaction: a commit for all, and nobody suffers for another."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import psycopg2
import pytest

from conscope_app.core.positions import PositionMoved
from conscope_app.store.engine import Database
from conscope_app.store.group_commit import GroupCommit
from conscope_app.store.sink import PostgresLedger
from conscope_app.store.tickets import HistoryWriter, translate_processed
from conscope_app.store.tickets.rows import HistoryRow
from conscope_app.store.url import connect_arguments
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

PARTITIONS = 8
SIZE = 10

TRANSACTIONS = "SELECT DISTINCT xmin::text FROM price_history"
POSITIONS = "SELECT partition, next_offset FROM sink_positions ORDER BY partition"

Ledgers = Sequence[PostgresLedger[HistoryRow]]


async def opened(database: Database, refusals: Refusals | None = None) -> Ledgers:
    """A ledger for each partition; all of them commit together."""
    writer = HistoryWriter()
    together = GroupCommit(database, writer)
    ledgers = [
        a_ledger(database, refusals, partition=partition, writer=writer, together=together)
        for partition in range(PARTITIONS)
    ]
    for ledger in ledgers:
        await ledger.open()
    return ledgers


def share_of(partition: int) -> list[ARecord]:
    """Records of its own for each partition."""
    return records(partition * SIZE, (partition + 1) * SIZE)


async def write_all(ledgers: Ledgers) -> None:
    """The first slab of every partition, all at the same time."""
    await asyncio.gather(*(write_one(ledger, place) for place, ledger in enumerate(ledgers)))


async def write_one(ledger: PostgresLedger[HistoryRow], place: int) -> None:
    await ledger.write(ASlab(0, SIZE), translate_processed(share_of(place)))


async def test_what_comes_together_is_committed_together(
    database: Database, tables: Tables
) -> None:
    """Eight partitions cost one transaction, and each has its position."""
    await write_all(await opened(database))

    assert tables.offsets() == list(range(PARTITIONS * SIZE))
    assert len(tables.run(TRANSACTIONS)) == 1
    assert tables.run(POSITIONS) == [(partition, SIZE) for partition in range(PARTITIONS)]


async def test_what_comes_later_goes_with_the_next_transaction(
    store_url: str, tables: Tables
) -> None:
    """While one is under way the others gather."""
    async with a_wire(store_url) as wire:
        slow = Database(wire.url)
        first, *others = await opened(slow)
        commit = wire.hold(b"COMMIT")
        writing = asyncio.create_task(write_one(first, 0))
        await commit.reached.wait()
        rest = [
            asyncio.create_task(write_one(ledger, place)) for place, ledger in enumerate(others, 1)
        ]
        commit.release.set()
        await asyncio.gather(writing, *rest)
        await slow.close()

    assert len(tables.run(TRANSACTIONS)) == 2
    assert tables.offsets() == list(range(PARTITIONS * SIZE))


async def test_a_row_at_fault_holds_up_no_other_partition(
    database: Database, tables: Tables
) -> None:
    """It goes to the dead letters; its neighbours and the other partitions are stored."""
    refusals = Refusals()
    ledgers = await opened(database, refusals)
    bad = a_record(a_processed(5, price=Decimal("1e200000")), 5)
    batch = [bad if record.offset == 5 else record for record in share_of(0)]

    await asyncio.gather(
        ledgers[0].write(ASlab(0, SIZE), translate_processed(batch)),
        *(write_one(ledger, place) for place, ledger in enumerate(ledgers) if place),
    )

    assert refusals.offsets == [5]
    assert tables.offsets() == [offset for offset in range(PARTITIONS * SIZE) if offset != 5]
    assert tables.run(POSITIONS) == [(partition, SIZE) for partition in range(PARTITIONS)]


async def test_who_lost_a_partition_holds_up_no_other(database: Database, tables: Tables) -> None:
    """Only the ledger that was overtaken is told so, and nothing of it is written."""
    ledgers = await opened(database)
    await a_ledger(database, partition=3).open()

    outcomes = await asyncio.gather(
        *(write_one(ledger, place) for place, ledger in enumerate(ledgers)), return_exceptions=True
    )

    overtaken = outcomes.pop(3)
    assert isinstance(overtaken, PositionMoved)
    assert outcomes == [None] * (PARTITIONS - 1)
    kept = [place for place in range(PARTITIONS) if place != 3]
    assert tables.offsets() == [record.offset for place in kept for record in share_of(place)]
    assert dict(tables.run(POSITIONS)) == dict.fromkeys(kept, SIZE) | {3: None}


async def test_a_locked_month_holds_up_no_other_partition(
    store_url: str, database: Database, tables: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    """While somebody rebuilds a table of one month, only who has rows of that month waits.

    Nobody says that the database is away: it is not.
    """
    ledgers = await opened(database)
    late = a_record(a_processed(5, timestamp=datetime(2020, 1, 15, tzinfo=UTC)), 5)
    makes_the_month = a_ledger(database, partition=PARTITIONS)
    await makes_the_month.open()
    await makes_the_month.fill_in(translate_processed([late]))
    tables.run("TRUNCATE price_history")

    with psycopg2.connect(**connect_arguments(store_url, "admin")) as admin:
        admin.cursor().execute("LOCK TABLE price_history_2020_01 IN ACCESS EXCLUSIVE MODE")
        held_up = asyncio.create_task(ledgers[0].write(ASlab(0, 6), translate_processed([late])))
        await asyncio.gather(
            *(write_one(ledger, place) for place, ledger in enumerate(ledgers) if place)
        )
        assert not held_up.done()
        admin.commit()
        await held_up
    admin.close()

    assert tables.offsets() == [5, *range(SIZE, PARTITIONS * SIZE)]
    assert "waits for" not in caplog.text


async def test_who_gave_up_while_waiting_has_no_part_in_it(
    store_url: str, database: Database, tables: Tables
) -> None:
    """A partition that went away before its turn is not written, and nobody else waits for it."""
    async with a_wire(store_url) as wire:
        slow = Database(wire.url)
        ledgers = await opened(slow)
        commit = wire.hold(b"COMMIT")
        first = asyncio.create_task(write_one(ledgers[0], 0))
        await commit.reached.wait()
        given_up = asyncio.create_task(write_one(ledgers[1], 1))
        last = asyncio.create_task(write_one(ledgers[2], 2))
        await asyncio.sleep(0)  # both have asked
        given_up.cancel()
        commit.release.set()
        await asyncio.gather(first, last)
        await slow.close()

    assert given_up.cancelled()
    assert tables.offsets() == [record.offset for place in (0, 2) for record in share_of(place)]
    assert await a_ledger(database, partition=1).open() is None


@pytest.mark.parametrize("moment", [b"COPY", b"UPDATE sink_positions", b"COMMIT"])
async def test_a_connection_that_breaks_loses_and_doubles_nothing(
    moment: bytes, store_url: str, tables: Tables
) -> None:
    """All partitions that shared the transaction write again, whether or not it landed."""
    async with a_wire(store_url) as wire:
        away = Database(wire.url)
        ledgers = await opened(away)
        wire.lose_answer_to(moment)

        await write_all(ledgers)

        assert tables.offsets() == list(range(PARTITIONS * SIZE))
        assert tables.run(POSITIONS) == [(partition, SIZE) for partition in range(PARTITIONS)]
        assert [ledger.trouble for ledger in ledgers] == [None] * PARTITIONS
        await away.close()


async def test_a_large_slab_has_a_transaction_of_its_own(
    database: Database, tables: Tables
) -> None:
    """It gains nothing by company, and nobody waits for its rows."""
    ledgers = await opened(database)
    many = records(1000, 2000)

    await asyncio.gather(
        ledgers[0].write(ASlab(0, 2000), translate_processed(many)),
        write_one(ledgers[1], 1),
    )

    assert len(tables.run(TRANSACTIONS)) == 2
    assert tables.offsets() == [*range(SIZE, 2 * SIZE), *range(1000, 2000)]
