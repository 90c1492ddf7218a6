"""What every fold of raw records does: each record ends in one place, whatever is wrong with it.

What a good record means is each fold's own: `tracking` for prices, `market_tracking` for markets.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from conscope_app.core.record import Record, framed_size
from conscope_app.core.refusal import Reason, Refused

REKEYED_FROM = "conscope.rekeyed-from"

# What goes back to its topic has to fit it (1 MiB) with the mark that it then carries.
MAX_REKEYED_BYTES = 900_000

RowT = TypeVar("RowT")

Sent = tuple[bytes, bytes, Sequence[tuple[str, bytes]]]


class HeldUnreadable(Exception):
    """The table cannot be read: the worker must end, and no record may be refused for it."""


def unreadable(key: bytes, error: Exception) -> HeldUnreadable:
    """What is to be raised where a row of the table cannot be read."""
    return HeldUnreadable(f"the row of {key!r} cannot be read: {error!r}")


@dataclass(slots=True)
class Tracked:
    """What a run of raw records led to.

    `processed`, `alerts` and `happenings` are records for this partition, as (key, value, headers);
    `changes` the new state of each key touched; `rekeyed` records that belong to (partition, key);
    `refused` records with what is wrong with them. Every record of the run is in exactly one of
    processed, rekeyed, refused.
    """

    processed: list[Sent] = field(default_factory=list)
    alerts: list[Sent] = field(default_factory=list)
    happenings: list[Sent] = field(default_factory=list)
    changes: dict[bytes, bytes] = field(default_factory=dict)
    rekeyed: list[tuple[int, bytes, Record]] = field(default_factory=list)
    refused: list[tuple[Record, Refused]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of the partition's counters."""
        self.counts[name] = self.counts.get(name, 0) + by


class RecordFold(ABC, Generic[RowT]):
    """Adds what records lead to, one after the other, to `out`; complete when it is settled.

    `held` gives the table's bytes for a key in this partition, `partition_of` the partition where a
    key belongs.
    """

    def __init__(
        self,
        held: Callable[[bytes], bytes | None],
        partition: int,
        partition_of: Callable[[bytes], int],
        out: Tracked,
    ) -> None:
        self._held = held
        self._partition = partition
        self._partition_of = partition_of
        self._out = out
        self._seen: dict[bytes, RowT] = {}
        self._changed: set[bytes] = set()
        self._taken = 0
        self._kinds: list[str] = []

    @abstractmethod
    def _track(self, record: Record) -> None:
        """Take one record, or raise `Refused`; whatever else it raises refuses the record too."""

    @abstractmethod
    def _encode(self, row: RowT) -> bytes:
        """The table's bytes of a row."""

    @abstractmethod
    def _decode(self, value: bytes) -> RowT:
        """Read them back."""

    def settle(self) -> None:
        """Add the new rows and the counts; what `held` gives is asked for anew from here on."""
        seen, out = self._seen, self._out
        out.changes |= {key: self._encode(seen[key]) for key in self._changed}
        out.count("records", self._taken)
        for kind, count in Counter(self._kinds).items():
            out.count(kind, count)
        seen.clear()
        self._changed.clear()
        self._kinds.clear()
        self._taken = 0

    def take(self, record: Record) -> None:
        """Add one record to the outputs, or to what is re-keyed or refused."""
        self._taken += 1
        try:
            self._track(record)
        except Refused as refused:
            self._refuse(record, refused)
        except (HeldUnreadable, MemoryError, OSError):
            raise  # not the record's fault: it must not be refused for it
        except Exception as error:  # noqa: BLE001 one record must not stop its partition for ever
            message = f"{type(error).__name__}: {error}"
            self._refuse(record, Refused(Reason.UNEXPECTED, message))

    def _last(self, key: bytes) -> RowT | None:
        last = self._seen.get(key)
        if last is None:
            try:
                value = self._held(key)
                if value is not None:
                    last = self._seen[key] = self._decode(value)
            except Exception as error:
                raise unreadable(key, error) from error
        return last

    def _rekey(self, record: Record, key: bytes) -> None:
        if any(name == REKEYED_FROM for name, _ in record.headers):
            raise Refused(
                Reason.WRONG_PARTITION,
                f"re-keyed once already, and still not where it belongs: {key.decode()}",
            )
        size = len(record.value or b"") + len(key) + framed_size(record.headers)
        if size > MAX_REKEYED_BYTES:
            raise Refused(Reason.TOO_LONG, f"with its headers the record has {size} bytes")
        self._out.rekeyed.append((self._partition_of(key), key, record))
        self._out.count("rekeyed")

    def _refuse(self, record: Record, refused: Refused) -> None:
        self._out.refused.append((record, refused))
        self._out.count("dead")
        self._out.count(f"dead:{refused.reason}")
