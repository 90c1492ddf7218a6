"""Topics of a test's own on the real Kafka, and who writes to one."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.sender import Sender
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import WATCHES, prefixed


@asynccontextmanager
async def own_topic(brokers: Brokers, name: str, partitions: int) -> AsyncIterator[str]:
    """A topic made like the one of this name, until the end of the block."""
    prefix = f"own_{uuid.uuid4().hex[:12]}."
    (spec,) = (each for each in prefixed(prefix) if each.name == f"{prefix}{name}")
    await create_topics(brokers, partitions, 1, [spec])
    yield spec.name
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    try:
        await admin.delete_topics([spec.name])
    finally:
        await admin.close()


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    """Where Kafka is."""
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def topic(brokers: Brokers) -> AsyncIterator[str]:
    """One of a single partition, compacted."""
    async with own_topic(brokers, WATCHES.name, 1) as name:
        yield name


@pytest.fixture
async def sender(brokers: Brokers) -> AsyncIterator[Sender]:
    """Who writes to it."""
    sender = Sender(brokers)
    yield sender
    await sender.close()
