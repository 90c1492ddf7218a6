"""The outbox goes away between the answer of the channel and the note of it."""

import pytest

from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.rest import Rest
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import alerts
from tests.notify.courier.couriers import AwayAfterPosting, a_courier, ids, statuses
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


async def test_a_note_that_could_not_be_written_is_written_before_anything_is_sent(
    clock: MovedClock, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """The outbox went away between Discord's answer and the note: still told once."""
    outbox = AwayAfterPosting(clock, notes=3)
    outbox.add(alerts(12))
    courier = a_courier(outbox, notifier)
    for _ in range(3):
        rest = await courier.deliver_due()
        assert not rest.wakeable
        assert courier.trouble == "the outbox cannot be reached: connection refused"
    await courier.deliver_due()

    assert discord.record_ids == ids(1, 12)
    assert statuses(outbox) == ["sent"] * 12
    assert courier.trouble is None


async def test_closing_writes_the_note_that_could_not_be_written(
    clock: MovedClock, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """A clean stop during an outage, which ends in time: the next worker tells nothing twice."""
    outbox = AwayAfterPosting(clock, notes=2)
    outbox.add(alerts(12))
    courier = a_courier(outbox, notifier)
    await courier.deliver_due()
    assert statuses(outbox) == ["waiting"] * 12
    await courier.close()

    assert discord.record_ids == ids(1, 10)
    assert statuses(outbox) == ["sent"] * 10 + ["waiting"] * 2
    assert outbox.known.leased_by is None


async def test_closing_says_what_will_be_told_again(
    clock: MovedClock,
    notifier: DiscordNotifier,
    discord: DiscordStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The outage outlasts the stop: a person can see which alerts."""
    outbox = AwayAfterPosting(clock, notes=1_000)
    outbox.add(alerts(12))
    courier = Courier(outbox=outbox, notifier=notifier, messages_per_minute=6_000, close_s=0.1)
    await courier.deliver_due()
    await courier.close()

    told = discord.told[0].message_id
    assert f"discord took message {told}, but the outbox cannot be told" in caplog.text
    assert "10 alerts, deliveries 1 to 10, will be told again under the same ids" in caplog.text


async def test_an_outbox_that_is_away_is_tried_less_and_less_often(
    courier: Courier, outbox: MemoryOutbox
) -> None:
    """For ever, and never a reason to end the worker."""
    outbox.away = "connection refused"

    assert [(await courier.deliver_due()).seconds for _ in range(5)] == [1, 2, 4, 5, 5]
    outbox.away = None
    assert await courier.deliver_due() == Rest(1.0)
    assert courier.trouble is None
