"""What holds now: one row of each event at each source, that of its newest snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from conscope_app.audit.due import Ranges
from conscope_app.audit.markets.expectation import EventAtSource
from conscope_app.audit.places import Facts, Place
from conscope_app.audit.register import Fault, fingerprint
from conscope_app.audit.report import Findings, Total
from conscope_app.core.ids import RecordId


class _Newest(NamedTuple):
    raw: RecordId
    fingerprint: int


@dataclass(slots=True)
class _Reading:
    """What one reading of the table came to."""

    found: set[EventAtSource] = field(default_factory=set)
    stale: dict[EventAtSource, RecordId] = field(default_factory=dict)
    wrong: dict[RecordId, Facts] = field(default_factory=dict)
    strays: list[RecordId] = field(default_factory=list)
    beyond: list[RecordId] = field(default_factory=list)


class Standing:
    """Holds which snapshot is the newest of each event, and judges `market_now` as it is read.

    Rows are replaced, so that each reading is judged by itself and the last one counts. A row of a
    snapshot that came after the audited ones has overtaken what is expected. Memory grows with the
    events, not with their snapshots.
    """

    def __init__(self, place: Place, raw_topic: str, partitions: int, ranges: Ranges) -> None:
        self.place = place
        self._raw_topic = raw_topic
        self._partitions = partitions
        self._ranges = ranges
        self._newest: dict[EventAtSource, _Newest] = {}
        self._refused: set[RecordId] = set()
        self._reading = _Reading()

    def expect(self, at: EventAtSource, raw: RecordId, facts: Facts) -> None:
        """A snapshot that is newer than all before it of its event at its source."""
        self._newest[at] = _Newest(raw, fingerprint(facts))

    def excuse(self, raw: RecordId) -> None:
        """The database refused it: where it is the newest, its event's row is not judged."""
        self._refused.add(raw)

    def read(self, rows: Iterable[Sequence[Any]]) -> None:
        """All rows of the table, each as the values of the place's fields."""
        self._reading = _Reading()
        for values in rows:
            partition, offset, event_id, source, *_ = values
            raw = RecordId(self._raw_topic, partition, offset)
            self._meet((event_id, source), raw, self.place.facts_of(values))

    def missing_count(self) -> int:
        """Of how many events the newest snapshot is not there."""
        return len(self._missing())

    @property
    def wrong(self) -> Mapping[RecordId, Facts]:
        """What rows of the right snapshots say that is not so."""
        return self._reading.wrong

    def total(
        self, findings: Findings, raw_ends: Mapping[int, int], details: Mapping[RecordId, str]
    ) -> Total:
        """The place in numbers, with a finding for each fault; `details` of what is wrong."""
        name, reading = self.place.name, self._reading
        for at in self._missing():
            stale = reading.stale.get(at)
            detail = "" if stale is None else f"its row is that of {stale}"
            findings.add(name, Fault.MISSING, str(self._newest[at].raw), detail)
        for raw in reading.wrong:
            findings.add(name, Fault.WRONG, str(raw), details.get(raw, ""))
        for raw in reading.strays:
            findings.add(name, Fault.UNEXPECTED, str(raw), "not the newest of any event")
        for raw in reading.beyond:
            if raw.offset >= raw_ends[raw.partition]:
                findings.add(name, Fault.UNEXPECTED, str(raw), "no such raw record")
        total = Total(name, found=len(reading.found))
        total.excused = sum(newest.raw in self._refused for newest in self._newest.values())
        total.expected = len(self._newest) - total.excused
        findings.count_into(total)
        return total

    def _missing(self) -> list[EventAtSource]:
        found, refused = self._reading.found, self._refused
        return [
            at
            for at, newest in self._newest.items()
            if at not in found and newest.raw not in refused
        ]

    def _meet(self, at: EventAtSource, raw: RecordId, facts: Facts) -> None:
        reading, newest = self._reading, self._newest.get(at)
        if newest is not None and newest.raw in self._refused:
            return
        if newest is not None and newest.raw == raw:
            reading.found.add(at)
            if newest.fingerprint != fingerprint(facts):
                reading.wrong[raw] = facts
        elif not 0 <= raw.partition < self._partitions or raw.offset < 0:
            reading.strays.append(raw)
        elif raw.partition in self._ranges and raw.offset >= self._ranges[raw.partition][1]:
            reading.beyond.append(raw)
            reading.found.update([at] if newest is not None else [])
        elif newest is not None:
            reading.stale[at] = raw
        elif raw.partition in self._ranges and raw.offset >= self._ranges[raw.partition][0]:
            reading.strays.append(raw)
