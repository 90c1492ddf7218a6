"""Our own Kafka: started, stopped, killed, and started again where it was."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.server import StartError

pytestmark = pytest.mark.broker

KEPT = TopicPartition("kept", 0)


@pytest.fixture(scope="module")
def server(servers_folder: Path, artifacts: Artifacts) -> Iterator[KafkaServer]:
    """A Kafka of this module's own."""
    folder = servers_folder / f"kafka-{os.urandom(4).hex()}"
    with KafkaServer(folder, artifacts) as running:
        yield running


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def write(bootstrap: str, value: bytes) -> None:
    """Append one acknowledged record."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(KEPT.topic, value, partition=KEPT.partition)
    finally:
        await producer.stop()


async def read_all(bootstrap: str) -> list[bytes]:
    """Every record of the topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        consumer.assign([KEPT])
        await consumer.seek_to_beginning(KEPT)
        end = (await consumer.end_offsets([KEPT]))[KEPT]
        return [(await consumer.getone()).value for _ in range(end)]
    finally:
        await consumer.stop()


async def test_records_survive_a_kill_and_a_stop_on_the_same_port(server: KafkaServer) -> None:
    bootstrap = server.bootstrap
    async with admin(bootstrap) as client:
        await client.create_topics([NewTopic(KEPT.topic, 1, 1)])
    await write(bootstrap, b"before the kill")

    server.kill()
    assert not server.is_running
    server.start()
    assert server.bootstrap == bootstrap
    await write(bootstrap, b"before the stop")
    server.stop()
    server.start()

    assert server.bootstrap == bootstrap
    assert await read_all(bootstrap) == [b"before the kill", b"before the stop"]


async def test_a_topic_is_not_created_by_asking_for_it(server: KafkaServer) -> None:
    async with admin(server.bootstrap) as client:
        [described] = await client.describe_topics(["never_made"])

        assert described["error_code"] == 3  # UNKNOWN_TOPIC_OR_PARTITION
        assert "never_made" not in await client.list_topics()


def test_the_url_is_what_the_settings_want(server: KafkaServer) -> None:
    assert server.url == f"kafka://127.0.0.1:{server.port}"


def test_a_failed_start_shows_the_end_of_the_log(
    servers_folder: Path, artifacts: Artifacts
) -> None:
    folder = servers_folder / f"kafka-{os.urandom(4).hex()}"
    broken = KafkaServer(folder, artifacts)
    (folder / "data").mkdir()  # exists, and was never formatted

    with pytest.raises(StartError, match=r"No readable meta\.properties"):
        broken.start()
    assert not broken.is_running
