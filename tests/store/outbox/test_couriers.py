"""Couriers on the outbox of a real Postgres."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from conscope_app.alerting.outbox import Note, Outbox
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.notify.contact import RECONNECT_S
from conscope_app.notify.courier import LONGEST_OUTAGE_S, Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from conscope_app.store.url import CONNECT_TIMEOUT_S
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import alerts
from tests.notify.moved_clock import MovedClock
from tests.store.outbox.kept import SECOND
from tests.store.postgres_outbox import OutboxTables

ROOT = Path(__file__).parents[3]


def a_courier(outbox: Outbox, url: str) -> Courier:
    notifier = DiscordNotifier(WebhookUrl(url, allow_loopback=True))
    return Courier(outbox=outbox, notifier=notifier, messages_per_minute=6_000)


@pytest.mark.postgres
async def test_two_couriers_on_one_database_tell_each_alert_once(
    tables: OutboxTables, database: Database
) -> None:
    """However they are woken while alerts keep coming."""
    with DiscordStandIn(chances={"busy": 0.1}, seed=3, retry_after_s=0.01) as discord:
        couriers = [a_courier(PostgresOutbox(database), discord.url) for _ in range(2)]
        running = [asyncio.ensure_future(courier.run()) for courier in couriers]
        for first in range(0, 200, 8):
            tables.add(alerts(first + 8)[first:])
            for courier in couriers:
                courier.wake()
            await asyncio.to_thread(discord.wait_for_posts, len(discord.behaviours) + 1)
        await asyncio.to_thread(discord.wait_for_told, 200)
        for courier in couriers:
            await courier.close()
        await asyncio.gather(*running)

    assert discord.record_ids == [f"raw_prices-0-{number}" for number in range(1, 201)]
    assert tables.run("SELECT count(*) FROM deliveries WHERE status <> 'sent'") == [(0,)]


class NeverNotes(PostgresOutbox):
    """Stands still for ever between the channel's answer and the note of it."""

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        return await asyncio.Event().wait()


# Ends only by being killed.
COURIER = """
import asyncio, sys
from conscope_app.store.engine import Database
from tests.store.outbox.test_couriers import NeverNotes, a_courier
asyncio.run(a_courier(NeverNotes(Database(sys.argv[1])), sys.argv[2]).run())
"""


@pytest.mark.postgres
async def test_a_process_that_dies_before_the_note_is_followed_by_a_repetition_with_the_same_ids(
    tables: OutboxTables, database: Database, database_url: str
) -> None:
    """The one case in which something is told twice: both times under its record's id."""
    tables.add(alerts(3))
    clock = MovedClock()
    clock.now = utc_now()
    with DiscordStandIn() as discord:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COURIER, database_url, discord.url, cwd=ROOT
        )
        await asyncio.to_thread(discord.wait_for_told, 3, 30)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        assert tables.run("SELECT DISTINCT status FROM deliveries") == [("waiting",)]

        successor = a_courier(PostgresOutbox(database, clock=clock), discord.url)
        for _ in range(16):
            await successor.deliver_due()
            clock.move(SECOND)
        assert len(discord.told) == 3
        tables.run("UPDATE delivery_targets SET leased_until = %s", clock.now)
        await successor.deliver_due()
        await successor.close()

    three = ["raw_prices-0-1", "raw_prices-0-2", "raw_prices-0-3"]
    assert discord.record_ids == three + three
    assert tables.run("SELECT DISTINCT status FROM deliveries") == [("sent",)]


def test_a_living_sender_has_time_to_reconnect_before_it_is_taken_over() -> None:
    """A connection that hangs, the longest pause after it, and the next connection."""
    assert RECONNECT_S >= CONNECT_TIMEOUT_S + LONGEST_OUTAGE_S + CONNECT_TIMEOUT_S


@pytest.mark.postgres
async def test_from_the_commit_to_the_post_it_takes_milliseconds(
    tables: OutboxTables, database: Database
) -> None:
    """An idle courier that is woken: twenty alerts, one after the other."""
    with DiscordStandIn() as discord:
        courier = a_courier(PostgresOutbox(database), discord.url)
        running = asyncio.ensure_future(courier.run())
        took = []
        for number in range(1, 21):
            tables.add([alerts(number)[-1]])
            committed = monotonic_s()
            courier.wake()
            await asyncio.to_thread(discord.wait_for_posts, number)
            took.append(discord.posted_at[-1] - committed)
        await courier.close()
        await running

    print(f"median {sorted(took)[10] * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms")
    assert sorted(took)[10] < 0.25
