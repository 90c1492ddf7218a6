"""A courier that runs: woken, cancelled and closed."""

import asyncio
import io

import pytest

from conscope_app.alerting.outbox import Note
from conscope_app.notify.console import ConsoleNotifier
from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import alerts
from tests.notify.courier.couriers import a_courier, ids, statuses
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


async def let_run() -> None:
    """Other tasks come as far as they can without the world outside."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_woken_courier_tells_at_once(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """In much less than the second after which it would look by itself."""
    running = asyncio.ensure_future(courier.run())
    await asyncio.sleep(0)
    outbox.add(alerts(1))
    courier.wake()
    await asyncio.to_thread(discord.wait_for_told, 1, 0.9)
    await courier.close()
    await running

    assert discord.record_ids == ids(1, 1)


async def test_a_pause_is_not_shortened_by_being_woken(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """Three hundred new alerts a second must not become three hundred looks at the outbox."""
    outbox.add(alerts(1))
    discord.then("gone")
    await courier.deliver_due()
    running = asyncio.ensure_future(courier.run())
    await let_run()
    looks = outbox.looks
    for _ in range(50):
        courier.wake()
        await let_run()
    assert outbox.looks == looks

    await courier.close()
    await running


async def test_a_courier_that_is_cancelled_finishes_the_message_on_its_way(
    courier: Courier, outbox: MemoryOutbox, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """A clean stop between the post and the note repeats nothing when it is started again."""
    outbox.add(alerts(40))
    running = asyncio.ensure_future(courier.run())
    await asyncio.to_thread(discord.wait_for_posts, 1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert outbox.known.leased_by is None
    assert 0 < statuses(outbox).count("sent") < 40

    again = asyncio.ensure_future(courier.run())
    await asyncio.to_thread(discord.wait_for_told, 40)
    await courier.close()
    await again

    assert discord.record_ids == ids(1, 40)
    assert statuses(outbox) == ["sent"] * 40


async def test_closing_gives_the_channel_back_at_once(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """The next worker need not wait for the lease to run out; what is left waits for it."""
    outbox.add(alerts(400))
    running = asyncio.ensure_future(courier.run())
    await asyncio.to_thread(discord.wait_for_posts, 1)
    await courier.close()

    assert outbox.known.leased_by is None
    assert statuses(outbox).count("sent") == len(discord.record_ids) < 400
    await running


class HeldUp(MemoryOutbox):
    """Takes its time to note anything, until it is let go."""

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self.go = asyncio.Event()

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        await self.go.wait()
        return await super().note(channel, note, holder=holder, lease_s=lease_s)


async def test_closing_waits_for_the_note_of_what_was_sent(
    clock: MovedClock, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """The database is closed after the courier: a note that comes later would be lost."""
    outbox = HeldUp(clock)
    outbox.add(alerts(1))
    courier = a_courier(outbox, notifier)
    running = asyncio.ensure_future(courier.run())
    await asyncio.to_thread(discord.wait_for_told, 1)
    closing = asyncio.ensure_future(courier.close())
    await asyncio.wait([closing], timeout=0.2)
    assert not closing.done()

    outbox.go.set()
    await closing
    await running

    assert statuses(outbox) == ["sent"]


def test_a_courier_may_be_built_where_no_loop_runs() -> None:
    """The application is built before its loop."""
    Courier(
        outbox=MemoryOutbox(MovedClock()),
        notifier=ConsoleNotifier(io.StringIO()),
        messages_per_minute=30,
    )
