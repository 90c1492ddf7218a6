"""Whether a table's changelog is gone while what it stood for is there."""

from contextlib import aclosing

from aiokafka import AIOKafkaConsumer, TopicPartition

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import (
    LAST_MARKETS_CHANGELOG,
    LAST_SEEN_CHANGELOG,
    PROCESSED_MARKETS,
    PROCESSED_PRICES,
)

# Each table's changelog with what is published in the same transactions.
_WRITTEN_TOGETHER = (
    (LAST_SEEN_CHANGELOG.name, PROCESSED_PRICES.name),
    (LAST_MARKETS_CHANGELOG.name, PROCESSED_MARKETS.name),
)


async def lost_changelogs(brokers: Brokers, partitions: int) -> dict[str, list[int]]:
    """Changelogs that lost partitions, each with these; see `lost_partitions`."""
    lost = {
        changelog: await lost_partitions(brokers, partitions, changelog, outputs)
        for changelog, outputs in _WRITTEN_TOGETHER
    }
    return {changelog: gone for changelog, gone in lost.items() if gone}


async def lost_partitions(
    brokers: Brokers, partitions: int, changelog: str, outputs: str
) -> list[int]:
    """Partitions that outputs were published from, and whose changelog nothing was ever written to.

    Both are written in one transaction: a worker that began there would publish everything again.
    """
    consumer = AIOKafkaConsumer(**brokers.client_options)
    try:
        await start_client(consumer, brokers)
        places = [
            TopicPartition(topic, at) for topic in (changelog, outputs) for at in range(partitions)
        ]
        ends = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    suspects = [
        at
        for at in range(partitions)
        if ends[TopicPartition(outputs, at)] and not ends[TopicPartition(changelog, at)]
    ]
    return [at for at in suspects if await _holds_records(brokers, outputs, at)]


async def _holds_records(brokers: Brokers, topic: str, partition: int) -> bool:
    """Not so where all that was ever sent is of a transaction that was aborted."""
    async with TopicReader(brokers, topic, [partition]) as reader:
        await reader.mark_end()
        async with aclosing(reader.to_mark()) as runs:
            async for _ in runs:
                return True
    return False
