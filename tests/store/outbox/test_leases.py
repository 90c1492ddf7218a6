"""The contract of the outbox, for Postgres and its twin in memory."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conscope_app.alerting.budget import Spent
from conscope_app.alerting.outbox import Note, Outbox, OutboxAway, Turn
from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.notify.contact import RECONNECT_S
from conscope_app.notify.courier import LONGEST_OUTAGE_S, Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.webhook_url import WebhookUrl
from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from conscope_app.store.url import CONNECT_TIMEOUT_S
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import NOON, alerts
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock
from tests.store.postgres_outbox import CHANNEL, OutboxTables

ROOT = Path(__file__).parents[3]
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@dataclass
class Kept:
    """An outbox, how alerts come into it, and the time it goes by."""

    outbox: Outbox
    add: Callable[[Iterable[WaitingAlert]], None]
    clock: MovedClock

    async def turn(self, holder: str = "one", at_most: int = 100, *, patient: bool = False) -> Turn:
        """What the holder's look finds; a patient one leaves another's lease alone."""
        before = None if patient else self.clock.now + SECOND
        return await self.outbox.take(
            CHANNEL, holder=holder, lease_s=30, at_most=at_most, take_over_before=before
        )

    async def take(self, holder: str = "one", at_most: int = 100) -> list[int] | None:
        """The deliveries that wait, where the turn is the holder's."""
        turn = await self.turn(holder, at_most)
        return [alert.delivery_id for alert in turn.waiting] if turn.mine else None

    async def note(self, note: Note, holder: str = "one") -> bool:
        return await self.outbox.note(CHANNEL, note, holder=holder, lease_s=30)


@pytest.fixture
def tables(database_url: str) -> Iterator[OutboxTables]:
    tables = OutboxTables(database_url)
    tables.clear()
    yield tables
    tables.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, connections=2)
    yield database
    await database.close()


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest) -> Kept:
    clock = MovedClock()
    if request.param == "memory":
        memory = MemoryOutbox(clock)
        return Kept(memory, memory.add, clock)
    tables: OutboxTables = request.getfixturevalue("tables")
    outbox = PostgresOutbox(request.getfixturevalue("database"), clock=clock)
    return Kept(outbox, tables.add, clock)


async def test_waiting_alerts_come_whole_and_in_order(kept: Kept) -> None:
    """As they were stored, oldest first, as many as are wanted."""
    kept.add(alerts(5))
    turn = await kept.turn(at_most=3)

    assert turn.mine
    assert turn.waiting == alerts(3)
    assert turn.target.now == NOON


async def test_nothing_waiting_is_nobodys_turn(kept: Kept) -> None:
    """And no lease keeps the next one out."""
    assert await kept.take("one") is None
    kept.add(alerts(1))
    assert await kept.take("two") == [1]


async def test_one_holder_at_a_time(kept: Kept) -> None:
    """The others are told that somebody is at it."""
    kept.add(alerts(1))
    assert await kept.take("one") == [1]
    turn = await kept.turn("two")

    assert (turn.mine, turn.elsewhere, turn.waiting) == (False, True, ())
    assert await kept.take("one") == [1]


async def test_a_lease_ends_by_time_or_when_given_back(kept: Kept) -> None:
    """Another's release of it changes nothing."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.outbox.release(CHANNEL, holder="two")
    kept.clock.move(29 * SECOND)
    assert await kept.take("two") is None
    kept.clock.move(SECOND)
    assert await kept.take("two") == [1]
    await kept.outbox.release(CHANNEL, holder="two")
    assert await kept.take("three") == [1]


async def test_a_clock_that_is_put_back_prolongs_no_lease_and_no_pause(kept: Kept) -> None:
    """A dead holder's lease, the channel's pause and its budget end when they were meant to."""
    kept.add(alerts(1))
    await kept.take("one")
    until = kept.clock.now + 10 * SECOND
    await kept.note(Note(failed=(1,), blocked_until=until, spent=Spent(3, kept.clock.now)))
    kept.clock.move(5 * SECOND - HOUR)

    turn = await kept.turn("two")
    assert (turn.mine, turn.elsewhere) == (False, True)

    kept.clock.move(30 * SECOND)
    turn = await kept.turn("two")
    assert turn.mine
    assert turn.target.blocked_until is not None
    assert turn.target.blocked_until < turn.target.now
    assert turn.target.spent.since == turn.target.now - 30 * SECOND


async def test_a_pause_that_outlives_its_lease_is_put_back_too(kept: Kept) -> None:
    """Who waits gives the lease back; when it was last written is still known."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.note(Note(failed=(1,), blocked_until=kept.clock.now + 10 * SECOND))
    await kept.outbox.release(CHANNEL, holder="one")
    kept.clock.move(-HOUR)

    turn = await kept.turn("two")

    assert turn.mine
    assert turn.target.blocked_until == turn.target.now + 10 * SECOND


