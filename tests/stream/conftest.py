"""A small topic on the real Kafka, and who writes to it."""

import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.sender import Sender
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import WATCHES, prefixed


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    """Where Kafka is."""
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def topic(brokers: Brokers) -> AsyncIterator[str]:
    """A topic of one partition, compacted, of this test's own."""
    prefix = f"single_{uuid.uuid4().hex[:12]}."
    (spec,) = (each for each in prefixed(prefix) if each.name == f"{prefix}{WATCHES.name}")
    await create_topics(brokers, 1, 1, [spec])
    yield spec.name
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    try:
        await admin.delete_topics([spec.name])
    finally:
        await admin.close()


@pytest.fixture
async def sender(brokers: Brokers) -> AsyncIterator[Sender]:
    """Who writes to it."""
    sender = Sender(brokers)
    yield sender
    await sender.close()
