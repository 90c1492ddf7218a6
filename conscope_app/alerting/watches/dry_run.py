"""What watches would have told, had they been there: the live code, with the clock handed in."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import chain
from typing import NamedTuple

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.channel_queue import ChannelQueue
from conscope_app.alerting.watches.decisions import Decision, Trace
from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.signals import (
    Deleted,
    Gone,
    Happened,
    Made,
    Priced,
    Signal,
    Tick,
)
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch

_FOREVER = datetime.max.replace(tzinfo=UTC)


class Message(NamedTuple):
    """Something that would have been sent, and when."""

    at: datetime
    delivery: Delivery


class Report(NamedTuple):
    """What a dry run found: messages in the order of their sending, and why there are no more."""

    messages: list[Message]
    decisions: list[Decision]
    traces: list[Trace]


def dry_run(
    watches: Iterable[Watch],
    signals: Iterable[Signal],
    *,
    silences: Iterable[Silence] = (),
    until: datetime | None = None,
) -> Report:
    """Tell these watches of these signals, in this order, and send what is to be sent at once.

    Each signal is taken when it was recorded. Afterwards time goes on `until` then, if that is
    given. Signals that make or delete watches are obeyed.
    """
    run = DryRun(watches, silences=silences)
    for signal in signals:
        run.take(signal)
    if until is not None:
        run.pass_time(until)
    return run.report


class DryRun:
    """A dry run step by step. Of the traces it reports those that `is_traced`."""

    def __init__(
        self,
        watches: Iterable[Watch],
        *,
        silences: Iterable[Silence] = (),
        is_traced: Callable[[Trace], bool] = lambda _: True,
        spellings: Spellings = (),
    ) -> None:
        self.report = Report([], [], [])
        known = list(watches)
        self._watches = WatchIndex(known, spellings)
        self._spellings = spellings
        # Deleted ones too: what they have raised is told as they had asked for it.
        self._definitions = {watch.id: watch for watch in known}
        self._silences = tuple(silences)
        self._is_traced = is_traced
        self._books: dict[str, Book] = {}
        self._timers: list[tuple[datetime, str]] = []  # of books, some of them long set anew
        self._queues: dict[str, ChannelQueue] = {}
        self._plan: list[Delivery] = []
        self._now: datetime | None = None

    def know(self, signal: Priced | Gone) -> None:
        """Note what was so before anybody watched it; comes before all that is taken."""
        observe(self._book(signal.subject), WatchIndex(), signal, signal.recorded_at)

    def take(self, signal: Signal) -> None:
        """Go to the moment at which a signal was recorded, and take it in."""
        if isinstance(signal, Tick):
            return  # time passes by itself here
        self.pass_time(signal.recorded_at)
        if isinstance(signal, Made):
            self._watches.put(signal.watch)
            self._definitions[signal.watch.id] = signal.watch
            self._plan_anew()
        if self._is_meant(signal):
            self._observe(signal, self._now or signal.recorded_at)
        if isinstance(signal, Deleted):
            self._watches.remove(signal.watch_id)

    def pass_time(self, until: datetime) -> None:
        """Let everything happen that is due by then."""
        while True:
            timer, delivery = self._next_timer(), self._plan[0] if self._plan else None
            sends_at = _FOREVER if delivery is None else delivery.not_before
            if timer is not None and timer[0] <= min(until, sends_at):
                self._now = timer[0]
                self._observe(Tick(subject=timer[1]), timer[0])
            elif delivery is not None and sends_at <= until:
                self._send(delivery)
            else:
                break
        self._now = until if self._now is None else max(self._now, until)

    def _observe(self, signal: Signal, now: datetime) -> None:
        book = self._book(signal.subject)
        outcome = observe(book, self._watches, signal, now)
        if book.next_due is not None:
            heappush(self._timers, (book.next_due, signal.subject))
        self.report.traces.extend(filter(self._is_traced, outcome.traces))
        self.report.decisions.extend(outcome.decisions)
        for decision in outcome.decisions:
            self._accept(decision)
        if outcome.decisions:
            self._plan_anew()

    def _is_meant(self, signal: Priced | Gone | Happened | Made | Deleted) -> bool:
        """Whether anybody asks, or may have something at stake."""
        subject = signal.subject
        if isinstance(signal, Happened):
            return bool(self._watches.asking(subject, (signal.what, *signal.undoes)))
        book = self._books.get(subject)
        return self._watches.concerns(subject) or (book is not None and bool(book.enrolled))

    def _book(self, subject: str) -> Book:
        book = self._books.get(subject)
        if book is None:
            book = self._books[subject] = Book(subject)
        return book

    def _accept(self, decision: Decision) -> None:
        watch = self._definitions.get(decision.watch_id)
        if watch is not None and decision.verdict is Verdict.RAISED:
            for channel in watch.to.channels:
                self._queues.setdefault(channel, ChannelQueue(channel))
                self._queues[channel].accept(decision, watch)
            return
        for queue in self._queues.values():  # wherever it was told
            queue.accept(decision, watch)

    def _send(self, delivery: Delivery) -> None:
        self._now = delivery.not_before
        self.report.messages.append(Message(delivery.not_before, delivery))
        self._queues[delivery.channel].sent(delivery, self._definitions.get, delivery.not_before)
        self._plan_anew()

    def _plan_anew(self) -> None:
        now = self._now
        if now is not None:
            plans = (
                queue.plan(self._definitions.get, self._silences, now, self._spellings)
                for queue in self._queues.values()
            )
            self._plan = sorted(chain.from_iterable(plans), key=_when)

    def _next_timer(self) -> tuple[datetime, str] | None:
        timers = self._timers
        while timers and self._books[timers[0][1]].next_due != timers[0][0]:
            heappop(timers)
        return timers[0] if timers else None


def _when(delivery: Delivery) -> tuple[datetime, str, str]:
    return delivery.not_before, delivery.channel, delivery.message
