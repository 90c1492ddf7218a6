"""A pipeline on servers that run already: migrated, with its topics, and ended at the end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conscope_app.kafka.brokers import Brokers
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.store.migrate import upgrade
from conscope_app.topics.create import create_topics
from tests.broker.losing import PARTITIONS
from tests.broker.pipeline import Pipeline
from tests.discord_stand_in import DiscordStandIn


@contextmanager
def opened_pipeline(
    folder: Path, kafka: KafkaServer, postgres: PostgresServer, *, database: str
) -> Iterator[Pipeline]:
    """An empty one without workers, in a new database of this name.

    Of that Kafka it is the first: topics have fixed names.
    """
    database_url = postgres.create_database(database)
    upgrade(database_url)
    asyncio.run(
        create_topics(Brokers.plain(kafka.bootstrap), partitions=PARTITIONS, replication_factor=1)
    )
    with DiscordStandIn() as discord:
        pipeline = Pipeline(kafka.url, database_url, folder, discord)
        try:
            yield pipeline
        finally:
            pipeline.stop()
