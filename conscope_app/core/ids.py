"""The id of a record: where its input stands in Kafka. It is the same on every replay."""

from typing import NamedTuple


class RecordId(NamedTuple):
    """Topic, partition and offset of the raw record that something was made from."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "RecordId":
        """Read `raw_prices-3-17` back; raises ValueError where the text is no record id."""
        topic, partition, offset = text.rsplit("-", 2)
        return cls(topic, int(partition), int(offset))
