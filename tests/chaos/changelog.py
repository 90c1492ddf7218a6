"""The table's changelog in a trial: compacted on command, and what compaction has left of it."""

import asyncio
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import LAST_SEEN_CHANGELOG
from tests.chaos.trial import Trial

NAME = LAST_SEEN_CHANGELOG.name

# Only closed segments are compacted: these close within a second.
CONFIGS = {
    **LAST_SEEN_CHANGELOG.configs,
    "segment.ms": "500",
    "segment.bytes": str(1024 * 1024),
    "delete.retention.ms": "0",
}
EAGER = {"min.cleanable.dirty.ratio": "0.01"}
NEVER = {"min.cleanable.dirty.ratio": "1"}
BROKER = {"log.cleaner.backoff.ms": "100"}


class Changelog:
    """One broker's changelog; `CONFIGS` and `BROKER` are what the trial has to demand."""

    def __init__(self, trial: Trial) -> None:
        self._brokers = Brokers.plain(*trial.brokers)
        self._partitions = trial.scenario.demand.partitions
        self._checkpoint: Path = trial.folder / "kafka" / "data" / "cleaner-offset-checkpoint"

    def gather(self) -> None:
        """Let what is out of date pile up."""
        asyncio.run(self._configure(CONFIGS | NEVER))

    def compact(self) -> None:
        """Compact whatever can be, from now on."""
        asyncio.run(self._configure(CONFIGS | EAGER))

    def compacted_to(self) -> dict[int, int]:
        """Up to which offset each partition was compacted, by the cleaner's own account."""
        if not self._checkpoint.exists():
            return {}
        # A version, how many follow, and then: topic, partition, offset.
        entries = (line.split() for line in self._checkpoint.read_text().splitlines()[2:])
        return {int(entry[1]): int(entry[2]) for entry in entries if entry[0] == NAME}

    def size(self) -> tuple[int, int]:
        """How many records there are, and how many offsets were ever given out."""
        return asyncio.run(self._size())

    async def _configure(self, configs: dict[str, str]) -> None:
        admin = AIOKafkaAdminClient(**self._brokers.client_options)
        try:
            await admin.start()
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, NAME, configs)])
        finally:
            await admin.close()

    async def _size(self) -> tuple[int, int]:
        count = 0
        async with TopicReader(self._brokers, NAME, range(self._partitions)) as reader:
            async for records in reader.to_end():
                count += len(records)
            return count, sum(reader.ends.values())
