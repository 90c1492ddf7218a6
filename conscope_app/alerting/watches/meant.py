"""A subject's watches by what an item is: which of them mean it, and what they look at."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.scope import Scope

_MOST_KEPT = 1_000


class Bar(NamedTuple):
    """What bars those who look at each item from raising anything, for one kind of price.

    Prices over `most`, and where they are asked for, those under no last price and no median. Where
    it `is_open`, somebody has to be asked in any case.
    """

    denomination: str
    most: Decimal | None
    under_last: bool
    under_median: bool
    needs_past: bool
    is_open: bool


class Meant(NamedTuple):
    """The watches of a subject, as they stand to an item with certain labels.

    Those of the best offer that do not mean it are left out: to them it has never been anything.
    """

    of_each: tuple[ReadyWatch, ...]  # that look at each item, and mean it
    of_others: tuple[ReadyWatch, ...]  # that look at each item, and do not mean it
    of_best: tuple[tuple[Scope, tuple[ReadyWatch, ...]], ...]  # that look at the best offer
    bars: tuple[Bar, ...] = ()  # those of `of_each`

    def without(self, watch_ids: Collection[str]) -> "Meant":
        """The same but for some watches; a scope that nobody else looks at goes with them."""
        of_each = _but(watch_ids, self.of_each)
        of_best = ((scope, _but(watch_ids, watches)) for scope, watches in self.of_best)
        return Meant(
            of_each,
            _but(watch_ids, self.of_others),
            tuple((scope, watches) for scope, watches in of_best if watches),
            _bars(of_each),
        )


class ByLabels:
    """The watches of a subject, sorted when an item with such labels is first asked for."""

    __slots__ = ("_asked", "_found", "_watches")

    def __init__(self, watches: tuple[ReadyWatch, ...]) -> None:
        self._watches = watches
        self._asked = tuple(sorted({name for ready in watches for name in ready.scope.asked}))
        self._found: dict[tuple[str | None, ...], Meant] = {}

    def get(self, labels: Mapping[str, str]) -> Meant:
        """The watches as they stand to an item with these labels."""
        asked = tuple(map(labels.get, self._asked))
        found = self._found.get(asked)
        if found is None:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            found = self._found[asked] = self._sort(labels)
        return found

    def _sort(self, labels: Mapping[str, str]) -> Meant:
        of_each: list[ReadyWatch] = []
        of_others: list[ReadyWatch] = []
        of_best: dict[str, tuple[Scope, list[ReadyWatch]]] = {}
        for ready in self._watches:
            scope = ready.scope
            is_meant = not scope.mismatch(labels)
            if ready.is_each_item:
                (of_each if is_meant else of_others).append(ready)
            elif is_meant:
                of_best.setdefault(scope.key, (scope, []))[1].append(ready)
        return Meant(
            tuple(of_each),
            tuple(of_others),
            tuple((scope, tuple(watches)) for scope, watches in of_best.values()),
            _bars(of_each),
        )


def _bars(watches: Iterable[ReadyWatch]) -> tuple[Bar, ...]:
    by_kind: dict[str, list[ReadyWatch]] = {}
    for ready in watches:
        by_kind.setdefault(ready.scope.denomination, []).append(ready)
    return tuple(_bar(kind, each) for kind, each in by_kind.items())


def _bar(denomination: str, watches: Sequence[ReadyWatch]) -> Bar:
    """Of what bars a watch one thing is enough: what is quickest to look at."""
    targets, under_last, under_median, is_open = [], False, False, False
    for ready in watches:
        if ready.wants_first:
            is_open = True
        elif ready.under_last:
            under_last = True
        elif ready.at_most is not None:
            targets.append(ready.at_most)
        elif ready.under_median:
            under_median = True
        else:
            is_open = True
    return Bar(
        denomination,
        max(targets, default=None),
        under_last,
        under_median,
        any(ready.needs_past for ready in watches),
        is_open,
    )


def _but(watch_ids: Collection[str], watches: tuple[ReadyWatch, ...]) -> tuple[ReadyWatch, ...]:
    return tuple(ready for ready in watches if ready.id not in watch_ids)
