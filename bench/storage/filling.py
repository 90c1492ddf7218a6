"""Processed prices, as the product itself writes them: on their topic, and in a file."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, TopicPartition

from conscope_app.domains.tickets.records import decode_processed
from conscope_app.topics.tickets import PROCESSED_PRICES

_AT_ONCE = 2_000
_WAIT_S = 30.0


@dataclass(slots=True)
class Filled:
    """What `price_history` has to hold in the end; `file` has one processed price a line.

    Between the records stand markers of transactions: `offsets` are those of the records.
    """

    file: Path
    offsets: defaultdict[int, list[int]] = field(
        default_factory=lambda: defaultdict(list), repr=False
    )
    sum_of_prices: Decimal = Decimal(0)

    @property
    def rows(self) -> int:
        return sum(map(len, self.offsets.values()))

    def rows_before(self, partition: int, offset: int) -> int:
        """How many records of a partition lie before an offset."""
        return bisect_left(self.offsets[partition], offset)


def read_processed(bootstrap: str, partitions: int, records: int, file: Path) -> Filled:
    """Copy the topic's records into a file, in the order in which a consumer gets them."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-storage",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    consumer.assign([TopicPartition(PROCESSED_PRICES.name, at, 0) for at in range(partitions)])
    filled = Filled(file)
    rows = 0
    try:
        with file.open("wb") as lines:
            while rows < records:
                messages = consumer.consume(min(_AT_ONCE, records - rows), _WAIT_S)
                if not messages:
                    raise RuntimeError(f"{rows} processed prices instead of {records}")
                for message in messages:
                    error, value = message.error(), message.value()
                    if error is not None:
                        raise KafkaException(error)
                    partition, offset = message.partition(), message.offset()
                    assert isinstance(value, bytes) and partition is not None and offset is not None
                    filled.offsets[partition].append(offset)
                    filled.sum_of_prices += decode_processed(value).price
                    lines.write(value + b"\n")
                rows += len(messages)
    finally:
        consumer.close()
    return filled
