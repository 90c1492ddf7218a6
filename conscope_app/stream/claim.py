"""What is claimed of a partition, and at which pace."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conscope_app.core.record import Record


class Claim(NamedTuple):
    """Fetched records and the offsets [start, next_offset) that they stand for."""

    start: int
    next_offset: int
    records: Sequence[Record]

    def and_then(self, other: "Claim") -> "Claim":
        """This claim and the one that follows it, as one."""
        return Claim(self.start, other.next_offset, [*self.records, *other.records])


@dataclass(frozen=True)
class Pace:
    """How much a slab holds at most, and when a partition counts as quiet.

    A partition where nothing has arrived for `quiet_s` moves its position to where the consumer
    stands, over offsets that never held a record (markers, aborted records): should they be removed
    one day, nobody must take them for records that were lost.
    """

    max_records: int = 2000
    quiet_s: float = 5.0


class Partition(NamedTuple):
    """A partition, as (topic, partition); equal to aiokafka's TopicPartition."""

    topic: str
    partition: int
