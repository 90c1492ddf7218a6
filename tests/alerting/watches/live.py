"""The live system in small: after each step all state is bytes, and comes back from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.channel_queue import ChannelQueue
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.dry_run import Message
from conscope_app.alerting.watches.evaluation import Outcome, observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.signals import Deleted, Happened, Made, Signal, Tick
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.stories import NOON


def is_meant(index: WatchIndex, signal: Signal, *, is_known: bool) -> bool:
    """Whether a signal is told: what happens to those who ask, all else where there is a book."""
    if isinstance(signal, Happened):
        return bool(index.asking(signal.subject, (signal.what, *signal.undoes)))
    return is_known or index.concerns(signal.subject)


class Live:
    """An evaluator that keeps rows, and senders that keep queues, as the real ones do."""

    def __init__(self, watches: Iterable[Watch] = ()) -> None:
        known = list(watches)
        self.index = WatchIndex(known)
        self.definitions = {watch.id: watch for watch in known}  # deleted ones too
        self.silences: list[Silence] = []
        self.now = NOON
        self.rows: dict[str, dict[bytes, bytes]] = {}
        self.queues: dict[str, bytes] = {}
        self.messages: list[Message] = []
        self.decisions: list[Decision] = []
        self.left_out: set[str] = set()

    def take(self, signal: Signal, now: datetime) -> None:
        """Let what is due happen, and take a signal in."""
        self.pass_time(now)
        if isinstance(signal, Made):
            self.index.put(signal.watch)
            self.definitions[signal.watch.id] = signal.watch
        if is_meant(self.index, signal, is_known=signal.subject in self.rows):
            self.observe(signal, now)
        if isinstance(signal, Deleted):
            self.index.remove(signal.watch_id)

    def observe(self, signal: Signal, now: datetime) -> Outcome:
        """One signal, and the rows and the decisions that follow."""
        rows = self.rows.setdefault(signal.subject, {})
        book = self.book(signal.subject)
        outcome = observe(book, self.index, signal, now, is_traced=False)  # as `stream.books` does
        for key, value in outcome.changes.items():
            if value is None:
                rows.pop(key, None)
            else:
                rows[key] = value
        for decision in outcome.decisions:
            again = msgspec.msgpack.decode(msgspec.msgpack.encode(decision), type=Decision)
            self.decisions.append(again)
            self.accept(again)
        return outcome

    def accept(self, decision: Decision) -> None:
        """A decision comes to the channels, once more perhaps."""
        watch = self.watch_of(decision.watch_id)
        if decision.verdict == "raised" and watch is not None:
            for channel in watch.to.channels:
                self.queues.setdefault(channel, ChannelQueue(channel).encode())
        for channel in self.queues:
            if decision.verdict == "raised" and (watch is None or channel not in watch.to.channels):
                continue
            queue = self.queue(channel)
            if queue.accept(decision, watch) == "left out: over before it was told":
                self.left_out.add(decision.episode)
            self.queues[channel] = queue.encode()

    def pass_time(self, until: datetime) -> None:
        """Timers and messages that are due by then, each at its moment."""
        while True:
            dues = [(due, subject) for subject in self.rows if (due := self.due(subject))]
            timer, deliveries = min(dues, default=None), self.plan()
            first = deliveries[0].not_before if deliveries else None
            if timer and timer[0] <= until and (first is None or timer[0] <= first):
                self.now = timer[0]
                self.observe(Tick(subject=timer[1]), timer[0])
            elif first is not None and first <= until:
                self.now = first
                self.send(deliveries[0])
            else:
                break
        self.now = until

    def plan(self) -> list[Delivery]:
        """All that is to be sent, soonest first."""
        plans = [
            delivery
            for channel in self.queues
            for delivery in self.queue(channel).plan(self.watch_of, self.silences, self.now)
        ]
        return sorted(plans, key=lambda each: (each.not_before, each.channel, each.message))

    def send(self, delivery: Delivery) -> None:
        """The channel takes it."""
        queue = self.queue(delivery.channel)
        queue.sent(delivery, self.watch_of, self.now)
        self.queues[delivery.channel] = queue.encode()
        self.messages.append(Message(self.now, delivery))

    def due(self, subject: str) -> datetime | None:
        """When time alone changes something."""
        return self.book(subject).next_due

    def book(self, subject: str) -> Book:
        """A book as the next owner reads it, in whatever order its rows come."""
        return Book.from_rows(subject, sorted(self.rows[subject].items(), reverse=True))

    def queue(self, channel: str) -> ChannelQueue:
        """A queue as the next sender reads it."""
        return ChannelQueue.decode(self.queues[channel])

    def watch_of(self, watch_id: str) -> Watch | None:
        """The watch with this id, as it was defined last."""
        return self.definitions.get(watch_id)

    def run(self, signals: Sequence[Signal], until: datetime) -> None:
        """Take signals as they were recorded."""
        for signal in signals:
            assert not isinstance(signal, Tick)
            self.take(signal, signal.recorded_at)
        self.pass_time(until)
