"""What follows from snapshots beside their own rows: changes, who is told of them, what holds now.

Rows are read when all outputs have been: of what is weak, the processed record says what is due.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from conscope_app.audit.due import Ranges
from conscope_app.audit.markets.changes import Happened
from conscope_app.audit.markets.expectation import Judged
from conscope_app.audit.markets.named_register import NamedRegister
from conscope_app.audit.markets.places import (
    MarketNames,
    changes_place,
    now_place,
    said,
    stored_facts_text,
)
from conscope_app.audit.markets.standing import Standing
from conscope_app.audit.places import Facts, plain
from conscope_app.audit.register import Fault, fingerprint
from conscope_app.audit.report import Finding, Findings, Total, difference
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.market import MarketSnapshot

_SIGNAL, _HAPPENED = "conscope.signal", b"happened"

# (raw record, number of the change in it)
ChangeId = tuple[RecordId, int]


class _Told(msgspec.Struct):
    """What watches are told of something that happens."""

    subject: str
    what: str
    observed_at: datetime
    source: str
    details: dict[str, str] = {}


_decode_told = msgspec.json.Decoder(_Told).decode


class Consequences:
    """Holds what good snapshots lead to beyond topic and history, and meets what there is."""

    def __init__(
        self,
        names: MarketNames,
        partitions: int,
        ranges: Ranges,
        findings: Findings,
        *,
        shortened: frozenset[int] = frozenset(),
    ) -> None:
        self.changes_place = changes_place(names)
        self.standing = Standing(now_place(names), names.raw, partitions, ranges)
        self._raw_topic = names.raw
        self._partitions = partitions
        self._ranges = ranges
        self._findings = findings
        self._changes = NamedRegister(names.changes)
        self._told = NamedRegister(f"{names.watched}, happenings", shortened)
        self._times_told: Counter[int] = Counter()
        self._wrong: dict[ChangeId, Facts] = {}
        self._wrong_now: dict[RecordId, str] = {}
        self._beyond: dict[int, str] = {}

    # -- what must be there

    def expect(self, record: Record, judged: Judged) -> None:
        """What a good snapshot leads to; of what is weak, its processed record says the changes."""
        raw = RecordId(record.topic, record.partition, record.offset)
        if judged.kind != "late":
            seen = judged.seen
            self.standing.expect((seen.event_id, seen.source), raw, self._row_now(raw, seen))
        if not judged.weak:
            self.expect_changes(raw, judged.seen, judged.changes)

    def expect_changes(
        self, raw: RecordId, seen: MarketSnapshot, changes: Sequence[Happened]
    ) -> None:
        """These changes, as rows and as what watches are told."""
        alike: Counter[int] = Counter()  # two presales of one name and time are told alike
        for number, change in enumerate(changes):
            facts = self._row_of(seen, change)
            self._changes.expect((raw, number), raw, number, fingerprint(facts))
            telling = _telling(seen, change)
            self._told.expect((telling, alike[telling]), raw, number)
            alike[telling] += 1

    def excuse(self, raw: RecordId) -> None:
        """The database refused what came of this record; watches are told all the same."""
        self._changes.excuse(raw)
        self.standing.excuse(raw)

    # -- what is there

    def meet_watched(self, record: Record) -> None:
        """A record of `watched_prices`; what is not of these snapshots is left alone.

        Nothing in it names the raw record: it is known by all that it says.
        """
        if (_SIGNAL, _HAPPENED) not in record.headers:
            return
        try:
            told = _decode_told(record.value or b"")
        except ValueError:
            return  # the judge of watches is another
        details = (told.details.get(name) for name in ("old", "new", "name"))
        at = plain(told.observed_at)
        telling = fingerprint((told.subject, told.source, told.what, at, *details))
        if (telling, 0) not in self._told:
            return  # of prices, of a source's health, or of a snapshot that is not audited
        key = (telling, self._times_told[telling])
        self._times_told[telling] += 1
        if key in self._told:
            self._told.meet(key)
        else:
            first = self._told.id_of((telling, 0))
            self._findings.add(self._told.name, Fault.DOUBLED, first)

    def read_changes(self, rows: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Rows of `event_changes` with their ids: at first all, later those that were missing."""
        for row_id, values in rows:
            self._meet_change(row_id, values)

    def read_now(self, rows: Iterable[Sequence[Any]]) -> None:
        """All rows of `market_now`, as they are at this moment."""
        self.standing.read((*values[:-1], stored_facts_text(values[-1])) for values in rows)

    # -- what follows

    def missing_changes(self) -> list[str]:
        """The ids of rows that are due and were not read."""
        return [due.id for _, due in self._changes.missing()]

    def missing_count(self) -> int:
        """How much of what is expected has not been found."""
        told = sum(1 for _ in self._told.missing())
        return len(self.missing_changes()) + told + self.standing.missing_count()

    @property
    def wrong_partitions(self) -> set[int]:
        """The raw partitions whose records are needed again to say what is wrong."""
        wrong = (*self.standing.wrong, *(raw for raw, _ in self._wrong))
        return {raw.partition for raw in wrong}

    def explain(self, record: Record, judged: Judged) -> None:
        """A good record of those partitions once more: which fields of its rows differ."""
        raw = RecordId(record.topic, record.partition, record.offset)
        now = self.standing.wrong.get(raw)
        if now is not None:
            must = self._row_now(raw, judged.seen)
            self._wrong_now[raw] = difference(self.standing.place, must, now)
        for number, change in enumerate(judged.changes):
            found = self._wrong.pop((raw, number), None)
            if found is not None:
                must = self._row_of(judged.seen, change)
                bare = Finding(self._changes.name, Fault.WRONG, f"{raw}-{number}")
                self._findings.describe(bare, difference(self.changes_place, must, found))

    def totals(self, raw_ends: Mapping[int, int]) -> list[Total]:
        """Each place in numbers, all that is missing found; `raw_ends`: which raw records are."""
        for partition, row_id in sorted(self._beyond.items()):
            if _raw_of(row_id)[0].offset >= raw_ends[partition]:
                self._object_to(row_id)
        return [
            self._changes.total(self._findings),
            self._told.total(self._findings),
            self.standing.total(self._findings, raw_ends, self._wrong_now),
        ]

    # -- inside

    def _meet_change(self, row_id: str, values: Sequence[Any]) -> None:
        try:
            raw, number = _raw_of(row_id)
        except ValueError:
            self._object_to(row_id)
            return
        if raw.topic != self._raw_topic or not 0 <= raw.partition < self._partitions:
            self._object_to(row_id)
            return
        start, end = self._ranges.get(raw.partition, (0, 0))
        if raw.offset < start or raw.partition not in self._ranges:
            return
        if raw.offset >= end:
            last = self._beyond.setdefault(raw.partition, row_id)
            if raw.offset > _raw_of(last)[0].offset:
                self._beyond[raw.partition] = row_id
            return
        facts = self.changes_place.facts_of(values)
        fault = self._changes.meet((raw, number), fingerprint(facts))
        shown = fault is not None and self._findings.add(self._changes.name, fault, row_id)
        if shown and fault is Fault.WRONG:
            self._wrong[raw, number] = facts

    def _object_to(self, row_id: str) -> None:
        self._findings.add(self._changes.name, Fault.UNEXPECTED, row_id, "no such raw record")

    def _row_now(self, raw: RecordId, seen: MarketSnapshot) -> Facts:
        place = self.standing.place
        values = {"raw_partition": raw.partition, "raw_offset": raw.offset, **said(seen)}
        return place.facts_of([values[name] for name in place.fields])

    def _row_of(self, seen: MarketSnapshot, change: Happened) -> Facts:
        row = (seen.event_id, seen.source, *change, seen.observed_at)
        return self.changes_place.facts_of(row)


def _telling(seen: MarketSnapshot, change: Happened) -> int:
    details = (text or None for text in (change.old, change.new, change.name))
    at = plain(seen.observed_at)
    return fingerprint((seen.event_id, seen.source, change.kind, at, *details))


def _raw_of(row_id: str) -> ChangeId:
    raw, _, number = row_id.rpartition("-")
    return RecordId.parse(raw), int(number)
