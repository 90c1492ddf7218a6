"""Which partition a key belongs to: Kafka's own rule, which every Kafka client of Java follows."""

from aiokafka.partitioner import murmur2


class Partitioner:
    """Callable from key to partition, for a fixed number of partitions."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def __call__(self, key: bytes) -> int:
        return int((murmur2(key) & 0x7FFFFFFF) % self._partitions)
