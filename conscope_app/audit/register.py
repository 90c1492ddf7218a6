"""What one place must hold of one raw partition, in nine bytes an offset whatever a record's size.

Facts are kept as fingerprints. They are Python's own hashes of texts: 64 bits, good within one
process, which is as long as an audit lives.
"""

from array import array
from collections.abc import Iterator
from enum import StrEnum

from conscope_app.audit.places import Facts

_NOTHING, _EXPECTED, _WEAK, _FOUND, _FOUND_WEAK, _EXCUSED = range(6)
_FOUND_AS = {_EXPECTED: _FOUND, _WEAK: _FOUND_WEAK}


class Fault(StrEnum):
    """What can be wrong with an id in a place."""

    MISSING = "missing"
    DOUBLED = "doubled"
    WRONG = "wrong"
    UNEXPECTED = "unexpected"


def fingerprint(facts: Facts) -> int:
    """The facts in 64 bits."""
    return hash(facts)


class Register:
    """The offsets [start, end) of one raw partition, as one place must have them."""

    __slots__ = (
        "_fingerprints",
        "_marks",
        "end",
        "excused",
        "expected",
        "first_met",
        "found",
        "start",
    )

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.expected = 0
        self.found = 0
        self.excused = 0
        self.first_met: int | None = None
        self._fingerprints = array("q", bytes(8 * (end - start)))
        self._marks = bytearray(end - start)

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end

    def expect(self, offset: int, facts: Facts, *, weak: bool = False) -> None:
        """Something with these facts must be found."""
        self._fingerprints[offset - self.start] = fingerprint(facts)
        self._marks[offset - self.start] = _WEAK if weak else _EXPECTED
        self.expected += 1

    def excuse(self, offset: int) -> bool:
        """It need not be there after all; False where it was not expected either, or is there."""
        at = offset - self.start
        if self._marks[at] == _EXCUSED:
            return True
        if self._marks[at] not in (_EXPECTED, _WEAK):
            return False
        self._marks[at] = _EXCUSED
        self.expected -= 1
        self.excused += 1
        return True

    def is_weak(self, offset: int) -> bool:
        """Whether all that can be asked there is consistency."""
        return self._marks[offset - self.start] in (_WEAK, _FOUND_WEAK)

    def meet(self, offset: int, met: int | None) -> Fault | None:
        """Note what was found, by its fingerprint (None: any); returns what is wrong with it."""
        at = offset - self.start
        mark = self._marks[at]
        if self.first_met is None or offset < self.first_met:
            self.first_met = offset
        if mark in (_FOUND, _FOUND_WEAK):
            return Fault.DOUBLED
        if mark in (_NOTHING, _EXCUSED):
            return Fault.UNEXPECTED
        self._marks[at] = _FOUND_AS[mark]
        self.found += 1
        return None if met is None or self._fingerprints[at] == met else Fault.WRONG

    def missing(self) -> Iterator[int]:
        """The offsets that are expected and were not met, ascending."""
        for at, mark in enumerate(self._marks):
            if mark in (_EXPECTED, _WEAK):
                yield self.start + at
