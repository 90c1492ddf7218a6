import asyncio
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from conscope_app.alerting.outbox import Note, Turn, same_name
from conscope_app.core.delays import percentile_s
from conscope_app.notify.console import ConsoleNotifier
from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from conscope_app.notify.lease import life_of
from conscope_app.notify.rest import AT_ONCE, Rest
from conscope_app.notify.webhook_url import WebhookUrl
from tests.discord_stand_in import DiscordStandIn
from tests.notify.alerts import NOON, alerts, an_alert
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def outbox(clock: MovedClock) -> MemoryOutbox:
    return MemoryOutbox(clock)


def a_courier(
    outbox: MemoryOutbox, notifier: DiscordNotifier, *, per_minute: int = 6_000, name: str = "one"
) -> Courier:
    return Courier(
        outbox=outbox,
        notifier=notifier,
        messages_per_minute=per_minute,
        holder=name,
        jitter=lambda: 0.0,
    )


@pytest.fixture
async def courier(outbox: MemoryOutbox, notifier: DiscordNotifier) -> AsyncIterator[Courier]:
    yield a_courier(outbox, notifier)


def ids(first: int, last: int) -> list[str]:
    return [f"raw_prices-0-{number}" for number in range(first, last + 1)]


def statuses(outbox: MemoryOutbox) -> list[str]:
    return [row.status for _, row in sorted(outbox.rows.items())]


async def let_run() -> None:
    """Other tasks come as far as they can without the world outside."""
    for _ in range(20):
        await asyncio.sleep(0)


async def until_told(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, at_most_turns: int = 100
) -> None:
    """Turn by turn, the time moving as far as the courier asks for, until nothing waits."""
    for _ in range(at_most_turns):
        rest = await courier.deliver_due()
        clock.move(timedelta(seconds=rest.seconds))
        if "waiting" not in statuses(outbox):
            return
    raise AssertionError(f"after {at_most_turns} turns alerts wait still: {courier.trouble}")


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


class AwayAfterPosting(MemoryOutbox):
    """Goes away when it should note what was sent, so many times."""

    def __init__(self, clock: MovedClock, *, notes: int) -> None:
        super().__init__(clock)
        self.notes = notes

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        self.notes -= 1
        self.away = "connection refused" if self.notes >= 0 else None
        return await super().note(channel, note, holder=holder, lease_s=lease_s)


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
