"""What the tests of recovery make and destroy, and how they look at what is there."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import psycopg2
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from conscope_app.kafka.brokers import Brokers
from conscope_app.sources.base import Outgoing
from conscope_app.sources.publisher import Publisher
from conscope_app.store.url import parse_url
from conscope_app.stream.progress import POSITION_KEY, Progress, decode_progress
from conscope_app.stream.reading import TopicReader
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.factories import ARecord

PARTITIONS = 8
CHANGELOG = "conscope-last_seen_prices-changelog"
MARKETS_CHANGELOG = "conscope-last_markets-changelog"
# Everything that a rebuild must bring back; who is told of an alert, and when a row was stored,
# is not among it.
TABLES = {
    "events": "*",
    "price_history": "*",
    "price_drop_alerts": "raw_partition, raw_offset, id, event_id, event_name, venue, event_date,"
    ' source, section, "row", seat, old_price, new_price, drop_amount, drop_percent, currency,'
    " listing_url, observed_at, alert_timestamp",
}


class TableState(NamedTuple):
    """The table as its changelog has it."""

    rows: dict[bytes, bytes]
    progress: dict[int, Progress]

    @property
    def records(self) -> int:
        return sum(progress.counts["records"] for progress in self.progress.values())


def brokers(pipeline: Pipeline) -> Brokers:
    return Brokers.plain(pipeline.kafka_url.removeprefix("kafka://"))


def table_of(pipeline: Pipeline, changelog: str = CHANGELOG) -> TableState:
    """The rows and the positions in the changelog."""
    return asyncio.run(_table_of(pipeline, changelog))


async def _table_of(pipeline: Pipeline, changelog: str) -> TableState:
    state = TableState({}, {})
    async with TopicReader(brokers(pipeline), changelog, range(PARTITIONS)) as reader:
        async for run in reader.to_end():
            for record in run:
                if record.key == POSITION_KEY:
                    state.progress[record.partition] = decode_progress(record.value)
                elif record.value is None:
                    state.rows.pop(record.key, None)
                else:
                    state.rows[record.key] = record.value
    return state


def rows_of(pipeline: Pipeline) -> dict[str, list[str]]:
    """All rows of the tables, as text, in an order that does not depend on how they are stored."""
    return {
        table: sorted(
            text
            for (text,) in pipeline.query(f"SELECT t::text FROM (SELECT {what} FROM {table}) t")
        )
        for table, what in TABLES.items()
    }


def execute(pipeline: Pipeline, statement: str) -> None:
    _execute(pipeline.database_url, statement)


def _execute(url: str, statement: str) -> None:
    plain = parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def lose_database(pipeline: Pipeline) -> None:
    """Drop the database; `migrate` makes a new one."""
    parsed = parse_url(pipeline.database_url)
    admin = parsed.set(database="postgres").render_as_string(hide_password=False)
    _execute(admin, f'DROP DATABASE "{parsed.database}" (FORCE)')


def copy_database(url: str, name: str) -> str:
    """A copy of the database under another name, as a backup or from one; returns its url."""
    parsed = parse_url(url)
    admin = parsed.set(database="postgres").render_as_string(hide_password=False)
    _execute(admin, f'CREATE DATABASE "{name}" TEMPLATE "{parsed.database}"')
    return parsed.set(database=name).render_as_string(hide_password=False)


def lose_topics(pipeline: Pipeline, *topics: str) -> None:
    """Delete topics; `topics create` makes new ones."""

    async def delete() -> None:
        admin = AIOKafkaAdminClient(**brokers(pipeline).client_options)
        await admin.start()
        try:
            await admin.delete_topics(list(topics))
            async with asyncio.timeout(30):
                while set(topics) & set(await admin.list_topics()):
                    pass
        finally:
            await admin.close()

    asyncio.run(delete())


def cut(pipeline: Pipeline, topic: str) -> dict[int, int]:
    """Remove the older half of each partition, as retention does; where each begins now."""

    async def delete() -> dict[int, int]:
        async with TopicReader(brokers(pipeline), topic, range(PARTITIONS)) as reader:
            halves = {at: end // 2 for at, end in (await reader.mark_end()).items()}
        admin = AIOKafkaAdminClient(**brokers(pipeline).client_options)
        await admin.start()
        try:
            await admin.delete_records(
                {TopicPartition(topic, at): RecordsToDelete(half) for at, half in halves.items()}
            )
        finally:
            await admin.close()
        return halves

    return asyncio.run(delete())


def publish(pipeline: Pipeline, records: Sequence[ARecord], *, partition: int) -> None:
    """Send records to one partition, whatever their keys."""

    async def send() -> None:
        async with AIOKafkaProducer(**brokers(pipeline).client_options) as producer:
            for record in records:
                await producer.send_and_wait(
                    "raw_prices", value=record.value, key=record.key, partition=partition
                )

    asyncio.run(send())


def publish_by_key(pipeline: Pipeline, topic: str, records: Sequence[ARecord]) -> None:
    """Send records to where their keys belong."""

    async def send() -> None:
        async with Publisher(brokers(pipeline), topic) as publisher:
            await publisher.publish(
                [Outgoing(record.key or b"", record.value or b"") for record in records]
            )

    asyncio.run(send())


def produce(pipeline: Pipeline, count: int, *, seed: int = 41) -> None:
    pipeline.run("produce", "mock", "--count", str(count), "--rate", "0", "--seed", str(seed))


def run_until_stored(pipeline: Pipeline, worker: Worker, rows: int) -> None:
    """Start the worker and stop it when the history has so many rows and all is told."""
    worker.start().until_ready()
    eventually(lambda: pipeline.count("price_history") == rows, what=f"{rows} rows")
    pipeline.audit()
    pipeline.until_told()
    assert worker.stop() == 0


def nobody_was_told_twice(pipeline: Pipeline) -> bool:
    told = pipeline.told()
    return len(told) == told.total() == pipeline.count("price_drop_alerts")
