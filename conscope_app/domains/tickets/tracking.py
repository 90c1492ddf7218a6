"""A run of raw prices of one partition against what that partition has seen: everything that
follows, as a value. The fold is synchronous and depends on its arguments alone.
"""

from collections.abc import Callable, Iterable

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import (
    REKEYED_FROM,
    HeldUnreadable,
    RecordFold,
    Sent,
    Tracked,
    unreadable,
)
from conscope_app.domains.tickets.pricing import (
    LastSeen,
    Move,
    decode_last_seen,
    encode_last_seen,
    observe,
    observe_beside,
)
from conscope_app.domains.tickets.records import Drop, Movement, RawPrice, encode, joined
from conscope_app.domains.tickets.seat_key import is_unnamed, seat_key
from conscope_app.domains.tickets.validation import read

__all__ = ["REKEYED_FROM", "Fold", "HeldUnreadable", "Sent", "Tracked", "track", "unreadable"]


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


class Fold(RecordFold[LastSeen]):
    """Compares raw prices with the last one seen for their seat."""

    def _encode(self, row: LastSeen) -> bytes:
        return encode_last_seen(row)

    def _decode(self, value: bytes) -> LastSeen:
        return decode_last_seen(value)

    def _track(self, record: Record) -> None:
        raw, unknown_fields = read(record.value, record.timestamp)
        key = seat_key(raw.event_id, raw.source, raw.section, raw.row, raw.seat, raw.listing_id)
        last = self._last(key)
        if record.key != key or (last is None and self._partition_of(key) != self._partition):
            self._rekey(record, key)
            return
        if unknown_fields:
            self._out.count("unknown_fields", unknown_fields)
        self._compare(record, raw, key, last)

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
