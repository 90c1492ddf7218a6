"""What holds whatever happens, in any order: nothing twice, nothing lost, nothing at night."""

from datetime import timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from conscope_app.alerting.watches.channel_queue import ChannelQueue
from conscope_app.alerting.watches.happening import KEPT
from conscope_app.alerting.watches.quiet_hours import quiet_until
from conscope_app.alerting.watches.signals import Deleted, Gone, Happened, Made, Priced
from conscope_app.alerting.watches.silences import Silence
from tests.alerting.watches.live import Live
from tests.alerting.watches.stories import NOON, Story
from tests.alerting.watches.wishes import (
    KINDS,
    amounts,
    kinds,
    of_kind,
    pauses,
    seats,
    sources,
    subjects,
    words,
)


class Promises(RuleBasedStateMachine):
    """A live system with watches of every kind, silences, acknowledgements and repetitions."""

    def __init__(self) -> None:
        super().__init__()
        self.live = Live([of_kind(kind) for kind in KINDS])
        self.story = Story(NOON)
        self.acknowledged: set[tuple[str, str]] = set()
        self.versions = 1
        self.deleted: set[str] = set()
        self.checked = 0

    @initialize(hours=st.sampled_from([0, 8, 9, 17]))
    def begin(self, hours: int) -> None:
        """At noon, before the night, in it, or before it ends."""
        self.story.wait(hours=hours)
        self.live.now = self.story.now

    @rule(subject=subjects, seat=seats, amount=amounts, seconds=pauses)
    def price(self, subject: str, seat: str, amount: str, seconds: float) -> None:
        self._take(self.story.price(amount, seat, subject=subject))
        self.wait(seconds)

    @rule(subject=subjects, first=amounts, then=amounts)
    def prices_of_a_row(self, subject: str, first: str, then: str) -> None:
        """Several seats within a moment, and once more after a minute."""
        for amount in (first, then):
            for seat in ("A-1", "A-2", "A-3", "B-1"):
                self._take(self.story.price(amount, seat, subject=subject))
                self.wait(1)
            self.wait(60)

    @rule(subject=subjects, seat=seats)
    def gone(self, subject: str, seat: str) -> None:
        self._take(self.story.gone(seat, subject))

    @rule(subject=subjects, what=words, source=sources, key=st.sampled_from(["", "x"]))
    def happens(self, subject: str, what: str, source: str, key: str) -> None:
        self._take(
            self.story.happens(what, source, subject, key=key if what == "rescheduled" else "")
        )

    @rule(back=st.integers(1, 10))
    def say_again(self, back: int) -> None:
        """As after a restart: what a source has said it says again, in its order."""
        said = [each for each in self.story.signals if isinstance(each, Happened)]
        for each in said[-back:]:
            before = len(self.live.decisions)
            self.story.happens(
                each.what, each.source, each.subject, key=each.key, observed_at=each.observed_at
            )
            self._take(self.story)
            if self.story.now - each.observed_at < KEPT:
                news = {decision.watch_id for decision in self.live.decisions[before:]}
                assert news <= self.deleted  # one that was made anew has not heard of it

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.story.wait(seconds=seconds)
        self.live.pass_time(self.story.now)

    @rule(subject=subjects, kind=kinds)
    def delete(self, subject: str, kind: str) -> None:
        self.deleted.add(kind)
        self._take(self.story.deleted(kind, subject))

    @rule(subject=subjects, kind=kinds)
    def make_again(self, subject: str, kind: str) -> None:
        self.versions += 1
        self._take(self.story.made(of_kind(kind, self.versions), subject))

    @rule(
        hours=st.sampled_from([0.01, 1, 12]),
        labels=st.sampled_from([{}, {"row": ("A",)}]),
        subjects=st.sampled_from([(), ("evt",)]),
    )
    def silence(
        self, hours: float, labels: dict[str, tuple[str, ...]], subjects: tuple[str, ...]
    ) -> None:
        ends_at = self.story.now + timedelta(hours=hours)
        self.live.silences.append(
            Silence(id="s", ends_at=ends_at, labels=labels, subjects=subjects)
        )

    @rule()
    def end_silences(self) -> None:
        self.live.silences.clear()

    @rule(back=st.integers(1, 60))
    def hear_decisions_again(self, back: int) -> None:
        """As after a failure: all from one on, in their order, while the channel is told."""
        for decision in self.live.decisions[-back:]:
            self.live.accept(decision)
            self.wait(1)

    @rule(chance=st.randoms(use_true_random=False))
    def acknowledge(self, chance: Random) -> None:
        for channel in self.live.queues:
            queue = self.live.queue(channel)
            if queue.entries:
                entry = chance.choice(queue.entries)
                queue.acknowledge(entry.episode)
                self.acknowledged.add((channel, entry.episode))
                self.live.queues[channel] = queue.encode()

    @invariant()
    def nothing_is_announced_twice(self) -> None:
        announced = set()
        happened = {each.episode for each in self.live.decisions if each.happening is not None}
        for message in self.live.messages:
            for episode in message.delivery.episodes:
                # A digest tells what is over as well, but of what happened it tells once.
                if message.delivery.kind == "raise" or episode in happened:
                    assert (message.delivery.channel, episode) not in announced
                    announced.add((message.delivery.channel, episode))

    @invariant()
    def no_message_is_too_long_or_says_nothing(self) -> None:
        for message in self.live.messages[self.checked :]:
            assert message.delivery.tells
            assert len(message.delivery.tells) <= 10 or message.delivery.kind != "raise"

    @invariant()
    def nobody_is_woken(self) -> None:
        """Each new message tells of a watch that may speak at that moment."""
        for message in self.live.messages[self.checked :]:
            for watch_id in self._watches_of(message.delivery.episodes):
                watch = self.live.watch_of(watch_id)
                if message.delivery.is_new and watch is not None and watch.often.quiet:
                    assert quiet_until(watch.often.quiet, watch.often.zone, message.at) is None
        self.checked = len(self.live.messages)

    def teardown(self) -> None:
        """In the end, when nothing holds anything back any more, all has been said."""
        self.live.silences.clear()
        self.live.pass_time(self.story.now + timedelta(days=40))
        told = {
            (message.delivery.channel, tells.episode): tells
            for message in self.live.messages
            for tells in message.delivery.tells
        }
        ended = {each.episode for each in self.live.decisions if each.verdict == "over"}
        for decision in self.live.decisions:
            if decision.verdict != "raised":
                continue
            for channel in KINDS[decision.watch_id].get("to", {}).get("channels", ["default"]):
                at = (channel, decision.episode)
                if at in self.acknowledged or decision.episode in self.live.left_out:
                    continue
                assert at in told
                if decision.happening is None:  # of what happened, the end is no news
                    assert told[at].over == (decision.episode in ended)
        for channel in self.live.queues:
            queue = ChannelQueue.decode(self.live.queues[channel])
            assert not any(entry.is_waiting for entry in queue.entries)

    def _take(self, story: Story) -> None:
        signal = story.signals[-1]
        assert isinstance(signal, Priced | Gone | Happened | Made | Deleted)
        self.live.take(signal, story.now)

    def _watches_of(self, episodes: tuple[str, ...]) -> set[str]:
        return {each.watch_id for each in self.live.decisions if each.episode in episodes}


Promises.TestCase.settings = settings(max_examples=20, stateful_step_count=20)
TestPromises = Promises.TestCase
