"""One Kafka with a listener of each kind, for all tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conscope_app.local.artifacts import Artifacts
from tests.secure_kafka import PASSWORD, SecureKafka


@pytest.fixture(scope="package")
def kafka(servers_folder: Path, artifacts: Artifacts) -> Iterator[SecureKafka]:
    """It knows the user, for SCRAM and for PLAIN."""
    kafka = SecureKafka(servers_folder / "kafka-of-doors", artifacts)
    with kafka.server:
        kafka.set_password(PASSWORD)
        yield kafka
