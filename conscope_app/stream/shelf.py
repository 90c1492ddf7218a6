"""The dead letters that lie in their topic, and which of them are meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from aiokafka import ConsumerRecord

from conscope_app.core.ids import RecordId
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letters import DeadLetter, parse, replayed_id
from conscope_app.stream.reading import TopicReader


class Shelved(NamedTuple):
    """A dead letter where it lies."""

    record: ConsumerRecord
    letter: DeadLetter
    replayed: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters are meant; a field that is None or empty wants every one."""

    ids: frozenset[str] = frozenset()
    reason: str | None = None
    since_ms: int | None = None

    def wants(self, shelved: Shelved) -> bool:
        record, letter, _ = shelved
        return (
            (not self.ids or str(letter.origin) in self.ids)
            and (self.reason is None or letter.reason == self.reason)
            and (self.since_ms is None or record.timestamp >= self.since_ms)
        )


async def read_dead_letters(
    brokers: Brokers, topic: str, partitions: int
) -> tuple[list[Shelved], int]:
    """Every dead letter up to now, oldest first, and how many records in the topic are none."""
    records: list[ConsumerRecord] = []
    async with TopicReader(brokers, topic, range(partitions)) as reader:
        async for run in reader.to_end():
            records.extend(run)
    return shelve(records)


def shelve(records: Iterable[ConsumerRecord]) -> tuple[list[Shelved], int]:
    """Sort what lies in the topic into letters (a replayed one knows it) and foreign records."""
    letters: list[tuple[ConsumerRecord, DeadLetter]] = []
    replayed: set[RecordId] = set()
    foreign = 0
    for record in records:
        try:
            marked = replayed_id(record.headers)
            if marked is not None:
                replayed.add(marked)
            else:
                letters.append((record, parse(record.headers)))
        except ValueError:
            foreign += 1
    letters.sort(key=lambda each: each[0].timestamp)
    return [Shelved(record, said, said.origin in replayed) for record, said in letters], foreign
