"""Real topics and a real database of a test's own, with the story in them."""

import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import Engine, Table, create_engine, insert, text
from sqlalchemy.engine import make_url

from conscope_app.audit.due import Names
from conscope_app.audit.markets.places import MarketNames
from conscope_app.audit.run import Scope
from conscope_app.kafka.brokers import Brokers
from conscope_app.store.migrate import create_database, upgrade
from conscope_app.store.schema import (
    event_changes,
    market_history,
    market_now,
    price_drop_alerts,
    price_history,
)
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import prefixed
from tests.audit.market_log import LOOKS, MarketLog
from tests.audit.story import (
    ALERTS,
    DEAD,
    PROCESSED,
    RAW,
    STEPS,
    Outputs,
    Place,
    Stored,
    raw_record,
)

PARTITIONS = 3
MARKETS = ("market_snapshots", "processed_markets", "watched_prices")
_MONTHS = """
CREATE TABLE history_of_the_story PARTITION OF price_history
    FOR VALUES FROM ('2024-11-01 00:00+00') TO ('2024-12-01 00:00+00');
CREATE TABLE history_of_markets PARTITION OF market_history
    FOR VALUES FROM ('2026-11-01 00:00+00') TO ('2026-12-01 00:00+00');
"""


@dataclass
class World:
    """The pipeline's topics under a prefix, and its tables."""

    brokers: Brokers
    prefix: str
    database_url: str
    engine: Engine

    def scope(self, **changes: Any) -> Scope:
        """All of it, without waiting."""
        others = tuple(f"{self.prefix}{name}" for name in MARKETS)
        own = (f"{self.prefix}{name}" for name in (RAW, PROCESSED, ALERTS, DEAD))
        names = Names(*own, of_others=others)
        markets = MarketNames(*others, f"{self.prefix}{DEAD}")
        settings = {"partitions": PARTITIONS, "names": names, "markets": markets, "wait_s": 0.0}
        settings |= changes
        return Scope(brokers=self.brokers, database_url=self.database_url, **settings)

    async def send(self, records: Iterable[Stored]) -> list[Place]:
        """Append the records; says where each came to stand."""
        places = []
        async with AIOKafkaProducer(**self.brokers.client_options) as producer:
            for record in records:
                sent = await producer.send_and_wait(
                    record.topic,
                    key=record.key,
                    value=record.value,
                    partition=record.partition,
                    headers=list(record.headers),
                )
                places.append(Place(sent.partition, sent.offset, sent.timestamp))
        return places

    async def tell_the_story(self) -> dict[str, Place]:
        """Append the story's raw records."""
        places: dict[str, Place] = {}
        for step in STEPS:
            record = raw_record(step, PARTITIONS, places, f"{self.prefix}{RAW}")
            [places[step.name]] = await self.send([record])
        return places

    async def tell_of_markets(self) -> MarketLog:
        """Append the snapshots of `market_log`, with all that must come of them."""
        log = MarketLog(f"{self.prefix}{MARKETS[0]}", PARTITIONS)
        for value in LOOKS:
            log.append(value, b"seatgeek-1")
        await self.send([record for records in log.raw for record in records])
        log.run()
        for record in (*log.processed, *log.watched, *log.dead):
            record.topic = f"{self.prefix}{record.topic}"
        await self.send([*log.processed, *log.watched, *log.dead])
        rows = ((market_history, log.history), (event_changes, log.changes))
        for table, every in (*rows, (market_now, log.now.values())):
            self.store(table, every)
        return log

    async def write(self, out: Outputs) -> None:
        """Write what the pipeline would have written."""
        await self.send([*out.processed, *out.alerts, *out.dead])
        self.store(price_history, out.history)
        self.store(price_drop_alerts, out.drop_alerts)

    def store(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows; what a table keeps beside the audited columns is made up."""
        extra = {"decision": "raised"} if table is price_drop_alerts else {}
        with self.engine.begin() as connection:
            for row in rows:
                said = {"recorded_at": row.get("observed_at"), **row, **extra}
                values = {
                    column.name: said[column.name] for column in table.c if column.name in said
                }
                connection.execute(insert(table).values(values))

    def execute(self, statement: str) -> None:
        """Break the tables by hand."""
        with self.engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount == 1


@contextmanager
def open_database(server_url: str, name: str) -> Iterator[tuple[str, Engine]]:
    """A migrated database that nobody else has, gone afterwards: its url, and an engine."""
    url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
    create_database(url)
    upgrade(url)
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(_MONTHS))
        yield url, engine
    finally:
        engine.dispose()
        server = create_engine(server_url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


@asynccontextmanager
async def open_world(brokers: Brokers, server_url: str) -> AsyncIterator[World]:
    """Topics and a database that nobody else has, gone afterwards."""
    name = f"audit_{uuid.uuid4().hex[:12]}"
    specs = prefixed(f"{name}.")
    reports = await create_topics(brokers, PARTITIONS, 1, specs)
    assert [report.state for report in reports] == ["created"] * len(specs)
    try:
        with open_database(server_url, name) as (url, engine):
            yield World(brokers, f"{name}.", url, engine)
    finally:
        admin = AIOKafkaAdminClient(**brokers.client_options)
        await admin.start()
        try:
            await admin.delete_topics([spec.name for spec in specs])
        finally:
            await admin.close()
