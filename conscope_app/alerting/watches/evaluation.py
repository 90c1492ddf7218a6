"""The one entry: what a signal means for every watch of its subject.

`observe` is synchronous, and depends on its arguments alone. Timers that are due fire first, each
at its own moment, so that the decisions are the same whether or not anybody said in between that
time has passed. A book's time never goes back.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches import episodes
from conscope_app.alerting.watches.best_offers import OffersBefore
from conscope_app.alerting.watches.book import EXPIRY, MOST_ITEMS, Book, Timer
from conscope_app.alerting.watches.decisions import Decision, Trace
from conscope_app.alerting.watches.enrolment import follow
from conscope_app.alerting.watches.index import ReadyWatch, WatchIndex
from conscope_app.alerting.watches.lives import Whose
from conscope_app.alerting.watches.past import Look, look, remember
from conscope_app.alerting.watches.rows import Head, Item, Series
from conscope_app.alerting.watches.scope import denomination
from conscope_app.alerting.watches.signals import Deleted, Gone, Made, Priced, Signal, Tick
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Cause, Verdict
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


def _take(turn: Turn, watches: WatchIndex, signal: Priced | Gone | Made | Deleted) -> None:
    book = turn.book
    takes_place_at = signal.takes_place_at if isinstance(signal, Priced) else None
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
        _take_price(turn, watches, signal)
    elif isinstance(signal, Gone):
        _take_end(turn, followed, signal.item)
    elif isinstance(signal, Deleted) and signal.watch_id in book.enrolled:
        turn.end(signal.watch_id, Cause.DELETED)
        book.set_enrolled(signal.watch_id, None)


def _take_price(turn: Turn, index: WatchIndex, signal: Priced) -> None:
    book, key = turn.book, signal.item
    before, watches = book.items.get(key), index.about(book.subject)
    if before is not None and signal.observed_at < before.at:
        _take_late(turn, watches, signal)
        return
    prices = {denomination(basis, signal.currency): price for basis, price in signal.prices.items()}
    labels = signal.labels
    if before is not None and before.labels == labels:
        labels = before.labels  # one object: whether it is meant need not be asked again
        if not turn.is_traced:  # the others would only say why not
            watches = index.meant_by(book.subject, labels)
    offers = OffersBefore(turn, watches, key)
    item = Item(
        signal.observed_at,
        signal.place,
        prices if before is None else {**before.prices, **prices},
        labels,
        signal.line,
        signal.first,
        signal.last,
        signal.units,
    )
    book.set_item(key, item)
    looks: dict[str, Look] = {}
    for ready in watches:
        if ready.id in book.expired:
            continue
        price = prices.get(ready.scope.denomination)
        if ready.is_each_item:
            _judge_item(turn, ready, key, item, price, looks)
        else:
            offers.judge(ready, item, price)
    if len(book.items) > MOST_ITEMS:
        _take_end(turn, index.about(book.subject), next(iter(book.items)))


def _judge_item(
    turn: Turn,
    ready: ReadyWatch,
    key: str,
    item: Item,
    price: Decimal | None,
    looks: dict[str, Look],
) -> None:
    why = ready.scope.mismatch(item.labels)
    if why:
        if key in turn.book.lives.get(ready.id, ()):
            turn.judge(ready, key, None, (key,), None, cause=Cause.NOT_MEANT)
        else:
            turn.trace(ready.id, key, Verdict.NOT_MEANT, price, detail=why)
        return
    if price is None:
        turn.trace(ready.id, key, Verdict.NO_PRICE)
        return
    if not ready.needs_past:
        turn.judge(ready, key, price, (key,), None)
        return
    kind = ready.scope.denomination
    seen = looks.get(kind)
    if seen is None:
        series = Series("", kind, key)
        seen = looks[kind] = look(turn.book.pasts.get(series), price, item.at)
        turn.book.set_past(series, seen.after)
    doubtful = seen.doubtful and ready.watch.sure.confirm_jumps
    turn.judge(ready, key, price, (key,), seen.before, doubtful=doubtful)


def _take_late(turn: Turn, watches: tuple[ReadyWatch, ...], signal: Priced) -> None:
    """What was seen before the price that is held is a low of its day, and nothing else."""
    for basis, price in signal.prices.items():
        series = Series("", denomination(basis, signal.currency), signal.item)
        past = turn.book.pasts.get(series)
        if past is not None and signal.observed_at < past.at:
            turn.book.set_past(series, remember(past, price, signal.observed_at))
    for ready in watches:
        turn.trace(ready.id, signal.item, Verdict.LATE)


def _take_end(turn: Turn, watches: tuple[ReadyWatch, ...], key: str) -> None:
    """An item is gone: what was raised for it alone is over, and another may be the best."""
    if key not in turn.book.items:
        return
    offers = OffersBefore(turn, watches, key)
    turn.book.remove_item(key)
    for ready in watches:
        if ready.id in turn.book.expired:
            continue
        if not ready.is_each_item:
            offers.judge(ready, None, None)
        elif key in turn.book.lives.get(ready.id, ()):
            turn.judge(ready, key, None, (key,), None)


def _elapse(turn: Turn, watches: WatchIndex, timer: Timer) -> None:
    """Let a timer fire at its own moment."""
    book, ready = turn.book, watches.get(timer.watch_id)
    if timer.kind == EXPIRY:
        turn.end(timer.watch_id, Cause.EXPIRED)
        expired = msgspec.structs.replace(book.enrolled[timer.watch_id], expired=True)
        book.set_enrolled(timer.watch_id, expired)
    elif ready is None:
        turn.end(timer.watch_id, Cause.DELETED)
        book.set_enrolled(timer.watch_id, None)
    else:
        life = book.lives[timer.watch_id][timer.item]
        whose = Whose(book.subject, timer.watch_id, timer.item)
        step = episodes.elapse(life, whose, timer.at)
        turn.apply(ready, timer.item, step, life.threshold, life.price)


def _sweep(turn: Turn, watches: WatchIndex) -> None:
    """Once a day, with its first signal: forget what no watch can ask for any more."""
    book, today = turn.book, turn.now.astimezone(UTC).date()
    if book.head.swept == today:
        return
    book.advance(msgspec.structs.replace(book.head, swept=today))
    oldest = turn.now - timedelta(days=LONGEST_WINDOW_DAYS)
    for key in [key for key, item in book.items.items() if item.at < oldest]:
        _take_end(turn, _enrolled(book, watches), key)
    for series in [*book.stale(today)]:
        book.remove_past(series)
    for watch_id, lives in [*book.lives.items()]:
        ready = watches.get(watch_id)
        for item, life in [*lives.items()]:
            if ready is None or episodes.is_needless(life, ready.terms, turn.now):
                book.set_life(watch_id, item, None)


def _enrolled(book: Book, watches: WatchIndex) -> tuple[ReadyWatch, ...]:
    return tuple(ready for ready in watches.about(book.subject) if ready.id in book.enrolled)
