"""What must be there against what is, whatever the records mean: every fault is known by id.

Pure. A subject is a raw topic with all that comes out of it: it says what is due and what it meets.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from conscope_app.audit.copies import CopiesSeen
from conscope_app.audit.due import Expecting, Ranges
from conscope_app.audit.places import Facts, Place
from conscope_app.audit.register import Fault, Register, fingerprint
from conscope_app.audit.report import Finding, Findings, Total, difference
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.stream.dead_letters import parse, replayed_id


class _Named(msgspec.Struct):
    id: str


_decode_id = msgspec.json.Decoder(_Named).decode


class Reconciliation(ABC):
    """Holds what each place must have of the raw offsets in `ranges`, and meets what it has.

    `places` hold at most one thing of each raw record; among them are the dead letters and the
    re-keyed `copies`. `partitions` is the count of the topic; where `ranges` are fewer, copies are
    not compared, since they may lie in any partition. `shortened` are the partitions of each topic
    that retention has cut: what is missing before the first that is left was removed. Memory grows
    by some ten bytes a raw record and place.
    """

    dues: Expecting

    def __init__(
        self,
        raw_topic: str,
        partitions: int,
        ranges: Ranges,
        *,
        places: Sequence[Place],
        dead: Place,
        copies: Place,
        shortened: Mapping[str, frozenset[int]] | None = None,
        limit: int = 20,
    ) -> None:
        self.raw_topic = raw_topic
        self.ranges = dict(ranges)
        self.follows_copies = len(self.ranges) == partitions
        self.findings = Findings(limit)
        self._partitions = partitions
        self._shortened = shortened or {}
        self._places = places
        self._dead = dead
        self._copies = copies
        self._wrong: dict[tuple[str, RecordId], Facts] = {}
        self._beyond: dict[tuple[str, int], int] = {}
        self._copies_seen = CopiesSeen(self.ranges)
        self._registers = {
            (place.name, partition): Register(start, end)
            for place in places
            for partition, (start, end) in self.ranges.items()
        }

    # -- what each subject says of itself

    @property
    @abstractmethod
    def tables(self) -> Sequence[Place]:
        """The tables whose rows name the partition and offset of their raw record."""

    @abstractmethod
    def meets(self) -> Mapping[str, Callable[[Record], None]]:
        """The topics that its outputs lie in, and what takes their records."""

    @abstractmethod
    def note_published(self, record: Record) -> None:
        """A record of `published`, where retention has removed a part of what it was made from."""

    @property
    @abstractmethod
    def published(self) -> str:
        """The topic that says what came of each good record, and of those that were removed."""

    @abstractmethod
    def _new_dues(self) -> Expecting:
        """What is due, from the first raw record on, to explain what is wrong."""

    @abstractmethod
    def _refused_in(self, topic: str) -> Sequence[Place]:
        """Where nothing is due of an output of this topic that the database refused.

        Raises ValueError where there can be no such output.
        """

    # -- what must be there

    def expect(self, record: Record) -> None:
        """The next raw record of its partition; past the range, only whether it is a copy."""
        if self.follows_copies:
            self._copies_seen.note(record)
        for due in self.dues.after(record):
            if due.place is not self._copies or self.follows_copies:
                register = self._registers[due.place.name, record.partition]
                register.expect(record.offset, due.facts, weak=due.weak)

    # -- what is there

    def meet_dead(self, record: Record) -> None:
        """A dead letter; that of an output which the database refused excuses its row."""
        place_id = RecordId(record.topic, record.partition, record.offset)
        try:
            if replayed_id(record.headers) is not None:
                return
            letter = parse(record.headers)
            if letter.origin.topic == self.raw_topic:
                facts = None if letter.cut else self._dead.facts_of((record.key, record.value))
                self._meet(self._dead, letter.origin, lambda _weak: facts)
                return
            excused = self._refused_in(letter.origin.topic)
            raw = RecordId.parse(_decode_id(record.value or b"").id) if excused else None
        except ValueError as error:
            self._note_strange_letter(place_id, str(error))
            return
        if raw is not None:
            self._excuse(raw, excused, place_id)

    def meet_row(self, place: Place, raw_partition: int, raw_offset: int, values: Any) -> None:
        """A row of one of the tables: its values in the order of the place's fields."""
        raw = RecordId(self.raw_topic, raw_partition, raw_offset)
        self._meet(place, raw, lambda weak: place.facts_of(values, weak=weak))

    def meet_copies(self) -> None:
        """The re-keyed copies among the raw records so far; after all that are expected."""
        for copy in self._copies_seen.take():
            register = self._registers[self._copies.name, copy.partition]
            fault = register.meet(copy.offset, copy.fingerprint)
            if fault is not None:
                raw = RecordId(self.raw_topic, copy.partition, copy.offset)
                own = RecordId(self.raw_topic, copy.own_partition, copy.own_offset)
                self.findings.add(self._copies, fault, str(raw), f"its copy is {own}")

    # -- what follows

    def missing(self, place: Place, partition: int) -> list[int]:
        """The offsets of a raw partition that the place has not shown, nor retention removed."""
        register = self._registers[place.name, partition]
        first: float = 0
        if partition in self._shortened.get(place.name, ()):
            first = math.inf if register.first_met is None else register.first_met
        may_be_gone = register.is_weak if place is self._copies else _never
        return [
            offset for offset in register.missing() if offset >= first and not may_be_gone(offset)
        ]

    def missing_count(self) -> int:
        """How much of what is expected has not been found."""
        return sum(len(self.missing(place, at)) for place in self._places for at in self.ranges)

    @property
    def wrong_partitions(self) -> set[int]:
        """The raw partitions whose records are needed again to say what is wrong."""
        return {raw.partition for _, raw in self._wrong}

    def explainer(self) -> Callable[[Record], None]:
        """Takes the raw records of the wrong partitions once more, and says which fields differ."""
        dues = self._new_dues()

        def explain(record: Record) -> None:
            raw = RecordId(record.topic, record.partition, record.offset)
            for due in dues.after(record):
                found = self._wrong.pop((due.place.name, raw), None)
                if found is not None:
                    bare = Finding(due.place.name, Fault.WRONG, str(raw))
                    self.findings.describe(bare, difference(due.place, due.facts, found))

        return explain

    def totals(self, raw_ends: Mapping[int, int]) -> list[Total]:
        """Each place in numbers, all that is missing found; `raw_ends`: which raw records are."""
        for (name, partition), offset in sorted(self._beyond.items()):
            if offset >= raw_ends[partition]:
                place = next(each for each in self._places if each.name == name)
                raw = RecordId(self.raw_topic, partition, offset)
                self.findings.add(place, Fault.UNEXPECTED, str(raw), "no such raw record")
        return [self._total(place) for place in self._places]

    # -- inside

    def _note_strange_letter(self, place_id: RecordId, why: str) -> None:
        self.findings.add(self._dead, Fault.UNEXPECTED, str(place_id), why)

    def _excuse(self, raw: RecordId, places: Sequence[Place], letter: RecordId) -> None:
        for place in places:
            register = self._registers.get((place.name, raw.partition))
            if register and raw.offset in register and not register.excuse(raw.offset):
                detail = f"{letter} says that the database refused it"
                self.findings.add(place, Fault.UNEXPECTED, str(raw), detail)

    def _meet_output(self, place: Place, decode: Callable[[bytes], Any], record: Record) -> Any:
        """Meet a record that names its raw record; gives what was read."""
        try:
            found = decode(record.value or b"")
            raw = RecordId.parse(found.id)
        except ValueError as error:
            own = RecordId(record.topic, record.partition, record.offset)
            self.findings.add(place, Fault.UNEXPECTED, str(own), f"it cannot be read: {error}")
            return None
        around = (record.key, record.partition)
        self._meet(place, raw, lambda weak: place.facts(found, *around, weak=weak))
        return found

    def _meet(self, place: Place, raw: RecordId, facts_of: Callable[[bool], Facts | None]) -> None:
        if not self._can_exist(raw):
            self.findings.add(place, Fault.UNEXPECTED, str(raw), "no such raw record")
            return
        register = self._registers.get((place.name, raw.partition))
        if register is None:
            return  # of a partition that is not audited
        if raw.offset not in register:
            self._note_beyond(place, raw)
            return
        facts = facts_of(register.is_weak(raw.offset))
        fault = register.meet(raw.offset, None if facts is None else fingerprint(facts))
        if fault is None:
            return
        shown = self.findings.add(place, fault, str(raw))
        if shown and fault is Fault.WRONG and facts is not None:
            self._wrong[place.name, raw] = facts

    def _can_exist(self, raw: RecordId) -> bool:
        in_topic = raw.topic == self.raw_topic and 0 <= raw.partition < self._partitions
        return in_topic and raw.offset >= 0

    def _note_beyond(self, place: Place, raw: RecordId) -> None:
        if raw.offset >= self.ranges[raw.partition][1]:
            beyond = (place.name, raw.partition)
            self._beyond[beyond] = max(raw.offset, self._beyond.get(beyond, 0))

    def _total(self, place: Place) -> Total:
        total = Total(place.name)
        for partition in self.ranges:
            register = self._registers[place.name, partition]
            missing = self.missing(place, partition)
            total.expected += register.expected
            total.found += register.found
            total.excused += register.excused
            total.removed += register.expected - register.found - len(missing)
            for offset in missing:
                raw = RecordId(self.raw_topic, partition, offset)
                self.findings.add(place, Fault.MISSING, str(raw))
        self.findings.count_into(total)
        return total


def _never(_offset: int) -> bool:
    return False
