"""What readiness knows of Kafka; that it knocks by itself is shown in tests/broker."""

import pytest

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.door import Door


async def test_a_shut_door_is_told_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    """And logged once, however often it is knocked at."""
    door = Door(Brokers.plain("127.0.0.1:1"))

    await door.look()
    await door.look()

    said = "Kafka cannot be reached: 127.0.0.1:1 does not answer (Connection refused)"
    assert door.trouble == said
    logged = [each.getMessage() for each in caplog.records if each.name == Door.__module__]
    assert logged == [said]
