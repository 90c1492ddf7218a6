"""A partition of `watched_prices` without Kafka: records in order, taken slab by slab."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from conscope_app.alerting.watches.control import (
    Control,
    Deletion,
    Making,
    Passing,
    Seeds,
    control_record,
    recorded_at,
)
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.signals import Seed
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.happenings import happening_record
from conscope_app.domains.tickets.records import ProcessedPrice, encode
from conscope_app.domains.tickets.watched import read_signal
from conscope_app.stream.books import Books
from conscope_app.stream.table_partition import TablePartition
from conscope_app.stream.watching import Watched, watch
from tests.factories import ARecord, a_price

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class WatchedLog:
    """Records as they come, a second apart; each says when it was recorded."""

    def __init__(self) -> None:
        self.now = NOON
        self.records: list[ARecord] = []

    def wait(self, **duration: float) -> "WatchedLog":
        """Let time pass."""
        self.now += timedelta(**duration)
        return self

    def price(self, amount: object, seat: str = "1", event_id: str = "evt", **fields: Any) -> Any:
        """What a seat costs, all in."""
        moved = {"kind": "new", "old_price": None, "change": None, "change_percent": None}
        fields = {"total_price": Decimal(str(amount)), "timestamp": self.now, **fields}
        price = ProcessedPrice(
            id=f"raw_prices-0-{len(self.records)}",
            **{**a_price(event_id=event_id, seat=seat), **moved, **fields},
        )
        return self.add(event_id.encode(), encode(price), recorded_at(to_epoch_ms(self.now)))

    def made(self, watch: Watch, subject: str = "evt") -> "WatchedLog":
        """A watch is made or changed."""
        return self.control(Making(watch=watch, subject=subject))

    def seeds(self, watch: Watch, *seeds: Seed, subject: str = "evt") -> "WatchedLog":
        """What a watch is to know of the time before it."""
        return self.control(Seeds(watch=watch, subject=subject, seeds=seeds))

    def deleted(self, watch_id: str = "w", version: int = 2) -> "WatchedLog":
        """A watch is deleted."""
        return self.control(Deletion(watch_id=watch_id, version=version))

    def tick(self, subject: str = "evt") -> "WatchedLog":
        """Time passes."""
        return self.control(Passing(subject=subject, at=self.now))

    def happens(self, kind: str, event_id: str = "evt", source: str = "seatgeek") -> "WatchedLog":
        """Something happens to an event."""
        key, value, headers = happening_record(event_id, source, kind, self.now, {})
        return self.add(key, value, *headers)

    def control(self, control: Control) -> "WatchedLog":
        """Any control record."""
        return self.add(*control_record(control, key="", at=self.now)[:2], *self._headers(control))

    def add(self, key: bytes, value: bytes | None, *headers: tuple[str, bytes]) -> "WatchedLog":
        """Any record, a second after the last one."""
        place = len(self.records)
        timestamp = to_epoch_ms(self.now)
        self.records.append(
            ARecord(key, value, "watched_prices", 0, place, timestamp, tuple(headers))
        )
        return self.wait(seconds=1)

    def _headers(self, control: Control) -> Sequence[tuple[str, bytes]]:
        return control_record(control, key="", at=self.now)[2]


class Partition:
    """The rows of a partition, and the books that are read from them."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.rows = TablePartition(folder)
        self.decisions: list[Decision] = []
        self.taken = 0
        self._options = options
        self.reopen()

    def reopen(self) -> "Partition":
        """Begin anew from the rows, as after a kill."""
        self.books = Books(self.rows, **self._options)
        return self

    def lose(self, records: Iterable[ARecord]) -> None:
        """Take a slab whose outcome is never kept."""
        watch([*records], self.books, read_signal)
        self.reopen()

    def take(self, records: Iterable[ARecord]) -> Watched:
        """Take a slab, and keep what it led to."""
        watched = watch([*records], self.books, read_signal)
        self.rows.write(watched.changes.items(), 0)
        self.decisions += watched.decisions
        return watched

    def take_rest(self, log: WatchedLog) -> Watched:
        """Take what has come since the last time, as one slab."""
        rest, self.taken = log.records[self.taken :], len(log.records)
        return self.take(rest)

    def told(self) -> list[str]:
        """What was decided, in order: verdict, watch and price."""
        return [f"{each.verdict} {each.watch_id} {each.price}" for each in self.decisions]
