"""What must be where after each market snapshot, as far as it is one thing a place."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from msgspec import UNSET

from conscope_app.audit.due import Due, KindsFound, Ranges, copy_due, kept
from conscope_app.audit.expectation import Copied, Refused
from conscope_app.audit.markets.changes import Happened
from conscope_app.audit.markets.expectation import Judged, MarketFold
from conscope_app.audit.markets.past import Pasts
from conscope_app.audit.markets.places import MarketPlaces, said
from conscope_app.audit.places import Place
from conscope_app.core.record import Record

Take = Callable[[Record, Judged], None]


class MarketDues:
    """Takes the raw records of each partition in order and says what is due after each.

    `take` is handed each good one, for what it leads to beyond that: changes, and what holds now.
    """

    def __init__(
        self,
        places: MarketPlaces,
        partitions: int,
        ranges: Ranges,
        found: KindsFound,
        pasts: Pasts,
        take: Take,
    ) -> None:
        self.records = 0
        self.good = 0
        self.weak = 0
        self.guessed = 0  # of the weak ones: their kind was not there yet to be asked
        self._places = places
        self._ranges = ranges
        self._take = take
        self._partitions = partitions
        self._found = found
        self._pasts = pasts
        self._folds: dict[int, MarketFold] = {}

    def after(self, record: Record) -> list[Due]:
        """What the next record of its partition leads to; nothing outside the audited ranges."""
        start, end = self._ranges.get(record.partition, (0, 0))
        if not start <= record.offset < end:
            return []
        self.records += 1
        match self._fold(record.partition).expect(record):
            case Refused():
                return [Due(self._places.dead, self._places.dead.facts_of(kept(record)))]
            case Copied(key, partition):
                return [copy_due(self._places.copies, key, record, partition, self._ranges)]
            case Judged() as judged:
                self._take(record, judged)
                return self._after_snapshot(record, judged)

    def _fold(self, partition: int) -> MarketFold:
        """Begun with its first record: by then all that was published before is known."""
        fold = self._folds.get(partition)
        if fold is None:
            fold = self._folds[partition] = MarketFold(
                partition,
                self._partitions,
                whole=self._pasts.is_whole(partition),
                past=self._pasts.of(partition),
                kind_found=partial(self._found.get, partition),
            )
        return fold

    def _after_snapshot(self, record: Record, judged: Judged) -> list[Due]:
        self.good += 1
        self.weak += judged.weak
        self.guessed += judged.weak and not judged.kind
        processed, history = self._places.processed, self._places.history
        around = (judged.key, record.partition)
        return [
            _due(
                processed, {**said(judged.seen, unspoken=UNSET), **_verdict(judged)}, judged, around
            ),
            _due(history, {**said(judged.seen), **_verdict(judged)}, judged),
        ]


def _verdict(judged: Judged) -> dict[str, Any]:
    # Where it is weak any verdict will do that agrees with itself: it is not compared.
    if judged.weak:
        return {"kind": "same", "changes": changes_text(())}
    return {"kind": judged.kind, "changes": changes_text(judged.changes)}


def changes_text(changes: Iterable[Happened]) -> str:
    """The same text for the same changes in the same order; none have none."""
    return "; ".join(map(repr, map(tuple, changes)))


def _due(
    place: Place, values: Mapping[str, Any], judged: Judged, around: tuple[object, ...] = ()
) -> Due:
    in_order = [values[name] for name in place.fields]
    return Due(place, place.facts_of(in_order, *around, weak=judged.weak), judged.weak)
