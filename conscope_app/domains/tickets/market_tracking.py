"""A run of market snapshots of one partition against what that partition has seen, as a value.

The fold is synchronous and depends on its arguments alone. A snapshot that was not seen after the
one that is held changes nothing: however often records come again, what follows is the same.
"""

from collections.abc import Callable, Iterable

from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import RecordFold, Sent, Tracked
from conscope_app.domains.tickets.happenings import (
    NAME,
    NEW,
    OLD,
    STARTS_AT,
    TIME_ZONE,
    happening_record,
)
from conscope_app.domains.tickets.last_market import (
    LastMarket,
    decode_last_market,
    encode_last_market,
    learn,
    market_key,
)
from conscope_app.domains.tickets.market import MarketSnapshot
from conscope_app.domains.tickets.market_changes import changes_of
from conscope_app.domains.tickets.market_validation import read_snapshot
from conscope_app.domains.tickets.processed_market import (
    Change,
    MarketKind,
    encode_processed_market,
    processed,
)


def track_markets(
    records: Iterable[Record],
    held: Callable[[bytes], bytes | None],
    partition: int,
    partition_of: Callable[[bytes], int],
) -> Tracked:
    """Compare each snapshot with what is known of its event at its source.

    `held` gives the table's bytes for a `market_key` in this partition, `partition_of` the
    partition where an event's id belongs.
    """
    out = Tracked()
    fold = MarketFold(held, partition, partition_of, out)
    for record in records:
        fold.take(record)
    fold.settle()
    return out


class MarketFold(RecordFold[LastMarket]):
    """Compares snapshots with what is known of their event at their source."""

    def _encode(self, row: LastMarket) -> bytes:
        return encode_last_market(row)

    def _decode(self, value: bytes) -> LastMarket:
        return decode_last_market(value)

    def _track(self, record: Record) -> None:
        snapshot = read_snapshot(record.value, record.timestamp)
        event_key = snapshot.event_id.encode()
        row_key = market_key(snapshot.event_id, snapshot.source)
        last = self._last(row_key)
        is_elsewhere = last is None and self._partition_of(event_key) != self._partition
        if record.key != event_key or is_elsewhere:
            self._rekey(record, event_key)
            return
        kind, changes, known = judge(last, snapshot)
        record_id = f"{record.topic}-{record.partition}-{record.offset}"
        value = encode_processed_market(processed(snapshot, record_id, kind, changes))
        happenings = [_happening(snapshot, change) for change in changes]
        # From here on nothing can fail: a record is in one of the lists, never in two.
        self._out.processed.append((event_key, value, ()))
        self._out.happenings.extend(happenings)
        if known is not last:
            self._seen[row_key] = known
            self._changed.add(row_key)
        self._kinds.append(kind)
        self._kinds.extend(f"change:{change.kind}" for change in changes)


def _happening(snapshot: MarketSnapshot, change: Change) -> Sent:
    """A change as watches are told it."""
    facts = snapshot.facts
    said = {
        OLD: change.old,
        NEW: change.new,
        NAME: change.name,
        TIME_ZONE: facts.venue.time_zone,
        STARTS_AT: None if facts.starts_at is None else facts.starts_at.isoformat(),
    }
    details = {name: text for name, text in said.items() if text}
    event_id, source, at = snapshot.event_id, snapshot.source, snapshot.observed_at
    return happening_record(event_id, source, change.kind, at, details)


def judge(
    last: LastMarket | None, snapshot: MarketSnapshot
) -> tuple[MarketKind, tuple[Change, ...], LastMarket]:
    """What a snapshot is, what changed with it, and what is known from then on."""
    if last is None:
        return "new", (), learn(None, snapshot)
    if snapshot.observed_at <= last.observed_at:
        return "late", (), last
    known = learn(last, snapshot)
    changes = changes_of(last, known, snapshot)
    return ("changed" if changes else "same"), changes, known
