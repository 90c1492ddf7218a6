"""What must be there against what is: fed with records and rows, it knows every fault by id.

Pure, and to be fed in order: the raw records first (before them the kinds that were found, where
retention has removed a part), then the outputs in any order and as often as more of them come.
"""

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from conscope_app.audit.due import Dues, KindsFound, Names, Places, Ranges, copy_facts
from conscope_app.audit.places import Facts, Place
from conscope_app.audit.register import Fault, Register, fingerprint
from conscope_app.audit.report import Finding, Findings, Report, Total, difference
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import decode_alert, decode_processed
from conscope_app.stream.dead_letters import REKEYED_FROM, parse, replayed_id


class _Named(msgspec.Struct):
    id: str


_decode_id = msgspec.json.Decoder(_Named).decode


class Comparison:
    """Holds what each place must have of the raw offsets in `ranges`, and meets what it has.

    `partitions` is the count of the topic; where `ranges` are fewer, re-keyed copies are not
    compared, since they may lie in any partition. `shortened` are the partitions of each topic that
    retention has cut: what is missing before the first that is left was removed. Memory grows by
    some sixty bytes a raw record.
    """

    def __init__(
        self,
        names: Names,
        partitions: int,
        ranges: Ranges,
        *,
        shortened: Mapping[str, frozenset[int]] | None = None,
        limit: int = 20,
    ) -> None:
        self.names = names
        self.ranges = dict(ranges)
        self.places = Places.under(names)
        self.kinds_found = KindsFound(self.ranges)
        self.dues = Dues(self.places, partitions, self.ranges, self.kinds_found)
        self.follows_copies = len(self.ranges) == partitions
        self._partitions = partitions
        self._shortened = shortened or {}
        self._findings = Findings(limit)
        self._wrong: dict[tuple[str, RecordId], Facts] = {}
        self._beyond: dict[tuple[str, int], int] = {}
        self._copies_met = array("q")
        self._registers = {
            (place.name, partition): Register(start, end)
            for place in self.places
            for partition, (start, end) in self.ranges.items()
        }

    def expect(self, record: Record) -> None:
        """The next raw record of its partition; past the range, only whether it is a copy."""
        if self.follows_copies:
            self._note_copy(record)
        for due in self.dues.after(record):
            if due.place is not self.places.copies or self.follows_copies:
                register = self._registers[due.place.name, record.partition]
                register.expect(record.offset, due.facts, weak=due.weak)

    # -- what is there

    def meet_processed(self, record: Record) -> None:
        """A record of `processed_prices`."""
        self._meet_output(self.places.processed, decode_processed, record)

    def meet_alert(self, record: Record) -> None:
        """A record of `price_alerts`."""
        self._meet_output(self.places.alerts, decode_alert, record)

    def meet_dead(self, record: Record) -> None:
        """A record of `raw_prices.dead`; one that the database refused excuses its row."""
        place_id = RecordId(record.topic, record.partition, record.offset)
        try:
            if replayed_id(record.headers) is not None:
                return
            letter = parse(record.headers)
            if letter.origin.topic == self.names.raw:
                key_and_value = (record.key, record.value)
                facts = None if letter.cut else self.places.dead.facts_of(key_and_value)
                self._meet(self.places.dead, letter.origin, lambda _weak: facts)
                return
            if letter.origin.topic in self.names.of_others:
                return  # made from what is audited, and not audited itself
            excused = self._refusing_table(letter.origin.topic)
            raw = RecordId.parse(_decode_id(record.value or b"").id)
        except ValueError as error:
            self._findings.add(self.places.dead, Fault.UNEXPECTED, str(place_id), str(error))
            return
        register = self._registers.get((excused.name, raw.partition))
        if register and raw.offset in register and not register.excuse(raw.offset):
            detail = f"{place_id} says that the database refused it"
            self._findings.add(excused, Fault.UNEXPECTED, str(raw), detail)

    def meet_row(self, place: Place, raw_partition: int, raw_offset: int, values: Any) -> None:
        """A row of one of the tables: its values in the order of the place's fields."""
        raw = RecordId(self.names.raw, raw_partition, raw_offset)
        self._meet(place, raw, lambda weak: place.facts_of(values, weak=weak))

    def meet_copies(self) -> None:
        """The re-keyed copies among the raw records so far; after all that are expected."""
        met, self._copies_met = self._copies_met, array("q")
        for at in range(0, len(met), 5):
            partition, offset, facts, own_partition, own_offset = met[at : at + 5]
            fault = self._registers[self.places.copies.name, partition].meet(offset, facts)
            if fault is not None:
                raw = RecordId(self.names.raw, partition, offset)
                own = RecordId(self.names.raw, own_partition, own_offset)
                self._findings.add(self.places.copies, fault, str(raw), f"its copy is {own}")

    # -- what follows

    def missing(self, place: Place, partition: int) -> list[int]:
        """The offsets of a raw partition that the place has not shown, nor retention removed."""
        register = self._registers[place.name, partition]
        first: float = 0
        if partition in self._shortened.get(place.name, ()):
            first = math.inf if register.first_met is None else register.first_met
        return [offset for offset in register.missing() if offset >= first]

    def missing_count(self) -> int:
        """How much of what is expected has not been found."""
        return sum(len(self.missing(place, at)) for place in self.places for at in self.ranges)

    @property
    def wrong_partitions(self) -> set[int]:
        """The raw partitions whose records are needed again to say what is wrong."""
        return {raw.partition for _, raw in self._wrong}

    def explainer(self) -> Callable[[Record], None]:
        """Takes the raw records of the wrong partitions once more, and says which fields differ."""
        dues = Dues(self.places, self._partitions, self.ranges, self.kinds_found)

        def explain(record: Record) -> None:
            raw = RecordId(record.topic, record.partition, record.offset)
            for due in dues.after(record):
                found = self._wrong.pop((due.place.name, raw), None)
                if found is not None:
                    bare = Finding(due.place.name, Fault.WRONG, str(raw))
                    self._findings.describe(bare, difference(due.place, due.facts, found))

        return explain

    def report(self, raw_ends: Mapping[int, int], notes: Sequence[str]) -> Report:
        """The verdict; `raw_ends` tells which raw records have ever been."""
        for (name, partition), offset in sorted(self._beyond.items()):
            if offset >= raw_ends[partition]:
                place = next(each for each in self.places if each.name == name)
                raw = RecordId(self.names.raw, partition, offset)
                self._findings.add(place, Fault.UNEXPECTED, str(raw), "no such raw record")
        totals = [self._total(place) for place in self.places]
        return Report(
            records=self.dues.records,
            good=self.dues.good,
            partitions=self.ranges,
            totals=totals,
            findings=self._findings.ordered(self.places),
            notes=list(notes),
        )

    # -- inside

    def _note_copy(self, record: Record) -> None:
        for name, content in record.headers:
            if name == REKEYED_FROM:
                try:
                    partition, offset = map(int, content.decode("ascii").split("-"))
                except ValueError:
                    return  # a producer's own invention; such a record is not re-keyed
                start, end = self.ranges.get(partition, (0, 0))
                if start <= offset < end:
                    facts = copy_facts(record.key, record, record.partition)
                    source = (partition, offset, fingerprint(facts))
                    self._copies_met.extend((*source, record.partition, record.offset))
                return

    def _refusing_table(self, topic: str) -> Place:
        if topic == self.names.processed:
            return self.places.history
        if topic == self.names.alerts:
            return self.places.drop_alerts
        raise ValueError(f"it speaks of the topic {topic}, which is none of the pipeline's")

    def _meet_output(self, place: Place, decode: Callable[[bytes], Any], record: Record) -> None:
        try:
            found = decode(record.value or b"")
            raw = RecordId.parse(found.id)
        except ValueError as error:
            own = RecordId(record.topic, record.partition, record.offset)
            self._findings.add(place, Fault.UNEXPECTED, str(own), f"it cannot be read: {error}")
            return
        around = (record.key, record.partition)
        self._meet(place, raw, lambda weak: place.facts(found, *around, weak=weak))

    def _meet(self, place: Place, raw: RecordId, facts_of: Callable[[bool], Facts | None]) -> None:
        if raw.topic != self.names.raw or not self._exists(raw.partition) or raw.offset < 0:
            self._findings.add(place, Fault.UNEXPECTED, str(raw), "no such raw record")
            return
        register = self._registers.get((place.name, raw.partition))
        if register is None:
            return  # of a partition that is not audited
        if raw.offset not in register:
            if raw.offset >= register.end:
                beyond = (place.name, raw.partition)
                self._beyond[beyond] = max(raw.offset, self._beyond.get(beyond, 0))
            return
        facts = facts_of(register.is_weak(raw.offset))
        fault = register.meet(raw.offset, None if facts is None else fingerprint(facts))
        if fault is None:
            return
        shown = self._findings.add(place, fault, str(raw))
        if shown and fault is Fault.WRONG and facts is not None:
            self._wrong[place.name, raw] = facts

    def _exists(self, partition: int) -> bool:
        return 0 <= partition < self._partitions

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
                raw = RecordId(self.names.raw, partition, offset)
                self._findings.add(place, Fault.MISSING, str(raw))
        for fault in Fault:
            setattr(total, fault.value, self._findings.counts[place.name, fault])
        return total