async def test_what_was_reckoned_by_a_clock_before_it_was_put_back_moves_along(kept: Kept) -> None:
    """A sender learns of the outbox's time only with its next look."""
    kept.add(alerts(1))
    await kept.take("one")
    reckoned = kept.clock.now
    kept.clock.move(-HOUR)
    await kept.note(
        Note(
            failed=(1,),
            blocked_until=reckoned + 10 * SECOND,
            spent=Spent(2, reckoned - SECOND),
            reckoned_at=reckoned,
        )
    )

    target = (await kept.turn("one")).target

    assert target.blocked_until == target.now + 10 * SECOND
    assert target.spent == Spent(2, target.now - SECOND)


async def test_a_clock_that_is_only_corrected_changes_nothing(kept: Kept) -> None:
    """A few seconds prolong a pause by as much: better than to guess."""
    kept.add(alerts(1))
    await kept.take("one")
    until = kept.clock.now + 10 * SECOND
    await kept.note(Note(failed=(1,), blocked_until=until, reckoned_at=kept.clock.now))
    kept.clock.move(-5 * SECOND)

    assert (await kept.turn("one")).target.blocked_until == until


async def test_a_lease_that_has_run_out_is_taken_over_only_before_a_moment(kept: Kept) -> None:
    """Whoever asks says whether it may; an answer after that comes too late."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(30 * SECOND)

    async def takes_over(before: datetime | None) -> bool:
        turn = await kept.outbox.take(
            CHANNEL, holder="two", lease_s=30, at_most=1, take_over_before=before
        )
        assert turn.mine is not turn.elsewhere
        return turn.mine

    assert not await takes_over(None)
    assert not await takes_over(kept.clock.now)
    assert await takes_over(kept.clock.now + SECOND)


async def test_patience_is_for_the_leases_of_others(kept: Kept) -> None:
    """One's own is taken again, and one that was given back by whoever asks."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(60 * SECOND)
    assert (await kept.turn("one", patient=True)).mine
    await kept.outbox.release(CHANNEL, holder="one")
    assert (await kept.turn("two", patient=True)).mine


async def test_a_note_lengthens_the_lease_of_its_holder_alone(kept: Kept) -> None:
    """Whoever lost the lease learns it from the note."""
    kept.add(alerts(1))
    await kept.take("one")
    kept.clock.move(20 * SECOND)
    assert await kept.note(Note(), "one")
    kept.clock.move(20 * SECOND)
    assert await kept.take("two") is None
    kept.clock.move(20 * SECOND)
    assert await kept.take("two") == [1]
    assert not await kept.note(Note(), "one")


async def test_a_holder_that_finds_nothing_more_gives_the_lease_back(kept: Kept) -> None:
    """In the same look: what comes a moment later is seen by whoever looks next."""
    kept.add(alerts(1))
    await kept.take("one")
    await kept.note(Note(sent=(1,)))
    assert await kept.take("one") is None
    kept.add([replace(alerts(2)[1])])
    assert await kept.take("two") == [2]


async def test_the_next_life_of_a_name_takes_the_lease_of_the_last_at_once(kept: Kept) -> None:
    """Whoever asks without any right to take over; another name that begins alike does not."""
    kept.add(alerts(1))
    await kept.take("here/1")
    for other in ("her/1", "here-2", "here-2/1", "there/1"):
        assert not (await kept.turn(other, patient=True)).mine

    assert (await kept.turn("here/2", patient=True)).mine
    assert not (await kept.turn("there/1", patient=True)).mine


