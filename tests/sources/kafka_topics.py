"""Topics of a test's own on the real Kafka, and reading them back."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from conscope_app.kafka.brokers import Brokers
from conscope_app.sources.base import Outgoing

READ_TIMEOUT_S = 30


@asynccontextmanager
async def a_topic(brokers: Brokers, *, partitions: int) -> AsyncIterator[str]:
    """A new topic, deleted at the end."""
    name = f"sources-{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1)])
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()


async def read_all(brokers: Brokers, topic: str) -> dict[int, list[Outgoing]]:
    """Everything on the topic, by partition, in Kafka's order."""
    consumer = AIOKafkaConsumer(topic, **brokers.client_options, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        left = {tp: end for tp, end in (await consumer.end_offsets(partitions)).items() if end}
        found: dict[int, list[Outgoing]] = defaultdict(list)
        async with asyncio.timeout(READ_TIMEOUT_S):
            while any(len(found[tp.partition]) < end for tp, end in left.items()):
                for tp, batch in (await consumer.getmany(timeout_ms=500)).items():
                    found[tp.partition] += [Outgoing(one.key, one.value) for one in batch]
        return {partition: records for partition, records in found.items() if records}
    finally:
        await consumer.stop()
