"""What waits or was given up, read and revived on a real Postgres."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest

from conscope_app.alerting.outbox import Note
from conscope_app.store.deliveries import (
    Counted,
    Listed,
    NotTold,
    enable,
    known_channels,
    not_told,
    retry,
)
from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from tests.notify.alerts import NOON, alerts
from tests.store.postgres_outbox import CHANNEL, OutboxTables

pytestmark = pytest.mark.postgres


@pytest.fixture
def tables(database_url: str) -> Iterator[OutboxTables]:
    """Four alerts: the first was told, the second and third were given up, the fourth waits."""
    tables = OutboxTables(database_url)
    tables.clear()
    tables.add(alerts(4))
    tables.run("UPDATE deliveries SET created_at = %s", NOON)
    yield tables
    tables.clear()
    tables.close()


@pytest.fixture
async def database(database_url: str, tables: OutboxTables) -> AsyncIterator[Database]:
    database = Database(database_url, connections=2)
    outbox = PostgresOutbox(database)
    await outbox.take(CHANNEL, holder="one", lease_s=30, at_most=1, take_over_before=None)
    await outbox.note(CHANNEL, Note(sent=(1,), message_id="77"), holder="one", lease_s=30)
    for number in (2, 3):
        note = Note(dead=(number,), error="Discord answered 400")
        await outbox.note(CHANNEL, note, holder="one", lease_s=30)
    yield database
    await database.close()


async def read(database: Database, *statuses: str, limit: int = 50) -> NotTold:
    return await database.run(lambda connection: not_told(connection, statuses, limit))


def statuses(tables: OutboxTables) -> list[str]:
    return [status for (status,) in tables.run("SELECT status FROM deliveries ORDER BY id")]


async def test_what_was_not_told_is_listed_with_its_alert_and_error(database: Database) -> None:
    """In the order it waits in; what was told is not listed."""
    found = await read(database, "waiting", "dead")

    assert [each.id for each in found.listed] == [f"raw_prices-0-{n}" for n in (2, 3, 4)]
    assert found.listed[0] == Listed(
        id="raw_prices-0-2",
        channel=CHANNEL,
        status="dead",
        attempts=1,
        created_at=NOON,
        last_error="Discord answered 400",
        event_name="Taylor Swift",
        section="Floor A",
        row="5",
        seat="2",
        old_price=Decimal("100.00"),
        new_price=Decimal("80.00"),
        currency="USD",
    )
    assert found.counted == [Counted(CHANNEL, "dead", 2), Counted(CHANNEL, "waiting", 1)]
    assert found.switched_off == []


async def test_a_short_list_counts_all_the_same(database: Database) -> None:
    found = await read(database, "dead", limit=1)

    assert [each.id for each in found.listed] == ["raw_prices-0-2"]
    assert found.counted == [Counted(CHANNEL, "dead", 2)]


async def test_a_given_up_delivery_waits_again_and_the_outbox_hands_it_out(
    database: Database, tables: OutboxTables
) -> None:
    """Only the given-up ones of those that are named."""
    named = [f"raw_prices-0-{number}" for number in (1, 3, 4, 99)]
    retried = await database.run(lambda connection: retry(connection, named))

    assert retried == ["raw_prices-0-3"]
    assert statuses(tables) == ["sent", "dead", "waiting", "waiting"]
    outbox = PostgresOutbox(database)
    turn = await outbox.take(CHANNEL, holder="one", lease_s=30, at_most=9, take_over_before=None)
    assert [alert.delivery_id for alert in turn.waiting] == [3, 4]


async def test_all_given_up_deliveries_wait_again(database: Database, tables: OutboxTables) -> None:
    """A second time there are none."""
    retried = await database.run(lambda connection: retry(connection, None))

    assert sorted(retried) == ["raw_prices-0-2", "raw_prices-0-3"]
    assert statuses(tables) == ["sent", "waiting", "waiting", "waiting"]
    assert await database.run(lambda connection: retry(connection, None)) == []


async def test_a_channel_that_is_enabled_is_told_again(database: Database) -> None:
    """Once; the pause that it asked for is kept."""
    outbox = PostgresOutbox(database)
    off = Note(disable="abc Discord answered 404", blocked_until=NOON)
    await outbox.note(CHANNEL, off, holder="one", lease_s=30)
    [switched_off] = (await read(database, "dead")).switched_off
    assert (switched_off.channel, switched_off.disabled_reason) == (CHANNEL, off.disable)

    assert await database.run(lambda connection: enable(connection, CHANNEL))

    counts = await outbox.counts(CHANNEL)
    assert (counts.disabled_reason, counts.blocked_until) == (None, NOON)
    assert not await database.run(lambda connection: enable(connection, CHANNEL))
    assert (await read(database, "dead")).switched_off == []


async def test_a_channel_is_known_by_its_name(database: Database) -> None:
    assert not await database.run(lambda connection: enable(connection, "pigeons"))
    assert await database.run(known_channels) == [CHANNEL]
