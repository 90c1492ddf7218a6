"""What the commands' tests share: a Kafka whose topics have the real names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from tests.commands.topics_of import delete_topics


@pytest.fixture(scope="package")
def own_kafka(servers_folder: Path, artifacts: Artifacts) -> Iterator[KafkaServer]:
    """A broker of our own: commands take no prefix, and an audit sees everything there is."""
    with KafkaServer(servers_folder / "kafka-of-commands", artifacts, heap_mb=256) as server:
        yield server


@pytest.fixture
def empty_topics(own_kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a Kafka without topics, for commands that are set to three partitions."""
    monkeypatch.setenv("CONSCOPE_PARTITIONS", "3")
    yield own_kafka.url
    delete_topics(own_kafka.bootstrap)
