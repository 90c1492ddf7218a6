"""What of the outbox only Postgres can show."""

import asyncio

import pytest

from conscope_app.alerting.outbox import Note, OutboxAway
from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from tests.notify.alerts import NOON, alerts
from tests.store.outbox.kept import SECOND
from tests.store.postgres_outbox import CHANNEL, OutboxTables


@pytest.mark.postgres
async def test_postgres_keeps_the_message_the_error_and_the_times(
    tables: OutboxTables, database: Database
) -> None:
    """For the pages, and for a person who looks into the table."""
    tables.add(alerts(3))
    outbox = PostgresOutbox(database, clock=lambda: NOON)
    await outbox.take(CHANNEL, holder="one", lease_s=30, at_most=10, take_over_before=None)
    await outbox.note(
        CHANNEL, Note(sent=(1,), folded=(1,), message_id="77"), holder="one", lease_s=30
    )
    later = NOON + SECOND
    await outbox.note(
        CHANNEL, Note(failed=(2,), error="502", blocked_until=later), holder="one", lease_s=30
    )
    await outbox.note(CHANNEL, Note(dead=(3,), error="400"), holder="one", lease_s=30)
    await outbox.note(CHANNEL, Note(disable="abc 404"), holder="one", lease_s=30)

    columns = "status, attempts, message_id, sent_at, last_error, digest"
    assert tables.run(f"SELECT {columns} FROM deliveries ORDER BY id") == [
        ("sent", 1, "77", NOON, None, True),
        ("waiting", 1, None, None, "502", False),
        ("dead", 1, None, None, "400", False),
    ]
    assert tables.run("SELECT next_attempt_at FROM deliveries WHERE id = 2") == [(later,)]
    assert tables.run("SELECT disabled_at, disabled_reason FROM delivery_targets") == [
        (NOON, "abc 404")
    ]


@pytest.mark.postgres
async def test_a_note_that_is_written_again_keeps_the_first_message(
    tables: OutboxTables, database: Database
) -> None:
    """Two senders told it: the row names the message that was noted first."""
    tables.add(alerts(1))
    outbox = PostgresOutbox(database)
    for message_id in ("77", "78"):
        note = Note(sent=(1,), message_id=message_id)
        await outbox.note(CHANNEL, note, holder="one", lease_s=30)

    assert tables.run("SELECT message_id, attempts FROM deliveries") == [("77", 1)]


@pytest.mark.postgres
async def test_of_two_that_ask_at_the_same_moment_one_gets_the_channel(
    tables: OutboxTables, database: Database
) -> None:
    """Also the first time, when nothing is known of the channel."""
    tables.add(alerts(1))
    outbox = PostgresOutbox(database)
    for _ in range(40):
        turns = await asyncio.gather(
            *(
                outbox.take(CHANNEL, holder=h, lease_s=30, at_most=1, take_over_before=None)
                for h in ("one", "two")
            )
        )
        assert sorted((turn.mine, turn.elsewhere) for turn in turns) == [
            (False, True),
            (True, False),
        ]
        for holder in ("one", "two"):
            await outbox.release(CHANNEL, holder=holder)


@pytest.mark.postgres
async def test_a_database_that_is_away_is_said_in_one_word(database_url: str) -> None:
    """Whoever sends need not know psycopg2."""
    nowhere = Database("postgresql+psycopg2://conscope@127.0.0.1:1/none")
    outbox = PostgresOutbox(nowhere)

    with pytest.raises(OutboxAway, match="refused"):
        await outbox.take(CHANNEL, holder="one", lease_s=30, at_most=1, take_over_before=None)
    await nowhere.close()