async def test_what_a_dead_life_had_on_its_way_does_not_touch_the_next_ones_lease(
    kept: Kept,
) -> None:
    """Its release gives nothing back; its note is the truth, but lengthens nothing."""
    kept.add(alerts(2))
    await kept.take("here/1")
    await kept.take("here/2")
    await kept.outbox.release(CHANNEL, holder="here/1")
    assert await kept.take("there/1") is None

    kept.clock.move(20 * SECOND)
    assert not await kept.note(Note(sent=(1,)), "here/1")
    assert await kept.take("here/2") == [2]
    kept.clock.move(29 * SECOND)
    assert not await kept.note(Note(), "here/1")
    kept.clock.move(SECOND)
    assert await kept.take("there/1") == [2]


async def test_a_dead_lifes_lease_is_given_back_where_nothing_waits(kept: Kept) -> None:
    """By the next life's look: what comes later is for whoever looks first."""
    kept.add(alerts(1))
    await kept.take("here/1")
    await kept.note(Note(sent=(1,)), "here/1")
    assert await kept.take("here/2") is None
    kept.add([alerts(2)[1]])

    assert (await kept.turn("there/1", patient=True)).mine


async def test_what_was_sent_waits_no_more(kept: Kept) -> None:
    """Folded alerts are told as well, and marked as such."""
    kept.add(alerts(3))
    await kept.take()
    await kept.note(Note(sent=(1, 2), folded=(2,), message_id="77"))
    counts = await kept.outbox.counts(CHANNEL)

    assert await kept.take() == [3]
    assert (counts.waiting, counts.sent, counts.digested, counts.dead) == (1, 2, 1, 0)


async def test_what_failed_waits_on_and_is_counted(kept: Kept) -> None:
    """The count outlives the process, so that its successor waits as long."""
    kept.add(alerts(2))
    await kept.take()
    await kept.note(Note(failed=(1, 2), error="502", invalid_answers=1))
    await kept.note(Note(failed=(1,), error="502", invalid_answers=1))
    turn = await kept.turn()

    assert [alert.attempts for alert in turn.waiting] == [2, 1]
    assert (await kept.outbox.counts(CHANNEL)).invalid_answers == 2


async def test_what_is_dead_waits_no_more(kept: Kept) -> None:
    """It was refused alone."""
    kept.add(alerts(2))
    await kept.take()
    await kept.note(Note(dead=(1,), error="Invalid Form Body\0"))
    counts = await kept.outbox.counts(CHANNEL)

    assert await kept.take() == [2]
    assert (counts.waiting, counts.dead) == (1, 1)


async def test_a_late_note_of_a_lost_lease_is_still_the_truth(kept: Kept) -> None:
    """It was sent: nobody should send it again, and the first message's id is kept."""
    kept.add(alerts(2))
    await kept.take("one")
    kept.clock.move(30 * SECOND)
    await kept.take("two")
    await kept.note(Note(sent=(1,), message_id="77"), "one")
    await kept.note(Note(failed=(1,), error="502"), "two")

    assert await kept.take("two") == [2]


async def test_what_was_learnt_of_a_channel_is_kept_until_it_changes(kept: Kept) -> None:
    """Pauses, the budget, and why it is disabled; a note that says nothing changes nothing."""
    kept.add(alerts(1))
    await kept.take()
    until = NOON + 9 * SECOND
    await kept.note(Note(blocked_until=until, spent=Spent(3, NOON)))
    await kept.note(Note(disable="abc 404"))
    await kept.note(Note())
    target = (await kept.turn()).target

    assert target.blocked_until == until
    assert target.spent == Spent(3, NOON)
    assert target.disabled_reason == "abc 404"

    await kept.note(Note(enable=True, spent=Spent(0, None)))
    target = (await kept.turn()).target

    assert (target.blocked_until, target.disabled_reason) == (None, None)
    assert target.spent == Spent(0, None)


async def test_counts_of_a_channel_that_nothing_was_ever_told(kept: Kept) -> None:
    """Zeros, no error."""
    counts = await kept.outbox.counts(CHANNEL)

    assert (counts.waiting, counts.sent, counts.dead, counts.invalid_answers) == (0, 0, 0, 0)
    assert counts.oldest_waiting_at is None


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
from tests.store.outbox.test_leases import NeverNotes, a_courier
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
