"""A table that begins in a new Kafka with what the old one had seen last."""

from typing import NamedTuple

from conscope_app.kafka.brokers import Brokers
from conscope_app.rebuild.changelog import Changelog, TableSpec
from conscope_app.rebuild.seeds import Seeds
from conscope_app.rebuild.stillness import CannotRebuild
from conscope_app.stream.progress import Progress
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import PRICE_ALERTS, PROCESSED_PRICES, RAW_PRICES


class SeededPartition(NamedTuple):
    """One partition of the table: how many seats it knows, and where its raw log begins."""

    partition: int
    rows: int
    begins_at: int


async def check_new(brokers: Brokers, partitions: int) -> None:
    """Raises `CannotRebuild` where anything was published to the topics: they are not new."""
    for topic in (PROCESSED_PRICES.name, PRICE_ALERTS.name, RAW_PRICES.name):
        async with TopicReader(brokers, topic, range(partitions)) as reader:
            async for run in reader.to_end():
                raise CannotRebuild(
                    f"{topic}-{run[0].partition} holds records: this is for new, empty topics. "
                    "Stop workers and sources first, and make all topics anew"
                )


async def seed(
    brokers: Brokers, table: TableSpec, seeds: Seeds, partition: int, *, generation: str
) -> SeededPartition:
    """Write one partition of the table, in one transaction, and have its raw log begin late."""
    async with Changelog(brokers, table, partition) as changelog:
        begins_at = await changelog.begin_late(RAW_PRICES.name)
        progress = Progress(begins_at, format=table.row_format, generation=generation)
        rows = await changelog.replace(seeds.pages(partition), progress)
    return SeededPartition(partition, rows, begins_at)
