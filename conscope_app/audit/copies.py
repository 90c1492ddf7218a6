"""Re-keyed copies among the raw records: which of them were seen, in forty bytes each."""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from conscope_app.audit.due import Ranges, copy_facts
from conscope_app.audit.register import fingerprint
from conscope_app.core.record import Record
from conscope_app.stream.dead_letters import REKEYED_FROM


class Copy(NamedTuple):
    """A copy: where the original stands, its facts as a fingerprint, where it stands itself."""

    partition: int
    offset: int
    fingerprint: int
    own_partition: int
    own_offset: int


class CopiesSeen:
    """Keeps those that say they come from the audited ranges, until they are taken."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._seen = array("q")

    def note(self, record: Record) -> None:
        """A raw record, whether or not it is a copy."""
        for name, content in record.headers:
            if name == REKEYED_FROM:
                try:
                    partition, offset = map(int, content.decode("ascii").split("-"))
                except ValueError:
                    return  # a producer's own invention; such a record is not re-keyed
                start, end = self._ranges.get(partition, (0, 0))
                if start <= offset < end:
                    facts = copy_facts(record.key, record, record.partition)
                    source = (partition, offset, fingerprint(facts))
                    self._seen.extend((*source, record.partition, record.offset))
                return

    def take(self) -> Iterator[Copy]:
        """Those that were seen since they were taken last."""
        seen, self._seen = self._seen, array("q")
        for at in range(0, len(seen), len(Copy._fields)):
            yield Copy(*seen[at : at + len(Copy._fields)])
