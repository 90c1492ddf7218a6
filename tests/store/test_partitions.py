"""Monthly partitions: made when needed, by whoever comes first, for any believable month."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest

from conscope_app.store.engine import Connection, Database
from conscope_app.store.partitions import Month, MonthlyPartitions, has_partition
from conscope_app.store.tickets import HistoryWriter, translate_processed
from conscope_app.store.url import connect_arguments
from tests.store.ledgers import ASlab, Refusals, Tables, a_ledger, a_processed, a_record

postgres = pytest.mark.postgres

PARTITIONS = """
SELECT inhrelid::regclass::text, pg_get_expr(relpartbound, inhrelid) FROM pg_inherits
JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'price_history'::regclass ORDER BY 1
"""


@pytest.fixture
def no_partitions(tables: Tables) -> Iterator[None]:
    """A history that nothing was written to yet, before and after."""
    _drop_partitions(tables)
    yield
    _drop_partitions(tables)


def _drop_partitions(tables: Tables) -> None:
    for name, _ in tables.run(PARTITIONS):
        tables.run(f"DROP TABLE {name}")


def test_december_is_followed_by_january() -> None:
    """A month ends where the next begins, in UTC whatever the session's time zone."""
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2026, 1).next == Month(2026, 2)
    assert Month(987, 6).start == "0987-06-01 00:00:00+00"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(datetime(1899, 12, 31, 23, 59, tzinfo=UTC), False, id="before 1900"),
        pytest.param(datetime(1900, 1, 1, tzinfo=UTC), True, id="the first moment"),
        pytest.param(datetime(2100, 12, 31, 23, 59, tzinfo=UTC), True, id="the last minute"),
        pytest.param(datetime(2101, 1, 1, tzinfo=UTC), False, id="after 2100"),
    ],
)
def test_two_centuries_have_partitions(moment: datetime, expected: bool) -> None:
    """The calendar's other months are mistakes."""
    assert has_partition(moment) is expected


@postgres
async def test_a_batch_from_1900_to_2099_is_stored(
    database: Database, tables: Tables, no_partitions: None
) -> None:
    """An import may reach back decades; both ends of a month belong to it."""
    moments = [datetime(year, 1 + year % 12, 1, tzinfo=UTC) for year in range(1900, 2100)]
    moments += [datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    batch = [a_record(a_processed(n, timestamp=at), n) for n, at in enumerate(moments)]
    ledger = a_ledger(database)
    await ledger.open()

    await ledger.write(ASlab(0, len(batch)), translate_processed(batch))

    assert tables.offsets() == list(range(201))
    assert len(tables.run(PARTITIONS)) == 201
    ((where,),) = tables.run(
        "SELECT tableoid::regclass::text FROM price_history WHERE observed_at = %s", moments[-1]
    )
    assert where == "price_history_1999_12"


@postgres
async def test_creators_at_the_same_time_wait_for_each_other(
    store_url: str, tables: Tables, no_partitions: None
) -> None:
    """Four workers whose first batches need the same months all succeed."""
    moments = [datetime(2020 + n // 12, 1 + n % 12, 15, tzinfo=UTC) for n in range(40)]
    databases = [Database(store_url) for _ in range(4)]

    def create(nth: int) -> asyncio.Future[None]:
        partitions = MonthlyPartitions("price_history")
        mine = moments[nth * 5 :] + moments[: nth * 5]
        return asyncio.ensure_future(databases[nth].run(lambda c: partitions.ensure(c, mine)))

    await asyncio.gather(*(create(nth) for nth in range(4)))

    assert len(tables.run(PARTITIONS)) == 40
    for database in databases:
        await database.close()


@postgres
async def test_a_partition_that_was_dropped_is_made_again(
    database: Database, tables: Tables, no_partitions: None
) -> None:
    """Retention removes a month that we remember; a late price of it is nobody's fault."""
    refusals = Refusals()
    ledger = a_ledger(database, refusals, writer=HistoryWriter())
    await ledger.open()
    await ledger.write(ASlab(0, 1), translate_processed([a_record(a_processed(0))]))
    _drop_partitions(tables)

    await ledger.write(ASlab(1, 2), translate_processed([a_record(a_processed(1), 1)]))

    assert tables.offsets() == [1]
    assert refusals.taken == []


@postgres
async def test_a_long_query_does_not_hold_up_a_new_month(
    store_url: str, database: Database, tables: Tables, no_partitions: None
) -> None:
    """A page or a backup that reads the history neither waits for nor stops a new partition."""
    partitions = MonthlyPartitions("price_history")
    reader = psycopg2.connect(**connect_arguments(store_url, "tests"))
    reader.cursor().execute("SELECT count(*) FROM price_history")

    await asyncio.wait_for(
        database.run(lambda c: partitions.ensure(c, [datetime(2026, 11, 1, tzinfo=UTC)])), 10
    )

    assert [name for name, _ in tables.run(PARTITIONS)] == ["price_history_2026_11"]
    reader.close()


@postgres
async def test_known_months_ask_nothing(
    database: Database, tables: Tables, no_partitions: None
) -> None:
    """Most batches know all of their months: not even a transaction is opened."""
    partitions = MonthlyPartitions("price_history")
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 30)]
    await database.run(lambda c: partitions.ensure(c, moments))

    def ensure_again(connection: Connection) -> int:
        partitions.ensure(connection, moments)
        return connection.info.transaction_status

    status = await database.run(ensure_again)

    assert status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
