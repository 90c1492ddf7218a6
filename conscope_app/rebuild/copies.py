"""The re-keyed copies in `raw_prices`: which records have been put under their right key."""

from array import array
from collections import defaultdict

from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import REKEYED_FROM
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.reading import TopicReader


class Copies:
    """Sixteen bytes a copy: where its original stands, and a fingerprint of key and value.

    A mark alone proves nothing, as any sender can write one: a copy counts where it is one.
    """

    def __init__(self) -> None:
        self._marks: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        self._asked: dict[int, set[tuple[int, int]]] = {}

    @classmethod
    async def read(cls, brokers: Brokers, topic: str, partitions: int) -> "Copies":
        """Every copy that lies in the topic up to now."""
        copies = cls()
        async with TopicReader(brokers, topic, range(partitions)) as reader:
            async for run in reader.to_end():
                for record in run:
                    copies.note(record)
        return copies

    def note(self, record: Record) -> None:
        """A record of the topic; it may be a copy."""
        for name, content in record.headers:
            if name == REKEYED_FROM:
                try:
                    partition, offset = map(int, content.decode("ascii").split("-"))
                    self._marks[partition].extend((offset, _fingerprint(record.key, record.value)))
                except (ValueError, OverflowError):
                    pass  # a sender's own invention

    def have(self, record: Record, key: bytes) -> bool:
        """Whether a record has been put under this key."""
        if record.partition not in self._asked:
            marks = self._marks[record.partition]
            self._asked[record.partition] = set(zip(marks[::2], marks[1::2], strict=True))
        return (record.offset, _fingerprint(key, record.value)) in self._asked[record.partition]


def _fingerprint(key: bytes | None, value: bytes | None) -> int:
    return hash((key, value))
