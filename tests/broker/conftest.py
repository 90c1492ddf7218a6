"""A fresh Kafka and a fresh database for each test: topics have fixed names."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from tests.broker.opening import opened_pipeline
from tests.broker.pipeline import Pipeline

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
    with opened_pipeline(
        tmp_path, kafka, postgres_server, database=f"pipeline_{next(_numbers)}"
    ) as opened:
        yield opened
