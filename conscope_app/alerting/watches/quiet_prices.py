"""A price no lower than before, where nothing is at stake: nearly all prices, taken in quickly.

It does what `prices.take_price` would, without asking anybody who would say no. Whatever is out of
the ordinary is left to that.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.meant import Bar, Meant
from conscope_app.alerting.watches.offers import is_same_place
from conscope_app.alerting.watches.past import Past, look
from conscope_app.alerting.watches.ready_watch import is_over_days, is_over_last
from conscope_app.alerting.watches.rows import Head, Item, Series
from conscope_app.alerting.watches.scope import denomination
from conscope_app.alerting.watches.signals import Priced


def take_quietly(book: Book, index: WatchIndex, signal: Priced, now: datetime) -> bool:
    """Take the price in, if nobody has to be asked and nothing else is due; else change nothing.

    `now` is the book's, which never goes back. No timer of the book is due.
    """
    head, key = book.head, signal.item
    before = book.items.get(key)
    if (
        before is None
        or signal.place <= head.place
        or signal.observed_at < before.at
        or head.swept != now.astimezone(UTC).date()
        or book.expired
        or book.followed is not index.about(book.subject)
        or not is_same_place(before, signal)
    ):
        return False
    prices = {denomination(basis, signal.currency): price for basis, price in signal.prices.items()}
    if not _is_no_lower(before, prices):
        return False
    meant = index.meant_by(book.subject, before.labels)
    pasts = _quiet_pasts(book, meant, key, prices)
    if pasts is None or _is_best(book, meant, key, before.line):
        return False
    item = Item(
        signal.observed_at,
        signal.place,
        {**before.prices, **prices},
        before.labels,
        signal.line,
        signal.first,
        signal.last,
        signal.units,
        now,
    )
    book.advance(Head(now, signal.place, head.swept, signal.takes_place_at or head.takes_place_at))
    book.set_item(key, item)
    for series, past in pasts.items():
        book.set_past(series, look(past, prices[series.denomination], item.at).after)
    return True


def _is_no_lower(before: Item, prices: Mapping[str, Decimal]) -> bool:
    for kind, price in prices.items():
        was = before.prices.get(kind)
        if was is None or price < was:
            return False
    return True


def _quiet_pasts(
    book: Book, meant: Meant, key: str, prices: Mapping[str, Decimal]
) -> dict[Series, Past] | None:
    """The pasts that remember the price; None where a watch of each item has to be asked."""
    if book.has_life(key):
        return None
    pasts: dict[Series, Past] = {}
    for bar in meant.bars:
        price = prices.get(bar.denomination)
        if price is None:
            continue
        if bar.is_open or (bar.most is not None and price <= bar.most):
            return None
        if bar.needs_past:
            series = Series("", bar.denomination, key)
            past = book.pasts.get(series)
            if past is None or not _is_over(bar, price, past):
                return None
            pasts[series] = past
    return pasts


def _is_over(bar: Bar, price: Decimal, past: Past) -> bool:
    if bar.under_last and not is_over_last(price, past):
        return False
    return not bar.under_median or is_over_days(price, past)


def _is_best(book: Book, meant: Meant, key: str, line: str) -> bool:
    """Whether the item is a part of an offer that is the best, at least of its line, or may be."""
    for scope, _ in meant.of_best:
        best = book.known_best(scope)
        if best is None:
            return True
        lot = best.by_line.get(line) if scope.together > 1 else best.lot
        if lot is not None and key in lot.items:
            return True
    return False
