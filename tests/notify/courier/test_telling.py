"""What waits is told: in order, within the budget, and without what is refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from conscope_app.core.delays import percentile_s
from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.rest import AT_ONCE, Rest
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import NOON, alerts, an_alert
from tests.notify.courier.couriers import SECOND, a_courier, ids, statuses, until_told
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock


async def test_what_waits_is_told_in_order_in_as_few_messages_as_it_fits(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn
) -> None:
    """Twenty-five alerts are three messages, and every delivery keeps its message's id."""
    outbox.add(alerts(25))
    await courier.deliver_due()

    assert discord.record_ids == ids(1, 25)
    assert [len(message["embeds"]) for message in discord.messages] == [10, 10, 5]
    assert [row.message_id for row in outbox.rows.values()] == [t.message_id for t in discord.told]
    assert (courier.messages_sent, courier.alerts_sent, courier.trouble) == (3, 25, None)


async def test_how_long_the_alerts_of_a_message_took_is_noted_when_it_is_told(
    courier: Courier, outbox: MemoryOutbox, discord: DiscordStandIn, clock: MovedClock
) -> None:
    """From the price's arrival in Kafka; a message that was not taken has taken no time."""
    outbox.add(alerts(3))
    discord.then("bad gateway", "ok")
    clock.now = NOON + timedelta(seconds=10)
    await courier.deliver_due()
    assert courier.delays.report().total == 0

    clock.move(timedelta(seconds=10))
    await courier.deliver_due()

    delays = courier.delays.report()
    assert delays.total == 3
    assert percentile_s(delays.counts, 0.5) == pytest.approx(20, rel=0.2)


async def test_nothing_waiting_is_looked_at_again_or_when_woken(courier: Courier) -> None:
    """A second is the longest that an alert waits which nobody woke us for."""
    assert await courier.deliver_due() == Rest(1.0, wakeable=True)


async def test_an_idle_courier_has_given_the_channel_back(
    courier: Courier, outbox: MemoryOutbox
) -> None:
    """So that the alert of another worker is not kept waiting by us."""
    outbox.add(alerts(1))
    assert await courier.deliver_due() is AT_ONCE
    await courier.deliver_due()

    assert outbox.known.leased_by is None


async def test_one_alert_that_is_refused_is_found_and_the_others_are_told(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Its error stays with it."""
    outbox.add(alerts(10))
    outbox.add([an_alert(7, event_name="Poison")])
    discord.refuse = lambda payload: "Poison" in str(payload)
    await until_told(courier, outbox, clock)

    assert discord.record_ids == ids(1, 6) + ids(8, 10)
    assert outbox.rows[7].status == "dead"
    assert "told to refuse it" in (outbox.rows[7].last_error or "")
    assert statuses(outbox).count("sent") == 9


async def test_two_refused_alerts_are_both_found(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Side by side in one message, or apart."""
    outbox.add(alerts(30))
    outbox.add(an_alert(number, event_name="Poison") for number in (3, 4, 27))
    discord.refuse = lambda payload: "Poison" in str(payload)
    await until_told(courier, outbox, clock)

    assert [n for n, row in sorted(outbox.rows.items()) if row.status == "dead"] == [3, 4, 27]
    assert discord.record_ids == [i for i in ids(1, 30) if i.split("-")[-1] not in ("3", "4", "27")]


async def test_what_is_over_the_budget_is_folded_into_one_message(
    outbox: MemoryOutbox, notifier: DiscordNotifier, discord: DiscordStandIn
) -> None:
    """A thousand drops at once: nine in full, the others counted, every one of them told of."""
    outbox.add(an_alert(n, drop_percent=Decimal(n) / 20) for n in range(1, 1_001))
    await a_courier(outbox, notifier, per_minute=30).deliver_due()

    assert len(discord.messages) == 1
    assert discord.record_ids == list(reversed(ids(992, 1_000)))
    assert discord.told[-1].title == "📦 991 more price drops"
    message_ids = {row.message_id for row in outbox.rows.values()}
    assert message_ids == {discord.told[0].message_id}
    assert statuses(outbox) == ["sent"] * 1_000
    assert sum(row.digest for row in outbox.rows.values()) == 991


async def test_a_poisoned_digest_is_halved_until_all_others_are_told(
    outbox: MemoryOutbox, notifier: DiscordNotifier, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Also where the poison is one of a thousand."""
    outbox.add(alerts(1_000))
    outbox.add([an_alert(333, event_name="Poison", drop_percent=Decimal(99))])
    discord.refuse = lambda payload: "Poison" in str(payload["embeds"][:-1])
    await until_told(a_courier(outbox, notifier, per_minute=30), outbox, clock)

    assert statuses(outbox).count("sent") + statuses(outbox).count("dead") == 1_000
    assert statuses(outbox).count("dead") <= 1


async def test_the_budget_is_kept_over_a_long_stream(
    outbox: MemoryOutbox, notifier: DiscordNotifier, clock: MovedClock, discord: DiscordStandIn
) -> None:
    """Forty alerts a second for a minute: thirty messages, all told of, none late."""
    courier = a_courier(outbox, notifier, per_minute=30)
    for second in range(60):
        outbox.add(an_alert(second * 40 + n) for n in range(40))
        await courier.deliver_due()
        clock.move(SECOND)
        waiting = [n for n, row in outbox.rows.items() if row.status == "waiting"]
        assert not waiting or second * 40 - min(waiting) <= 120

    assert len(discord.messages) <= 30
    await until_told(courier, outbox, clock)
    assert statuses(outbox) == ["sent"] * 2_400
