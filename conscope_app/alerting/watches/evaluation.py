"""The one entry: what a signal means for every watch of its subject.

`observe` is synchronous, and depends on its arguments alone. Timers that are due fire first, each
at its own moment, so that the decisions are the same whether or not anybody said in between that
time has passed. A book's time never goes back.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches import episodes
from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.decisions import Decision, Trace
from conscope_app.alerting.watches.enrolment import follow, let_go
from conscope_app.alerting.watches.happening import KEPT
from conscope_app.alerting.watches.happenings import (
    take_absence,
    take_happening,
    take_return,
)
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.lives import Whose
from conscope_app.alerting.watches.prices import take_end, take_price
from conscope_app.alerting.watches.quiet_prices import take_quietly
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import Head, Series
from conscope_app.alerting.watches.signals import (
    Deleted,
    Gone,
    Happened,
    Made,
    Priced,
    Signal,
    Tick,
)
from conscope_app.alerting.watches.timers import EXPIRY, Timer
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Cause
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS


class Outcome(NamedTuple):
    """What followed from a signal: rows to keep, what is to be told, what each watch made of it."""

    changes: dict[bytes, bytes | None]
    decisions: list[Decision]
    traces: list[Trace]


def observe(
    book: Book, watches: WatchIndex, signal: Signal, now: datetime, *, is_traced: bool = True
) -> Outcome:
    """Take a signal in. The watches are those that hold at the signal's place.

    A signal whose place has been passed already changes nothing. Without `is_traced` there are no
    traces, and all else is the same.
    """
    head = book.head
    if head.now is not None and now < head.now:
        now = head.now
    if (
        isinstance(signal, Priced)
        and not is_traced
        and not book.is_due(now)
        and take_quietly(book, watches, signal, now)
    ):
        return Outcome(book.take_changes(), [], [])
    decisions: list[Decision] = []
    traces: list[Trace] = []
    while (timer := book.pop_due(now)) is not None:
        turn = Turn(book, head.place, timer.at, is_traced=is_traced)
        _elapse(turn, watches, timer)
        decisions += turn.decisions
        traces += turn.traces
    if isinstance(signal, Tick):
        if now != head.now:
            book.advance(msgspec.structs.replace(head, now=now))
        return Outcome(book.take_changes(), decisions, traces)
    if signal.place > head.place:
        turn = Turn(book, signal.place, now, is_traced=is_traced)
        _sweep(turn, watches)
        _take(turn, watches, signal)
        decisions += turn.decisions
        traces += turn.traces
    return Outcome(book.take_changes(), decisions, traces)


def _take(
    turn: Turn, watches: WatchIndex, signal: Priced | Gone | Happened | Made | Deleted
) -> None:
    book = turn.book
    takes_place_at = signal.takes_place_at if isinstance(signal, Priced | Happened) else None
    head = book.head
    takes_place_at = takes_place_at or head.takes_place_at
    book.advance(Head(turn.now, signal.place, head.swept, takes_place_at))
    if isinstance(signal, Made):
        for seed in signal.seeds:
            series = Series(seed.scope, seed.denomination, seed.item)
            if series not in book.pasts:
                book.set_past(series, seed.past)
    followed = watches.about(book.subject)
    if book.followed is not followed:
        follow(turn, watches, followed)
        book.followed = followed
    if isinstance(signal, Priced):
        take_price(turn, watches, signal)
        if signal.item in book.absent:
            take_return(turn, watches, signal)
    elif isinstance(signal, Gone):
        item = book.items.get(signal.item)
        take_end(turn, followed, signal.item)
        if item is not None:
            take_absence(turn, watches, signal, item)
    elif isinstance(signal, Happened):
        take_happening(turn, watches, signal)
    elif isinstance(signal, Deleted) and signal.watch_id in book.enrolled:
        turn.end(signal.watch_id, Cause.DELETED)
        book.set_enrolled(signal.watch_id, None)


def _elapse(turn: Turn, watches: WatchIndex, timer: Timer) -> None:
    """Let a timer fire at its own moment."""
    book, ready = turn.book, watches.get(timer.watch_id)
    if timer.kind == EXPIRY:
        turn.end(timer.watch_id, Cause.EXPIRED)
        expired = msgspec.structs.replace(book.enrolled[timer.watch_id], expired=True)
        book.set_enrolled(timer.watch_id, expired)
        if ready is not None:
            let_go(turn, ready)
    elif ready is None:
        turn.end(timer.watch_id, Cause.DELETED)
        book.set_enrolled(timer.watch_id, None)
    else:
        life = book.lives[timer.watch_id][timer.item]
        whose = Whose(book.subject, timer.watch_id, timer.item)
        step = episodes.elapse(life, whose, timer.at)
        turn.apply(ready, timer.item, step, life.threshold, life.price)
        let_go(turn, ready)


def _sweep(turn: Turn, watches: WatchIndex) -> None:
    """Once a day, with its first signal: forget what no watch can ask for any more."""
    book, today = turn.book, turn.now.astimezone(UTC).date()
    if book.head.swept == today:
        return
    book.advance(msgspec.structs.replace(book.head, swept=today))
    oldest = turn.now - timedelta(days=LONGEST_WINDOW_DAYS)
    for key in [key for key, item in book.items.items() if item.at < oldest]:
        take_end(turn, _enrolled(book, watches), key)
    for key in [key for key, absence in book.absent.items() if absence.at < turn.now - KEPT]:
        book.set_absent(key, None)
    for series in [*book.stale(today)]:
        book.remove_past(series)
    for watch_id, lives in [*book.lives.items()]:
        ready = watches.get(watch_id)
        for item, life in [*lives.items()]:
            if ready is None or episodes.is_needless(life, ready.terms, turn.now):
                book.set_life(watch_id, item, None)


def _enrolled(book: Book, watches: WatchIndex) -> tuple[ReadyWatch, ...]:
    return tuple(ready for ready in watches.about(book.subject) if ready.id in book.enrolled)
