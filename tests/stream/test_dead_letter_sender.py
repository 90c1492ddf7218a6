"""Dead letters of the ledgers, on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from conscope_app.core.refusal import Reason, Refused
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letter_sender import DeadLetterSender
from conscope_app.stream.dead_letters import MAX_RAW_BYTES
from conscope_app.topics.tickets import DEAD_LETTERS
from tests.stream.conftest import own_topic
from tests.stream.test_dead_letters import Raw

LARGEST = b"x" * (MAX_RAW_BYTES - 1_000)
REFUSED = Refused(Reason.NOT_JSON, "it is no JSON")


@pytest.fixture
async def topic(brokers: Brokers) -> AsyncIterator[str]:
    """Dead letters of this test's own."""
    async with own_topic(brokers, DEAD_LETTERS.name, 4) as name:
        yield name


async def values(brokers: Brokers, topic: str, partition: int, count: int) -> set[bytes]:
    """The first so many records of a partition."""
    consumer = AIOKafkaConsumer(**brokers.client_options, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition)])
        async with asyncio.timeout(30):
            return {(await consumer.getone()).value or b"" for _ in range(count)}
    finally:
        await consumer.stop()


async def test_what_is_refused_at_once_is_kept(brokers: Brokers, topic: str) -> None:
    """By two partitions that begin together, a record as large as any among them; also anew."""
    sender = DeadLetterSender(brokers, topic)
    await asyncio.gather(
        sender.send(Raw(value=LARGEST), REFUSED, connector="a"),
        sender.send(Raw(value=b"one"), REFUSED, connector="b"),
    )
    await sender.close()
    await sender.send(Raw(value=b"two"), ValueError("no row"), connector="a")
    await sender.close()

    assert sender.trouble is None
    assert await values(brokers, topic, Raw.partition, 3) == {LARGEST, b"one", b"two"}
