"""A watch begins to be followed at a subject, or is followed on in a new version."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from conscope_app.alerting.watches import episodes
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.past import Past, remember
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import Enrolled, Series
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Cause


def follow(turn: Turn, watches: WatchIndex, followed: Sequence[ReadyWatch]) -> None:
    """Follow these from here on, each in its version, and nothing else: the rest is over."""
    book = turn.book
    for watch_id in sorted(book.enrolled.keys() - {ready.id for ready in followed}):
        known = watches.get(watch_id)
        if known is not None and known.is_about(book.subject):
            keep_enrolled(turn, known)
            let_go(turn, known)
            continue
        turn.end(watch_id, Cause.DELETED if known is None else Cause.CHANGED)
        book.set_enrolled(watch_id, None)
    for ready in followed:
        keep_enrolled(turn, ready)


def keep_enrolled(turn: Turn, ready: ReadyWatch) -> None:
    """Follow a watch in its version, if it is not followed in that already."""
    enrolled = turn.book.enrolled.get(ready.id)
    if enrolled is None or enrolled.version != ready.watch.version:
        enrol(turn, ready)


def let_go(turn: Turn, ready: ReadyWatch) -> None:
    """Follow a watch no longer that asks for no price, if nothing of it is left to know.

    So it stands in no book but those where something has happened that it asks for.
    """
    book = turn.book
    if not ready.asks_for_price and ready.id in book.enrolled and ready.id not in book.lives:
        book.set_enrolled(ready.id, None)


def enrol(turn: Turn, ready: ReadyWatch) -> None:
    """Follow a watch from here on, and look at what is so already.

    What was raised under a version that meant the same goes on; under another it is over.
    """
    book, watch = turn.book, ready.watch
    known = book.enrolled.get(ready.id)
    means_the_same = known is not None and known.meaning == ready.meaning
    if known is not None and not means_the_same:
        turn.end(ready.id, Cause.CHANGED)
    expires_at = watch.to.expires_at and watch.to.expires_at.astimezone(UTC)
    is_over = expires_at is not None and expires_at <= turn.now
    if is_over:
        turn.end(ready.id, Cause.EXPIRED)
    book.set_enrolled(
        ready.id,
        Enrolled(
            watch.version,
            ready.meaning,
            watch.when.basis,
            watch.when.currency,
            expires_at,
            is_over,
        ),
    )
    if is_over:
        return
    if means_the_same:
        _set_anew(turn, ready)
    elif not ready.asks_for_price:
        return
    elif ready.is_each_item:
        _greet_items(turn, ready)
    else:
        _greet_best(turn, ready)


def _set_anew(turn: Turn, ready: ReadyWatch) -> None:
    """How often may have changed, and with it what time alone changes."""
    for item, life in [*turn.book.lives.get(ready.id, {}).items()]:
        due_at = episodes.due_at(life, ready.terms)
        if due_at != life.due_at:
            turn.book.set_life(ready.id, item, msgspec.structs.replace(life, due_at=due_at))


def _greet_items(turn: Turn, ready: ReadyWatch) -> None:
    for key, item in sorted(turn.book.items.items()):
        price = item.prices.get(ready.scope.denomination)
        if price is not None and not ready.scope.mismatch(item.labels):
            series = Series("", ready.scope.denomination, key)
            past = _begun(turn, ready, series, price, item.at)
            turn.greet(ready, key, price, (key,), past)


def _greet_best(turn: Turn, ready: ReadyWatch) -> None:
    lot = turn.book.best(ready.scope)
    if lot is not None:
        series = Series(ready.scope.key, ready.scope.denomination, "")
        past = _begun(turn, ready, series, lot.price, turn.now)
        turn.greet(ready, "", lot.price, lot.items, past)


def _begun(
    turn: Turn, ready: ReadyWatch, series: Series, price: Decimal, at: datetime
) -> Past | None:
    """The series' past, which begins now where nobody has watched it before."""
    past = turn.book.pasts.get(series)
    if past is None and ready.needs_past:
        past = remember(None, price, at)
        turn.book.set_past(series, past)
    return past
