"""What an item's price, or its end, means for every watch of its subject."""

from decimal import Decimal

from conscope_app.alerting.watches.best_offers import OffersBefore
from conscope_app.alerting.watches.book import MOST_ITEMS
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.meant import Meant
from conscope_app.alerting.watches.past import Look, look, remember
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import Item, Series
from conscope_app.alerting.watches.scope import Scope, denomination
from conscope_app.alerting.watches.signals import Priced
from conscope_app.alerting.watches.turn import Turn
from conscope_app.alerting.watches.verdicts import Cause, Verdict

Prices = dict[str, Decimal]  # by denomination


def take_price(turn: Turn, index: WatchIndex, signal: Priced) -> None:
    """An item is seen at a price."""
    book, key = turn.book, signal.item
    before = book.items.get(key)
    if before is not None and signal.observed_at < before.at:
        _take_late(turn, index.about(book.subject), signal)
        return
    prices = {denomination(basis, signal.currency): price for basis, price in signal.prices.items()}
    labels = signal.labels
    has_moved = before is not None and before.labels != labels
    if before is not None and not has_moved:
        labels = before.labels  # one object: whether it is meant need not be asked again
    item = Item(
        signal.observed_at,
        signal.place,
        prices if before is None else {**before.prices, **prices},
        labels,
        signal.line,
        signal.first,
        signal.last,
        signal.units,
        turn.now,
    )
    if turn.is_traced or has_moved:
        _judge_all(turn, index.about(book.subject), key, item, prices)
    else:
        _judge_meant(turn, index.meant_by(book.subject, labels), key, item, prices)
    if len(book.items) > MOST_ITEMS:
        take_end(turn, index.about(book.subject), next(iter(book.items)))


def take_end(turn: Turn, watches: tuple[ReadyWatch, ...], key: str) -> None:
    """An item is gone: what was raised for it alone is over, and another may be the best."""
    if key not in turn.book.items:
        return
    offers = OffersBefore(turn, _scopes(turn, watches), key)
    turn.book.remove_item(key)
    for ready in watches:
        if ready.id in turn.book.expired:
            continue
        if not ready.is_each_item:
            offers.judge(ready, None, None)
        elif key in turn.book.lives.get(ready.id, ()):
            turn.judge(ready, key, None, (key,), None)


def _judge_all(
    turn: Turn, watches: tuple[ReadyWatch, ...], key: str, item: Item, prices: Prices
) -> None:
    """Ask every watch of the subject, and have each say why it is not concerned."""
    offers = OffersBefore(turn, _scopes(turn, watches), key)
    turn.book.set_item(key, item)
    looks: dict[str, Look] = {}
    for ready in watches:
        if ready.id in turn.book.expired:
            continue
        price = prices.get(ready.scope.denomination)
        if not ready.is_each_item:
            offers.judge(ready, item, price)
        elif why := ready.scope.mismatch(item.labels):
            _judge_other(turn, ready, key, price, why)
        else:
            _judge_item(turn, ready, key, item, price, looks)


def _judge_meant(turn: Turn, meant: Meant, key: str, item: Item, prices: Prices) -> None:
    """Ask those whom it concerns: what is decided is the same as with all of them."""
    book = turn.book
    if book.expired:
        meant = meant.without(book.expired)
    offers = OffersBefore(turn, [scope for scope, _ in meant.of_best], key)
    book.set_item(key, item)
    decided_before = len(turn.decisions)
    looks: dict[str, Look] = {}
    for ready in meant.of_each:
        _judge_item(turn, ready, key, item, prices.get(ready.scope.denomination), looks)
    for ready in meant.of_others:
        if key in book.lives.get(ready.id, ()):
            _judge_other(turn, ready, key, None, "")
    for scope, watches in meant.of_best:
        offers.judge_all(scope, watches, item, prices.get(scope.denomination))
    if len(turn.decisions) > decided_before + 1:  # told in the order of the watches, as of all
        turn.decisions[decided_before:] = sorted(
            turn.decisions[decided_before:], key=lambda decision: decision.watch_id
        )


def _judge_item(
    turn: Turn,
    ready: ReadyWatch,
    key: str,
    item: Item,
    price: Decimal | None,
    looks: dict[str, Look],
) -> None:
    """Ask a watch that looks at each item, and means this one."""
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


def _judge_other(
    turn: Turn, ready: ReadyWatch, key: str, price: Decimal | None, why_not: str
) -> None:
    """Have a watch that does not mean an item, any more, end what it has raised for it."""
    if key in turn.book.lives.get(ready.id, ()):
        turn.judge(ready, key, None, (key,), None, cause=Cause.NOT_MEANT)
    else:
        turn.trace(ready.id, key, Verdict.NOT_MEANT, price, detail=why_not)


def _take_late(turn: Turn, watches: tuple[ReadyWatch, ...], signal: Priced) -> None:
    """What was seen before the price that is held is a low of its day, and nothing else."""
    for basis, price in signal.prices.items():
        series = Series("", denomination(basis, signal.currency), signal.item)
        past = turn.book.pasts.get(series)
        if past is not None and signal.observed_at < past.at:
            turn.book.set_past(series, remember(past, price, signal.observed_at))
    for ready in watches:
        turn.trace(ready.id, signal.item, Verdict.LATE)


def _scopes(turn: Turn, watches: tuple[ReadyWatch, ...]) -> list[Scope]:
    """What is looked at by those who look at the best offer."""
    expired = turn.book.expired
    return [ready.scope for ready in watches if not ready.is_each_item and ready.id not in expired]
