"""What a channel should say and what it has said: decisions that come twice, late, or never."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.alerting.watches.channel_queue import KEPT_FINISHED, Accepted, ChannelQueue
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.stories import NOON, a_watch

MINUTE = timedelta(minutes=1)


def decided(verdict: str, price: int | None = 90, minutes: float = 0, **fields: Any) -> Decision:
    """A decision about the episode `e` of the watch `w`."""
    values: dict[str, Any] = {
        "verdict": Verdict(verdict),
        "episode": "e",
        "watch_id": "w",
        "watch_version": 1,
        "subject": "evt",
        "items": ("A-1",),
        "labels": {"row": "A"},
        "price": None if price is None else Decimal(price),
        "was": None,
        "currency": "USD",
        "basis": "all_in",
        "at": NOON + minutes * MINUTE,
        "place": 0,
        "reason": "because",
        **fields,
    }
    return Decision(**values)


class Channel:
    """A queue with one watch, or none any more."""

    def __init__(self, watch: Watch | None = None) -> None:
        self.queue = ChannelQueue("default")
        self.watch = watch

    def accept(self, *decisions: Decision) -> list[Accepted]:
        return [self.queue.accept(decision, self.watch) for decision in decisions]

    def plan(self, minutes: float = 0) -> list[Delivery]:
        return self.queue.plan(lambda _: self.watch, (), NOON + minutes * MINUTE)

    def send(self, delivery: Delivery, minutes: float = 0) -> None:
        self.queue.sent(delivery, lambda _: self.watch, NOON + minutes * MINUTE)


def test_what_was_told_and_is_over_is_not_announced_again() -> None:
    """However often its decisions come: for as long as the topic keeps them."""
    channel = Channel(a_watch())
    decisions = [decided("raised"), decided("updated", 80, 1), decided("over", None, 2)]
    channel.accept(*decisions[:1])
    channel.send(channel.plan()[0])
    channel.accept(*decisions[1:])
    channel.send(channel.plan(3)[0], 3)

    assert channel.accept(*decisions) == [Accepted.KNOWN] * 3
    assert (channel.plan(), channel.queue.entries) == ([], ())
    again = ChannelQueue.decode(channel.queue.encode())
    assert again.accept(decisions[0], channel.watch) is Accepted.KNOWN


def test_what_is_finished_is_forgotten_in_the_end() -> None:
    channel = Channel(a_watch())
    channel.accept(decided("raised"), decided("over", None, 1))
    late = KEPT_FINISHED / MINUTE + 5
    other = {"episode": "f", "watch_id": "w"}

    channel.accept(decided("raised", minutes=late, **other), decided("over", minutes=late, **other))
    channel.accept(decided("raised", minutes=late, episode="g"))
    channel.accept(decided("updated", 70, minutes=late, episode="g"))

    assert b"\xa1e" not in channel.queue.encode()


def test_an_earlier_price_that_comes_again_is_not_the_price_now() -> None:
    channel = Channel(a_watch())
    first, second = decided("updated", 80, 1), decided("updated", 70, 2)

    assert channel.accept(decided("raised"), first, second, first) == [
        *(Accepted.QUEUED, Accepted.QUEUED, Accepted.QUEUED, Accepted.KNOWN)
    ]
    assert channel.plan()[0].tells[0].price == 70


def test_what_changes_while_the_message_is_on_its_way_is_an_edit() -> None:
    """Nothing is lost between the reading of the queue and the note that it was sent."""
    channel = Channel(a_watch())
    channel.accept(decided("raised"))
    on_its_way = channel.plan()[0]

    channel.accept(decided("updated", 80, 1))
    channel.send(on_its_way, 2)

    (edit,) = channel.plan(2)
    assert (edit.kind, edit.message, edit.tells[0].price) == ("edit", on_its_way.message, 80)


def test_what_is_over_while_the_message_is_on_its_way_is_told_as_over() -> None:
    """Somebody may have read it: it is not left out, whether or not the sending is noted."""
    channel = Channel(a_watch())
    channel.accept(decided("raised"))
    on_its_way = channel.plan()[0]
    channel.queue.sending(on_its_way)

    assert channel.accept(decided("over", None, 1)) == [Accepted.QUEUED]
    (unnoted,) = channel.plan(2)
    assert (unnoted.kind, unnoted.tells[0].over) == ("raise", True)

    channel.send(on_its_way, 2)
    (over,) = channel.plan(2)
    assert (over.kind, over.message) == ("over", on_its_way.message)


def test_what_was_surely_not_sent_is_left_out_after_all() -> None:
    channel = Channel(a_watch())
    channel.accept(decided("raised"))
    refused = channel.plan()[0]
    channel.queue.sending(refused)
    channel.accept(decided("over", None, 1))

    channel.queue.not_sent(refused, lambda _: channel.watch, NOON + 2 * MINUTE)

    assert (channel.plan(3), channel.queue.entries) == ([], ())


@pytest.mark.parametrize("is_told", [True, False])
def test_nothing_more_is_said_of_what_somebody_knows(is_told: bool) -> None:
    channel = Channel(a_watch())
    channel.accept(decided("raised"))
    if is_told:
        channel.send(channel.plan()[0])

    assert channel.queue.acknowledge("e")
    channel.accept(decided("updated", 80, 1))

    assert channel.plan(2) == []
    channel.accept(decided("over", None, 3))
    assert (channel.plan(3), channel.queue.entries) == ([], ())
    assert not channel.queue.acknowledge("e")


def test_a_message_goes_on_saying_what_somebody_knows() -> None:
    """Another alert in it changes: the acknowledged one stands there as it stood."""
    channel = Channel(a_watch(often={"group": {}}))
    channel.accept(decided("raised"), decided("raised", 95, episode="f"))
    channel.send(channel.plan()[0])
    channel.queue.acknowledge("e")

    channel.accept(decided("updated", 10, 1), decided("updated", 85, 1, episode="f"))

    (edit,) = channel.plan(2)
    assert {each.episode: each.price for each in edit.tells} == {"e": 90, "f": 85}


def test_of_a_watch_that_is_no_more_the_end_is_told() -> None:
    channel = Channel(a_watch(often={"quiet": {"begin": "10:00", "until": "20:00"}}))
    channel.accept(decided("raised"))
    channel.send(channel.plan(600)[0], 600)

    channel.watch = None
    channel.accept(decided("over", None, 601))

    (over,) = channel.plan(602)
    assert (over.kind, over.not_before) == ("over", NOON + 602 * MINUTE)


def test_the_plan_says_not_before_when_and_why() -> None:
    channel = Channel(a_watch(often={"quiet": {"begin": "10:00", "until": "20:00"}}))
    channel.accept(decided("raised"))

    (delivery,) = channel.plan()

    assert delivery.not_before == NOON.replace(hour=20)
    assert delivery.reason == "held: quiet hours until 22 Nov 20:00"


def test_a_sender_that_was_away_keeps_to_the_hours_that_are_now() -> None:
    """What might have been told at noon is not told at night."""
    channel = Channel(a_watch(often={"quiet": {"begin": "22:00", "until": "07:00"}}))
    channel.accept(decided("raised"))

    (delivery,) = channel.plan(11 * 60)

    assert delivery.not_before == NOON.replace(day=23, hour=7)
