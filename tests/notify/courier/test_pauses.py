"""When Discord does not take anything: how long it is left alone."""

from datetime import timedelta

from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.rest import Rest
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import NOON, alerts, an_alert
from tests.notify.courier.couriers import SECOND, a_courier, ids, statuses, until_told
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


async def test_a_429_is_waited_for_exactly_and_the_order_kept(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Nothing is posted before Discord's time, whoever wakes us, and no later alert overtakes."""
    outbox.add(alerts(3))
    discord.then("busy", "ok")
    await courier.deliver_due()
    outbox.add([an_alert(4)])
    blocked = await courier.deliver_due()

    assert not blocked.wakeable
    assert discord.behaviours == ["busy"]
    assert outbox.known.invalid_answers == 1
    assert outbox.known.blocked_until is not None
    assert timedelta(seconds=0.15) <= outbox.known.blocked_until - NOON < timedelta(seconds=0.3)

    clock.move(SECOND)
    await courier.deliver_due()

    assert discord.record_ids == ids(1, 4)
    assert courier.trouble is None


async def test_many_429s_lose_and_repeat_nothing(outbox: MemoryOutbox, clock: MovedClock) -> None:
    """Half of the posts are refused for being too many: each alert is told once, in order."""
    with DiscordStandIn(chances={"busy": 0.5}, seed=7) as discord:
        notifier = DiscordNotifier(WebhookUrl(discord.url, allow_loopback=True))
        outbox.add(alerts(120))
        await until_told(a_courier(outbox, notifier), outbox, clock)
        await notifier.close()

    assert discord.behaviours.count("busy") > 3
    assert discord.record_ids == ids(1, 120)


async def test_an_outage_is_left_alone_for_longer_and_longer_up_to_a_minute(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """One, two, four … seconds; what is waiting stays, and says why."""
    outbox.add(alerts(1))
    waits = []
    for _ in range(8):
        discord.then("bad gateway")
        await courier.deliver_due()
        assert outbox.known.blocked_until is not None
        waits.append(round((outbox.known.blocked_until - clock.now).total_seconds()))
        clock.now = outbox.known.blocked_until

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert courier.trouble is not None
    assert courier.trouble.startswith("Discord answered 502")
    assert statuses(outbox) == ["waiting"]


async def test_a_courier_that_starts_anew_keeps_the_pause(
    courier: Courier, outbox: MemoryOutbox, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """A worker in a restart loop does not hammer Discord; its page says that alerts wait."""
    outbox.add(alerts(1))
    discord.then("error")
    await courier.deliver_due()
    restarted = a_courier(outbox, notifier, name="two")
    rest = await restarted.deliver_due()

    assert discord.behaviours == ["error"]
    assert not rest.wakeable
    assert restarted.trouble is not None


async def test_a_webhook_that_is_gone_is_never_asked_again(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Discord asks for that. The alerts wait, and the reason is on the page."""
    outbox.add(alerts(2))
    discord.then("gone")
    for _ in range(5):
        rest = await courier.deliver_due()
        clock.move(timedelta(days=1))

    assert discord.behaviours == ["gone"]
    assert rest == Rest(5.0, wakeable=False)
    assert courier.trouble is not None
    assert "disabled until its address is changed, or " in courier.trouble
    assert "is run: Discord answered 404" in courier.trouble
    assert statuses(outbox) == ["waiting", "waiting"]


async def test_another_webhook_takes_up_what_waits(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """The setting was changed: what one address refused says nothing of another."""
    outbox.add(alerts(2))
    discord.then("gone")
    await courier.deliver_due()
    with DiscordStandIn() as other:
        notifier = DiscordNotifier(WebhookUrl(other.url, allow_loopback=True))
        await a_courier(outbox, notifier, name="two").deliver_due()
        await notifier.close()

    assert other.record_ids == ids(1, 2)
    assert outbox.known.disabled_reason is None


async def test_a_webhook_that_was_enabled_again_is_told_what_waits(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """By the courier that had seen it gone."""
    outbox.add(alerts(2))
    discord.then("gone")
    await courier.deliver_due()
    outbox.known.disabled_reason = None
    await courier.deliver_due()

    assert discord.record_ids == ids(1, 2)
    assert courier.trouble is None


async def test_a_queue_that_may_not_be_sent_is_not_read_again_and_again(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Of thousands that wait, a look at the first says how long the pause is."""
    outbox.add(alerts(50))
    discord.then("error", "error")
    await courier.deliver_due()
    await courier.deliver_due()
    before = outbox.alerts_read
    await courier.deliver_due()
    assert outbox.alerts_read - before == 1

    clock.move(2 * SECOND)
    await courier.deliver_due()
    clock.move(5 * SECOND)
    await courier.deliver_due()

    assert discord.record_ids == ids(1, 50)
