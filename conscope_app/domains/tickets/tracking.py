"""A run of raw prices of one partition against what that partition has seen: everything that
follows, as a value. The fold is synchronous and depends on its arguments alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.record import Record, framed_size
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.pricing import (
    LastSeen,
    Move,
    decode_last_seen,
    encode_last_seen,
    observe,
    observe_beside,
)
from conscope_app.domains.tickets.records import Drop, Kind, Movement, RawPrice, encode, joined
from conscope_app.domains.tickets.seat_key import is_unnamed, seat_key
from conscope_app.domains.tickets.validation import read

REKEYED_FROM = "conscope.rekeyed-from"

# What goes back to `raw_prices` has to fit it (1 MiB) with the mark that it then carries.
MAX_REKEYED_BYTES = 900_000


Sent = tuple[bytes, bytes, Sequence[tuple[str, bytes]]]


class HeldUnreadable(Exception):
    """The table cannot be read: the worker must end, and no record may be refused for it."""


def unreadable(key: bytes, error: Exception) -> HeldUnreadable:
    """What is to be raised where the row of a seat cannot be read."""
    return HeldUnreadable(f"the row of {key!r} cannot be read: {error!r}")


@dataclass(slots=True)
class Tracked:
    """What a run of raw prices led to.

    `processed` and `alerts` are records for this partition, as (key, value, headers); `changes` the
    new state of each seat touched; `rekeyed` records that belong to (partition, key); `refused`
    records with what is wrong with them. Every record of the run is in exactly one of processed,
    rekeyed, refused.
    """

    processed: list[Sent] = field(default_factory=list)
    alerts: list[Sent] = field(default_factory=list)
    changes: dict[bytes, bytes] = field(default_factory=dict)
    rekeyed: list[tuple[int, bytes, Record]] = field(default_factory=list)
    refused: list[tuple[Record, Refused]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of the partition's counters."""
        self.counts[name] = self.counts.get(name, 0) + by


def track(
    records: Iterable[Record],
    held: Callable[[bytes], bytes | None],
    partition: int,
    partition_of: Callable[[bytes], int],
) -> Tracked:
    """Compare each raw price with the last one seen for its seat.

    `held` gives the table's bytes for a seat key in this partition, `partition_of` the partition
    where a key belongs.
    """
    out = Tracked()
    fold = Fold(held, partition, partition_of, out)
    for record in records:
        fold.take(record)
    fold.settle()
    return out


class Fold:
    """Adds what records lead to, one after the other, to `out`; complete when it is settled."""

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
        self._seen: dict[bytes, LastSeen] = {}
        self._changed: set[bytes] = set()
        self._taken = 0
        self._kinds: list[Kind] = []

    def settle(self) -> None:
        """Add the new rows and the counts; what `held` gives is asked for anew from here on."""
        seen, out = self._seen, self._out
        out.changes |= {key: encode_last_seen(seen[key]) for key in self._changed}
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

    def _track(self, record: Record) -> None:
        raw, unknown_fields = read(record.value, record.timestamp)
        key = seat_key(raw.event_id, raw.source, raw.section, raw.row, raw.seat, raw.listing_id)
        last = self._last_seen(key)
        if record.key != key or (last is None and self._partition_of(key) != self._partition):
            self._rekey(record, key)
            return
        if unknown_fields:
            self._out.count("unknown_fields", unknown_fields)
        self._compare(record, raw, key, last)

    def _last_seen(self, key: bytes) -> LastSeen | None:
        last = self._seen.get(key)
        if last is None:
            try:
                value = self._held(key)
                if value is not None:
                    last = self._seen[key] = decode_last_seen(value)
            except Exception as error:
                raise unreadable(key, error) from error
        return last

    def _rekey(self, record: Record, key: bytes) -> None:
        if any(name == REKEYED_FROM for name, _ in record.headers):
            raise Refused(
                Reason.WRONG_PARTITION,
                f"re-keyed once already, and still not where its seat belongs: {key.decode()}",
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

    def _compare(self, record: Record, raw: RawPrice, key: bytes, last: LastSeen | None) -> None:
        out = self._out
        move = observe(raw.price, raw.currency, raw.timestamp, last)
        beside = None if last is None else _beside(raw, last)
        if beside is not None:
            move = beside
        record_id = f"{record.topic}-{record.partition}-{record.offset}"
        event = encode(raw)
        value = joined(event, _movement(move, record_id))
        alert = joined(event, _drop(raw, move, record_id, record)) if move.kind == "drop" else None
        # From here on nothing can fail: a record is in one of the lists, never in two.
        out.processed.append((key, value, ()))
        if alert is not None:
            out.alerts.append((key, alert, ()))
        if move.kind != "late":
            self._seen[key] = LastSeen(raw.price, raw.currency, raw.timestamp)
            self._changed.add(key)
        self._kinds.append(move.kind)
        if beside is not None:
            out.count("beside")


def _beside(raw: RawPrice, last: LastSeen) -> Move | None:
    """The move of an offer that is another than the one held: none where it may be the same."""
    if raw.timestamp != last.seen_at or not is_unnamed(raw.seat, raw.listing_id):
        return None
    return observe_beside(raw.price, raw.currency, last)


def _movement(move: Move, record_id: str) -> Movement:
    return Movement(
        id=record_id,
        kind=move.kind,
        old_price=move.old_price,
        change=move.change,
        change_percent=move.change_percent,
    )


def _drop(raw: RawPrice, move: Move, record_id: str, record: Record) -> Drop:
    assert move.old_price is not None and move.change is not None  # a drop compares with a price
    assert move.change_percent is not None
    return Drop(
        id=record_id,
        old_price=move.old_price,
        new_price=raw.price,
        drop_amount=move.change.copy_negate(),
        drop_percent=move.change_percent.copy_negate(),
        alert_timestamp=from_epoch_ms(record.timestamp),
    )
