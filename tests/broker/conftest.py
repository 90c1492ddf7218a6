"""A fresh Kafka and a fresh database for each test: topics have fixed names."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from conscope_app.kafka.brokers import Brokers
from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade
from conscope_app.topics.create import create_topics
from tests.broker.pipeline import Pipeline
from tests.discord_stand_in import DiscordStandIn

_numbers = itertools.count(1)


@pytest.fixture
def kafka(tmp_path: Path, artifacts: Artifacts) -> Iterator[KafkaServer]:
    """This test's own broker."""
    with KafkaServer(tmp_path / "kafka", artifacts) as server:
        yield server


@pytest.fixture
def pipeline(
    kafka: KafkaServer, postgres_server: PostgresServer, tmp_path: Path
) -> Iterator[Pipeline]:
    """A migrated, empty pipeline without workers."""
    database_url = postgres_server.create_database(f"pipeline_{next(_numbers)}")
    upgrade(database_url)
    asyncio.run(create_topics(Brokers.plain(kafka.bootstrap), partitions=8, replication_factor=1))
    with DiscordStandIn() as discord:
        pipeline = Pipeline(kafka.url, database_url, tmp_path, discord)
        yield pipeline
        pipeline.stop()
