"""What stands in a topic, read by librdkafka."""

from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, Message, TopicPartition

from conscope_app.core.clock import monotonic_s

_AT_ONCE = 10_000
_PATIENCE_S = 20.0
_WAIT_S = 0.2


def messages(
    bootstrap: str, topic: str, ends: Mapping[int, int], begins: Mapping[int, int] | None = None
) -> Iterator[Message]:
    """Every committed record between two places of a topic; those of a partition in order."""
    open_ones = {at for at, end in ends.items() if end > (begins or {}).get(at, 0)}
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "bench-reading",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 20,
        }
    )
    consumer.assign([TopicPartition(topic, at, (begins or {}).get(at, 0)) for at in open_ones])
    empty_since_s = monotonic_s()
    try:
        while open_ones:
            # It waits until it has so many or the time is up: at the end of a topic, for nothing.
            found = consumer.consume(_AT_ONCE, _WAIT_S)
            if found:
                empty_since_s = monotonic_s()
            elif monotonic_s() - empty_since_s > _PATIENCE_S:
                raise RuntimeError(f"{topic}: {open_ones} were not read to {dict(ends)}")
            for message in found:
                at, offset = message.partition() or 0, message.offset() or 0
                error = message.error()
                if error is None and offset < ends[at]:
                    yield message
                elif error is None or error.name() == "_PARTITION_EOF":
                    open_ones.discard(at)
                else:
                    raise RuntimeError(f"{topic}: {error}")
    finally:
        consumer.close()
