"""Things of which a raw record may lead to several: each is due under a key of its own."""

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from conscope_app.audit.register import Fault
from conscope_app.audit.report import Findings, Total
from conscope_app.core.ids import RecordId


class _Due(NamedTuple):
    raw: RecordId
    number: int
    fingerprint: int

    @property
    def id(self) -> str:
        return f"{self.raw}-{self.number}"


class NamedRegister:
    """What one place must hold; some three hundred bytes for each that is due.

    Of the partitions in `shortened` retention has taken what lies before the first that is left.
    """

    def __init__(self, name: str, shortened: frozenset[int] = frozenset()) -> None:
        self.name = name
        self._shortened = shortened
        self._first_met: dict[int, int] = {}
        self._due: dict[Hashable, _Due] = {}
        self._met: set[Hashable] = set()
        self._excused: set[RecordId] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._due

    def expect(self, key: Hashable, raw: RecordId, number: int, fingerprint: int = 0) -> None:
        """Something with this fingerprint must be found; it may be said again."""
        self._due[key] = _Due(raw, number, fingerprint)

    def excuse(self, raw: RecordId) -> None:
        """What follows from this record need not be there."""
        self._excused.add(raw)

    def meet(self, key: Hashable, fingerprint: int = 0) -> Fault | None:
        """Note what was found; returns what is wrong with it."""
        due = self._due.get(key)
        if due is None or due.raw in self._excused:
            return Fault.UNEXPECTED
        if key in self._met:
            return Fault.DOUBLED
        self._met.add(key)
        partition, offset = due.raw.partition, due.raw.offset
        self._first_met[partition] = min(offset, self._first_met.get(partition, offset))
        return None if due.fingerprint == fingerprint else Fault.WRONG

    def missing(self) -> Iterator[tuple[Hashable, _Due]]:
        """What is due, was not met, and has not been removed."""
        for key, due in self._unmet():
            if not self._is_removed(due.raw):
                yield key, due

    def id_of(self, key: Hashable) -> str:
        """The id of what is due under the key."""
        return self._due[key].id

    def total(self, findings: Findings) -> Total:
        """The place in numbers, with a finding for each that is missing."""
        for _, due in self.missing():
            findings.add(self.name, Fault.MISSING, due.id)
        total = Total(self.name, found=len(self._met))
        total.excused = sum(due.raw in self._excused for due in self._due.values())
        total.expected = len(self._due) - total.excused
        total.removed = sum(self._is_removed(due.raw) for _, due in self._unmet())
        findings.count_into(total)
        return total

    def _unmet(self) -> Iterator[tuple[Hashable, _Due]]:
        for key, due in self._due.items():
            if key not in self._met and due.raw not in self._excused:
                yield key, due

    def _is_removed(self, raw: RecordId) -> bool:
        first = self._first_met.get(raw.partition)
        return raw.partition in self._shortened and (first is None or raw.offset < first)
