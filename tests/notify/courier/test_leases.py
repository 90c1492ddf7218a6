"""Several couriers of one channel: one of them at a time, and who takes over."""

import asyncio
from datetime import datetime, timedelta

import pytest

from conscope_app.alerting.outbox import Turn, same_name
from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.lease import life_of
from conscope_app.notify.rest import AT_ONCE
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import alerts
from tests.notify.courier.couriers import SECOND, AwayAfterPosting, a_courier, ids, statuses
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


async def test_two_couriers_on_one_outbox_tell_nothing_twice(
    outbox: MemoryOutbox, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """While one is at it, the other leaves the channel to it."""
    outbox.add(alerts(200))
    first, second = (a_courier(outbox, notifier, name=name) for name in ("one", "two"))
    await asyncio.gather(first.deliver_due(), second.deliver_due())

    assert discord.record_ids == ids(1, 200)
    assert second.messages_sent == 0


async def test_the_other_courier_takes_over_when_a_lease_has_run_out(
    outbox: MemoryOutbox, notifier: DiscordNotifier, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Not before, and no later where the outbox has been there all the time."""
    outbox.add(alerts(1))
    await lease_to_the_dead(outbox)
    successor = a_courier(outbox, notifier, name="two")
    for _ in range(30):
        await successor.deliver_due()
        clock.move(SECOND)
    assert discord.behaviours == []

    await successor.deliver_due()

    assert discord.record_ids == ids(1, 1)


async def test_an_outbox_that_was_away_for_a_moment_postpones_the_taking_over(
    outbox: MemoryOutbox, notifier: DiscordNotifier, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """The sender may have met the same outage, and be about to write its note."""
    outbox.add(alerts(1))
    await lease_to_the_dead(outbox)
    successor = a_courier(outbox, notifier, name="two")
    for second in range(46):
        outbox.away = "connection refused" if second == 29 else None
        await successor.deliver_due()
        clock.move(SECOND)
    assert discord.behaviours == []

    await successor.deliver_due()

    assert discord.record_ids == ids(1, 1)


async def test_a_courier_that_has_just_started_waits_before_it_takes_over(
    outbox: MemoryOutbox, notifier: DiscordNotifier, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """It cannot know whether the outbox is only just back; but the dead are not waited for long."""
    outbox.add(alerts(1))
    await lease_to_the_dead(outbox)
    clock.move(timedelta(hours=1))
    started = a_courier(outbox, notifier, name="two")
    for _ in range(16):
        await started.deliver_due()
        clock.move(SECOND)
    assert discord.behaviours == []

    await started.deliver_due()

    assert discord.record_ids == ids(1, 1)


@pytest.mark.parametrize("seen", [True, False], ids=["seen by the other", "too short to be seen"])
async def test_an_outage_longer_than_the_lease_repeats_nothing(
    clock: MovedClock, notifier: DiscordNotifier, discord: DiscordStandIn, seen: bool
) -> None:
    """It came between Discord's answer and the note; when it is over, the other one asks first."""
    outbox = AwayAfterPosting(clock, notes=1)
    first, second = (a_courier(outbox, notifier, name=name) for name in ("one", "two"))
    for _ in range(30):
        await second.deliver_due()
        clock.move(SECOND)
    outbox.add(alerts(1))
    await first.deliver_due()
    clock.move(25 * SECOND)
    if seen:
        await second.deliver_due()
    outbox.away = None
    for _ in range(14):
        await second.deliver_due()
        clock.move(SECOND)
    await first.deliver_due()
    for _ in range(30):
        await second.deliver_due()
        clock.move(SECOND)

    assert discord.record_ids == ids(1, 1)
    assert statuses(outbox) == ["sent"]


async def lease_to_the_dead(outbox: MemoryOutbox) -> None:
    """Somebody leased the channel for thirty seconds and is no more."""
    await outbox.take("discord", holder="dead", lease_s=30, at_most=10, take_over_before=None)


async def test_a_restarted_courier_goes_on_with_the_lease_that_its_last_life_left(
    outbox: MemoryOutbox, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """At once: neither the lease nor contact with the outbox is waited for."""
    outbox.add(alerts(1))
    await outbox.take("discord", holder="here/1", lease_s=30, at_most=1, take_over_before=None)
    elsewhere = a_courier(outbox, notifier)
    elsewhere.go_by("there")
    await elsewhere.deliver_due()
    assert discord.behaviours == []

    restarted = a_courier(outbox, notifier)
    restarted.go_by("here")
    await restarted.deliver_due()

    assert discord.record_ids == ids(1, 1)
    assert statuses(outbox) == ["sent"]


def test_no_two_lives_of_a_name_are_one_holder() -> None:
    """Or what a dead one had on its way could end the lease of the living."""
    lives = {life_of("here") for _ in range(10)}

    assert len(lives) == 10
    assert all(same_name(life, "here") for life in lives)
    assert not any(same_name(life, "her") or same_name(life, "here-2") for life in lives)


class StoppedAfterTaking(MemoryOutbox):
    """As for a process that stands still between the outbox's answer and the post."""

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        at_most: int,
        take_over_before: datetime | None,
    ) -> Turn:
        turn = await super().take(
            channel,
            holder=holder,
            lease_s=lease_s,
            at_most=at_most,
            take_over_before=take_over_before,
        )
        await asyncio.sleep(0.3)
        return turn


async def test_a_courier_that_stood_still_past_its_lease_sends_nothing(
    clock: MovedClock, discord: DiscordStandIn
) -> None:
    """It goes by how long ago it asked for the lease, not by when it heard of it."""
    outbox = StoppedAfterTaking(clock)
    outbox.add(alerts(1))
    url = WebhookUrl(discord.url, allow_loopback=True)
    notifier = DiscordNotifier(url, answer_s=0.75)
    courier = Courier(outbox=outbox, notifier=notifier, messages_per_minute=30, lease_s=1.2)
    rest = await courier.deliver_due()
    await notifier.close()

    assert rest is AT_ONCE
    assert discord.behaviours == []
    assert statuses(outbox) == ["waiting"]


async def test_a_lease_must_outlast_the_sending(
    outbox: MemoryOutbox, notifier: DiscordNotifier
) -> None:
    """Otherwise nothing could ever be sent."""
    with pytest.raises(ValueError, match="shorter than sending"):
        Courier(outbox=outbox, notifier=notifier, messages_per_minute=30, lease_s=1)
