"""Where the topics end for readers of committed records, and whether all is read up to there."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from conscope_app.topics.tickets import (
    MARKET_SNAPSHOTS,
    PRICE_ALERTS,
    PROCESSED_MARKETS,
    PROCESSED_PRICES,
    RAW_PRICES,
    WATCH_DECISIONS,
    WATCHED_PRICES,
)

_TOPICS = (
    *(RAW_PRICES, PROCESSED_PRICES, PRICE_ALERTS, WATCHED_PRICES, WATCH_DECISIONS),
    *(MARKET_SNAPSHOTS, PROCESSED_MARKETS),
)
_READ = tuple(topic.name for topic in _TOPICS)

Ends = Mapping[tuple[str, int], int]


def topic_ends(brokers: Sequence[str], partitions: int) -> Ends:
    """The next offset of each partition that agents read."""
    return asyncio.run(_topic_ends(brokers, partitions))


async def _topic_ends(brokers: Sequence[str], partitions: int) -> Ends:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=list(brokers), isolation_level="read_committed", enable_auto_commit=False
    )
    await consumer.start()
    try:
        sources = [TopicPartition(name, each) for name in _READ for each in range(partitions)]
        ends = await consumer.end_offsets(sources)
        return {(source.topic, source.partition): end for source, end in ends.items()}
    finally:
        await consumer.stop()


def appended(brokers: Sequence[str], partitions: int) -> int:
    """How many offsets of raw_prices readers of committed records may have passed by now."""
    ends = topic_ends(brokers, partitions)
    return sum(end for (topic, _), end in ends.items() if topic == RAW_PRICES.name)


def behind(stats: Mapping[str, Any], ends: Ends) -> dict[tuple[str, int], int]:
    """How many offsets each partition is behind its end, as the workers report their positions."""
    positions = {
        (feed["topic"], partition["partition"]): partition["position"]
        for feed in stats["feeds"]
        for partition in feed["partitions"]
    }
    return {
        source: end - (positions.get(source) or 0)
        for source, end in ends.items()
        if end > (positions.get(source) or 0)
    }
