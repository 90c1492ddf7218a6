"""What a changed item means for those who watch the best offer of a subject."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from conscope_app.alerting.watches.neighbours import Lot
from conscope_app.alerting.watches.offers import is_seen_again
from conscope_app.alerting.watches.past import Past, look, remember
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import Item, Series
from conscope_app.alerting.watches.scope import Scope
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Cause, Verdict


class _View(NamedTuple):
    """A scope's best offer after the change, if it was observed, and what was known before.

    `mismatch` says why the item is not meant, if it is not.
    """

    mismatch: str
    is_observed: bool = False
    lot: Lot | None = None
    past: Past | None = None
    doubtful: bool = False


class OffersBefore:
    """The best offers before one item changes; made before it does, asked after it did.

    The best offer is observed when the item that changed is a part of it, or was: what else happens
    at the event is no second look at a price.
    """

    def __init__(self, turn: Turn, scopes: Iterable[Scope], key: str) -> None:
        self._turn = turn
        self._key = key
        self._item = turn.book.items.get(key)
        self._seen_again: bool | None = None  # the item as it was; not known yet
        self._lots: dict[str, Lot | None] = {}
        self._views: dict[str, _View] = {}
        for scope in scopes:
            if scope.key not in self._lots:
                self._lots[scope.key] = turn.book.best(scope)

    def judge(self, ready: ReadyWatch, item: Item | None, price: Decimal | None) -> None:
        """Judge a watch after the item has changed to this, with this price seen just now."""
        view = self._views.get(ready.scope.key)
        if view is None:
            view = self._views[ready.scope.key] = self._look(ready.scope, item, price)
        if not view.is_observed:
            if item is not None:
                self._say_why_not(ready, view.mismatch, price)
            return
        self._judge(ready, view)

    def judge_all(
        self, scope: Scope, watches: Iterable[ReadyWatch], item: Item, price: Decimal | None
    ) -> None:
        """Judge watches that look at one scope, and mean the item. Nobody asks for traces."""
        view = self._look(scope, item, price)
        if view.is_observed:
            for ready in watches:
                self._judge(ready, view)

    def _judge(self, ready: ReadyWatch, view: _View) -> None:
        lot, turn = view.lot, self._turn
        if lot is None:
            turn.judge(ready, "", None, (), None, cause=Cause.GONE)
            return
        doubtful = view.doubtful and ready.watch.sure.confirm_jumps
        turn.judge(ready, "", lot.price, lot.items, view.past, doubtful=doubtful)

    def _look(self, scope: Scope, item: Item | None, price: Decimal | None) -> _View:
        turn, key = self._turn, self._key
        mismatch = "" if item is None else scope.mismatch(item.labels)
        if (item is None or mismatch) and not self._was_meant(scope, item):
            return _View(mismatch)
        before = self._lots[scope.key]
        after = (
            before if self._is_seen_again(item) else turn.book.best_after(scope, key, self._item)
        )
        is_in = after is not None and key in after.items and price is not None
        is_observed = is_in or before != after
        if not is_observed or after is None:
            return _View(mismatch, is_observed, after)
        series = _series(scope)
        past = turn.book.pasts.get(series)
        if is_in:
            seen = look(past, after.price, turn.now)
            turn.book.set_past(series, seen.after)
            return _View(mismatch, True, after, past, seen.doubtful)
        # Another offer is the best, which has been looked at before.
        turn.book.set_past(series, remember(past, after.price, turn.now))
        return _View(mismatch, True, after, past)

    def _is_seen_again(self, item: Item | None) -> bool:
        """Whether nothing changed but when it was seen, which is no matter of any scope."""
        if self._seen_again is None:
            before = self._item
            self._seen_again = (
                before is not None and item is not None and is_seen_again(before, item)
            )
        return self._seen_again

    def _was_meant(self, scope: Scope, item: Item | None) -> bool:
        """Before the change; `item` is what is not meant now, unless it is gone."""
        before = self._item
        if before is None or (item is not None and item.labels is before.labels):
            return False
        return not scope.mismatch(before.labels)

    def _say_why_not(self, ready: ReadyWatch, mismatch: str, price: Decimal | None) -> None:
        if mismatch:
            self._turn.trace(ready.id, "", Verdict.NOT_MEANT, price, detail=mismatch)
        elif price is None:
            self._turn.trace(ready.id, "", Verdict.NO_PRICE)
        else:
            self._turn.trace(ready.id, "", Verdict.NOT_BEST, price)


def _series(scope: Scope) -> Series:
    return Series(scope.key, scope.denomination, "")
