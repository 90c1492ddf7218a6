"""Read a topic of one partition from its start, and follow it: for what is small and compacted."""

from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.membership import LOOK_ANYWAY_MS, has_stopped_fetching

FETCH_MAX_WAIT_MS = 4_000  # one partition, sought once: nothing waits for an answer to nothing
POLL_MS = 500


class News(NamedTuple):
    """What came, the offset that follows it, and whether all is known that was there at first."""

    records: Sequence[ConsumerRecord]
    position: int
    caught_up: bool


async def follow(brokers: Brokers, topic: str) -> AsyncGenerator[News, None]:
    """All there is, and then what comes; at least every half second, be it nothing.

    Ends where aiokafka has stopped fetching, and raises KafkaError or OSError where Kafka is away:
    in both cases it has to be begun anew.
    """
    source = TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(
        **brokers.client_options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        consumer_timeout_ms=LOOK_ANYWAY_MS,
    )
    try:
        await consumer.start()
        # Asked before anything is fetched: a broker answers a connection's requests in their order,
        # and the fetch of an empty topic would be answered after seconds.
        position = (await consumer.beginning_offsets([source]))[source]
        end = (await consumer.end_offsets([source]))[source]
        consumer.assign([source])
        consumer.seek(source, position)
        yield News((), position, position >= end)
        while not has_stopped_fetching(consumer):
            fetched = await consumer.getmany(source, timeout_ms=POLL_MS)
            position = await consumer.position(source)
            yield News(fetched.get(source, ()), position, position >= end)
    finally:
        await consumer.stop()
