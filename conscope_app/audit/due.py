"""What must be where after each raw record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
    """One thing that must be in a place, once; `weak` where it can only be consistent."""

    place: Place
    facts: Facts
    weak: bool = False


class KindsFound:
    """The kind that the pipeline gave to each record, where the old price is no longer known."""

    def __init__(self, ranges: Ranges) -> None:
        self._starts = {partition: start for partition, (start, _) in ranges.items() if start > 0}
        self._kinds = {
            partition: bytearray(ranges[partition][1] - start)
            for partition, start in self._starts.items()
        }

    def note(self, record: Record) -> None:
        """A record of `processed_prices`; one that cannot be read is reported when it is met."""
        try:
            price = decode_processed(record.value or b"")
            raw = RecordId.parse(price.id)
        except ValueError:
            return
        kinds = self._kinds.get(raw.partition)
        if kinds is not None:
            at = raw.offset - self._starts[raw.partition]
            if 0 <= at < len(kinds):
                kinds[at] = _KINDS.index(price.kind)

    def get(self, partition: int, offset: int) -> str:
        """The kind, or nothing where none was found."""
        kinds = self._kinds.get(partition)
        return "" if kinds is None else _KINDS[kinds[offset - self._starts[partition]]]


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
                return [Due(self._places.dead, self._places.dead.facts_of(_kept(record)))]
            case Copied(key, partition):
                return [Due(self._places.copies, copy_facts(key, record, partition))]
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


def _kept(record: Record) -> tuple[bytes | None, bytes | None]:
    """Key and value of a record's dead letter; one with neither has an empty value."""
    return record.key, b"" if record.key is None and record.value is None else record.value


def copy_facts(key: bytes | None, record: Record, partition: int) -> Facts:
    """The facts of a record's copy under this key in this partition."""
    headers = [(name, content) for name, content in record.headers if name != REKEYED_FROM]
    return (plain(key), plain(record.value), repr(headers), str(partition))
