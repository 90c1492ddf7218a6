"""What the outputs of one raw partition say of its table. Pure; fed in the order of the topics."""

from collections.abc import Iterable

import msgspec

from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.rebuild.rules import Held, TableRules
from conscope_app.stream.dead_letters import parse, replayed_id
from conscope_app.stream.progress import Progress


class _Named(msgspec.Struct):
    id: str


_decode_id = msgspec.json.Decoder(_Named).decode


class Published:
    """How far a raw partition was processed, and what the table held before its first kept record.

    `next_offset` follows the highest raw offset that an output names; records that were only
    re-keyed may lie behind it. Of raw offsets below `raw_start`, which the raw topic does not hold
    any more, the processed records give rows and counts. What a worker published a second time, for
    having lost its position, is passed over, as Postgres does. `held` gives rows of before.
    """

    def __init__(self, rules: TableRules, partition: int, raw_start: int, held: Held) -> None:
        self.next_offset: int | None = None
        self.oldest: int | None = None  # the first raw offset that a kept output names
        self._counts: dict[str, int] = {}
        self._rules = rules
        self._held = held
        self._partition = partition
        self.raw_start = raw_start
        self._processed_up_to = self._refused_up_to = 0

    def rows_of(self, records: Iterable[Record]) -> dict[bytes, bytes | None]:
        """What the next run of processed records left in the table, of before `raw_start`."""
        rows: dict[bytes, bytes | None] = {}

        def held(key: bytes) -> bytes | None:
            return rows[key] if key in rows else self._held(key)

        for record in records:
            try:
                raw = RecordId.parse(_decode_id(record.value or b"").id)
            except ValueError:
                continue  # not of our making: it names nothing
            if not self._is_ours(raw) or raw.offset < self._processed_up_to:
                continue
            self._processed_up_to = raw.offset + 1
            self._note(raw.offset)
            if raw.offset < self.raw_start and record.key is not None:
                left = self._rules.left(record, held)
                self._count(*left.counts)
                rows.update([left.row] if left.row else [])
        return rows

    def note_dead(self, records: Iterable[Record]) -> None:
        """The next run of `raw_prices.dead`."""
        for record in records:
            try:
                if replayed_id(record.headers) is not None:
                    continue
                letter = parse(record.headers)
            except ValueError:
                continue  # the same
            raw = letter.origin
            if not self._is_ours(raw) or raw.offset < self._refused_up_to:
                continue
            self._refused_up_to = raw.offset + 1
            self._note(raw.offset)
            if raw.offset < self.raw_start:
                self._count("records", "dead", f"dead:{letter.reason}")

    def progress(self, generation: str) -> Progress:
        """The progress of a table that has been brought up to `raw_start`."""
        return Progress(self.raw_start, dict(self._counts), generation=generation)

    def _is_ours(self, raw: RecordId) -> bool:
        return (raw.topic, raw.partition) == (self._rules.raw, self._partition)

    def _note(self, offset: int) -> None:
        self.next_offset = max(offset + 1, self.next_offset or 0)
        self.oldest = offset if self.oldest is None else min(offset, self.oldest)

    def _count(self, *names: str) -> None:
        for name in names:
            self._counts[name] = self._counts.get(name, 0) + 1
