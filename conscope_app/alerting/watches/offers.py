"""The best offer of each scope, kept up with every price."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from conscope_app.alerting.watches.neighbours import Lot, Offer, cheapest_lot
from conscope_app.alerting.watches.rows import Item
from conscope_app.alerting.watches.scope import Scope

Items = Mapping[str, Item]
Lines = Mapping[str, Mapping[str, None]]  # the items on each line


class Spot(Protocol):
    """What an item is and where, whatever it costs: as it is held, or as it is seen."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    @property
    def line(self) -> str: ...
    @property
    def first(self) -> int | None: ...
    @property
    def last(self) -> int | None: ...
    @property
    def units(self) -> int: ...


class Best(NamedTuple):
    """A scope's best offer, and where neighbours are wanted, that of each line."""

    lot: Lot | None
    by_line: Mapping[str, Lot]


_NO_LINES: Mapping[str, Lot] = {}


def find_best(scope: Scope, items: Items, lines: Lines) -> Best:
    """Look at everything: of equal offers the one whose item comes first."""
    if scope.together == 1:
        return Best(_best_single(scope, items), _NO_LINES)
    by_line = {}
    for line in lines:
        lot = _best_of_line(scope, items, lines[line])
        if lot is not None:
            by_line[line] = lot
    return _with_lines(by_line)


def updated_best(
    best: Best,
    scope: Scope,
    key: str,
    before: Item | None,
    items: Items,
    lines: Lines,
    moved: str,
) -> Best:
    """The best offer after one item changed, which is on the line `moved`, or was."""
    if scope.together > 1:
        known = best.by_line.get(moved)
        if _is_dearer_than_before(scope, before, items.get(key)) and (
            known is None or key not in known.items
        ):
            return best  # of lots that it is a part of, none was the best, and none is cheaper now
        lot = _best_after(known, scope, items, lines.get(moved, {}), key, before)
        if lot == known:
            return best
        by_line = {line: each for line, each in best.by_line.items() if line != moved}
        if lot is not None:
            by_line[moved] = lot
        return _with_lines(by_line)
    now = _single(scope, key, items.get(key))
    known = best.lot
    if now is not None and (known is None or now < known):
        return Best(now, _NO_LINES)
    if known is None or known.items[0] != key or known == now:
        return best
    return Best(_best_single(scope, items), _NO_LINES)


def is_same_offer(scope: Scope, before: Item, now: Item) -> bool:
    """Whether an item is what it was to a scope."""
    kind = scope.denomination
    return before.prices.get(kind) == now.prices.get(kind) and is_same_place(before, now)


def is_seen_again(before: Item, now: Item) -> bool:
    """Whether an item is what it was to every scope: most prices have not moved."""
    return before.prices == now.prices and is_same_place(before, now)


def _is_dearer_than_before(scope: Scope, before: Item | None, now: Item | None) -> bool:
    """Whether nothing but its price has changed, and that upwards."""
    if before is None or now is None or not is_same_place(before, now):
        return False
    was, costs = before.prices.get(scope.denomination), now.prices.get(scope.denomination)
    return was is not None and costs is not None and was <= costs


def is_same_place(before: Spot, now: Spot) -> bool:
    """Whether nothing has changed but the price, and when it was seen."""
    return before.labels == now.labels and (
        (before.line, before.first, before.last, before.units)
        == (now.line, now.first, now.last, now.units)
    )


def _with_lines(by_line: Mapping[str, Lot]) -> Best:
    return Best(min(by_line.values(), default=None), by_line)


def _single(scope: Scope, key: str, item: Item | None) -> Lot | None:
    if item is None or scope.mismatch(item.labels):
        return None
    price = item.prices.get(scope.denomination)
    return None if price is None else Lot(price, (key,))


def _best_single(scope: Scope, items: Items) -> Lot | None:
    denomination, mismatch = scope.denomination, scope.mismatch
    return min(
        (
            Lot(item.prices[denomination], (key,))
            for key, item in items.items()
            if denomination in item.prices and not mismatch(item.labels)
        ),
        default=None,
    )


def _best_after(
    known: Lot | None,
    scope: Scope,
    items: Items,
    line: Mapping[str, None],
    key: str,
    before: Item | None,
) -> Lot | None:
    """The best lot of a line whose best was `known` before an item changed.

    What an item costs matters to lots that begin so near that they reach it. If the best one is
    none of those, it is only they that are looked at.
    """
    item = items.get(key)
    if before is None or item is None or item.first is None or item.last is None:
        return _best_of_line(scope, items, line)
    first, last = item.last - scope.together + 1, item.first + scope.together - 1
    begin = None if known is None else items[known.items[0]].first
    has_moved = (before.line, before.first, before.last) != (item.line, item.first, item.last)
    if has_moved or (begin is not None and first <= begin <= item.first):
        return _best_of_line(scope, items, line)
    near = [other for other in line if _is_within(items[other], first, last)]
    found = _best_of_line(scope, items, near)
    return min((lot for lot in (known, found) if lot is not None), default=None)


def _is_within(item: Item, first: int, last: int) -> bool:
    return (
        item.first is not None
        and item.last is not None
        and item.first >= first
        and item.last <= last
    )


def _best_of_line(scope: Scope, items: Items, keys: Iterable[str]) -> Lot | None:
    """The best lot of a line; what stands on none is a lot where it is sold in the right number."""
    offers, whole = [], []
    for key in keys:
        item = items[key]
        price = item.prices.get(scope.denomination)
        if price is None or scope.mismatch(item.labels):
            continue
        if item.first is not None and item.last is not None:
            offers.append(Offer(item.first, item.last, price, key))
        elif item.units == scope.together:
            whole.append(Lot(price, (key,)))
    lot = cheapest_lot(offers, scope.together)
    return min(whole if lot is None else [lot, *whole], default=None)
