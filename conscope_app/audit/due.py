"""What must be where after each raw record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import msgspec

from conscope_app.audit.expectation import Copied, Fold, Processed, Refused, alert_of
from conscope_app.audit.places import (
    Facts,
    Place,
    alerts_table,
    alerts_topic,
    copies_of,
    dead_topic,
    history_table,
    plain,
    processed_topic,
)
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import decode_processed
from conscope_app.stream.dead_letters import REKEYED_FROM

_KINDS = ("", "new", "drop", "rise", "same", "late")

Ranges = Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Names:
    """The topics that are audited, and the tables."""

    raw: str = "raw_prices"
    processed: str = "processed_prices"
    alerts: str = "price_alerts"
    dead: str = "raw_prices.dead"
    # What is made of other records than raw prices, whose dead letters lie beside theirs.
    of_others: tuple[str, ...] = (
        "watched_prices",
        "watch_decisions",
        "market_snapshots",
        "processed_markets",
    )
    history: str = "price_history"
    drop_alerts: str = "price_drop_alerts"


class Places(NamedTuple):
    """Everywhere that something must be found."""

    processed: Place
    alerts: Place
    dead: Place
    copies: Place
    history: Place
    drop_alerts: Place

    @classmethod
    def under(cls, names: Names) -> "Places":
        """The places under these names."""
        return cls(
            processed_topic(names.processed),
            alerts_topic(names.alerts),
            dead_topic(names.dead),
            copies_of(names.raw),
            history_table(names.history),
            alerts_table(names.drop_alerts),
        )


class Due(NamedTuple):
    """One thing that must be in a place, once; `weak` where it can only be consistent.

    A copy that is weak may have been removed.
    """

    place: Place
    facts: Facts
    weak: bool = False


class Expecting(Protocol):
    """Takes the raw records of each partition in order."""

    records: int
    good: int

    def after(self, record: Record) -> list[Due]:
        """What the next record of its partition leads to; nothing outside the audited ranges."""


class KindsFound:
    """The kind that the pipeline gave to each record, where what was before is no longer known."""

    def __init__(
        self,
        ranges: Ranges,
        decode: Callable[[bytes], Any] = decode_processed,
        kinds: Sequence[str] = _KINDS,
    ) -> None:
        self._decode = decode
        self._names = kinds
        self._starts = {partition: start for partition, (start, _) in ranges.items() if start > 0}
        self._kinds = {
            partition: bytearray(ranges[partition][1] - start)
            for partition, start in self._starts.items()
        }

    def note(self, record: Record) -> None:
        """An output; one that cannot be read is reported when it is met."""
        try:
            output = self._decode(record.value or b"")
            raw = RecordId.parse(output.id)
        except ValueError:
            return
        kinds = self._kinds.get(raw.partition)
        if kinds is not None:
            at = raw.offset - self._starts[raw.partition]
            if 0 <= at < len(kinds):
                kinds[at] = self._names.index(output.kind)

    def get(self, partition: int, offset: int) -> str:
        """The kind, or nothing where none was found."""
        kinds = self._kinds.get(partition)
        return "" if kinds is None else self._names[kinds[offset - self._starts[partition]]]


class Dues:
    """Takes the raw records of each partition in order and says what is due after each."""

    def __init__(self, places: Places, partitions: int, ranges: Ranges, found: KindsFound) -> None:
        self.records = 0
        self.good = 0
        self.weak = 0
        self.guessed = 0  # of the weak ones: their kind was not there yet to be asked
        self._places = places
        self._found = found
        self._ranges = ranges
        self._folds = {
            partition: self._fold(partition, partitions, start)
            for partition, (start, _) in ranges.items()
        }

    def after(self, record: Record) -> list[Due]:
        """What the next record of its partition leads to; nothing outside the audited ranges."""
        start, end = self._ranges.get(record.partition, (0, 0))
        if not start <= record.offset < end:
            return []
        self.records += 1
        match self._folds[record.partition].expect(record):
            case Refused():
                return [Due(self._places.dead, self._places.dead.facts_of(kept(record)))]
            case Copied(key, partition):
                return [copy_due(self._places.copies, key, record, partition, self._ranges)]
            case Processed() as expected:
                return self._after_price(record, expected)

    def _fold(self, partition: int, partitions: int, start: int) -> Fold:
        def kind_found(offset: int) -> str:
            return self._found.get(partition, offset)

        return Fold(partition, partitions, whole=start == 0, kind_found=kind_found)

    def _after_price(self, record: Record, expected: Processed) -> list[Due]:
        price, weak = expected.price, expected.weak
        kind: str = price.kind
        self.good += 1
        if weak:
            kind = self._found.get(record.partition, record.offset)
            self.weak += 1
            self.guessed += not kind
        places, around = self._places, (expected.key, record.partition)
        dues = [
            Due(places.processed, places.processed.facts(price, *around, weak=weak), weak),
            Due(places.history, places.history.facts(price, weak=weak), weak),
        ]
        if kind == "drop":
            if weak:  # any higher old price will do: it is not compared
                price = msgspec.structs.replace(price, old_price=price.price * 2)
            alert = alert_of(expected._replace(price=price))
            dues += [
                Due(places.alerts, places.alerts.facts(alert, *around, weak=weak), weak),
                Due(places.drop_alerts, places.drop_alerts.facts(alert, weak=weak), weak),
            ]
        return dues


def kept(record: Record) -> tuple[bytes | None, bytes | None]:
    """Key and value of a record's dead letter; one with neither has an empty value."""
    return record.key, b"" if record.key is None and record.value is None else record.value


def copy_due(
    place: Place, key: bytes | None, record: Record, partition: int, ranges: Ranges
) -> Due:
    """The copy of a record; weak where retention may have removed it from its partition."""
    is_cut = ranges.get(partition, (0, 0))[0] > 0
    return Due(place, copy_facts(key, record, partition), weak=is_cut)


def copy_facts(key: bytes | None, record: Record, partition: int) -> Facts:
    """The facts of a record's copy under this key in this partition."""
    headers = [(name, content) for name, content in record.headers if name != REKEYED_FROM]
    return (plain(key), plain(record.value), repr(headers), str(partition))


def not_asked_in_time(guessed: int) -> list[str]:
    """A note where the kinds of so many weak records were not there yet."""
    note = (
        f"{guessed} of them were not processed yet when they were asked for: run the audit again "
        "once the pipeline has caught up."
    )
    return [note] if guessed else []
