"""Records that Kafka removed before a feed had read them, with both ledgers, on real servers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from conscope_app.kafka.brokers import Brokers
from conscope_app.store.engine import Database
from conscope_app.store.sink import PostgresLedger
from conscope_app.store.tickets import HistoryWriter
from conscope_app.stream.feed import Feed
from conscope_app.stream.ledger import Ledger
from conscope_app.stream.losses import Loss
from conscope_app.stream.membership import FeedLimits
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.slab import Slab
from conscope_app.stream.table import DurableTable
from conscope_app.stream.transactions import TransactionLedger, TransactionLimits
from tests.store.ledgers import Refusals

pytestmark = pytest.mark.broker

_numbers = itertools.count(1)
TO_THE_END = -1


class Desk:
    """A topic whose agent answers each slab at once, or holds on to them until it is let go."""

    def __init__(self, name: str, answer: Callable[[], Any]) -> None:
        self._name = name
        self._answer = answer
        self.holds = False
        self._held: list[Slab[Any]] = []
        self.seen: list[int] = []

    def get_topic_name(self) -> str:
        return self._name

    def hand_over(self, slab: Slab[Any]) -> None:
        if self.holds:
            self._held.append(slab)
            return
        self.seen += [record.offset for record in slab.records]
        slab.commit(self._answer())

    def take_back(self, slab: Slab[Any]) -> bool:
        return slab in self._held

    def let_go(self) -> None:
        self.holds, held, self._held = False, self._held, []
        for slab in held:
            self.hand_over(slab)


class Log:
    """A topic with one partition, its agent, and the ledger that its feeds open."""

    def __init__(
        self, name: str, brokers: Brokers, desk: Desk, open_ledger: Callable[[int], Ledger[Any]]
    ) -> None:
        self.name = name
        self.desk = desk
        self._brokers = brokers
        self._open_ledger = open_ledger

    @property
    def seen(self) -> list[int]:
        """The offsets of all records that the agent was handed, in order."""
        return self.desk.seen

    def lost(self, offsets: int) -> list[Loss]:
        """What the feed says where so many offsets were removed unread."""
        return [Loss("reader", f"{self.name}-group", self.name, 0, offsets)] if offsets else []

    async def send(self, count: int, *, size: int = 1) -> None:
        async with AIOKafkaProducer(**self._brokers.client_options) as producer:
            for _ in range(count):
                await producer.send_and_wait(self.name, b"x" * size, partition=0)

    async def send_and_abort(self, count: int) -> None:
        """Take as many offsets as that, and one for the marker, without a record for anybody."""
        options = {"transactional_id": f"{self.name}-txn", **self._brokers.client_options}
        async with AIOKafkaProducer(**options) as producer:
            await producer.begin_transaction()
            for _ in range(count):
                await producer.send_and_wait(self.name, b"x", partition=0)
            await producer.abort_transaction()

    async def remove_before(self, offset: int) -> None:
        """As retention does it, only now."""
        admin = AIOKafkaAdminClient(**self._brokers.client_options)
        await admin.start()
        source = TopicPartition(self.name, 0)
        await admin.delete_records({source: RecordsToDelete(before_offset=offset)})
        await admin.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Feed]:
        """A worker's feed of this topic."""
        feed = Feed(
            topic=self.desk,  # type: ignore[arg-type]  # the part of a topic that a feed uses
            agent="reader",
            group=f"{self.name}-group",
            open_ledger=self._open_ledger,
            limits=FeedLimits(self._brokers, max_slab_records=10, session_timeout_s=6),
        )
        await feed.start()
        try:
            yield feed
        finally:
            await feed.stop()


@pytest.fixture(params=["kept in Kafka", "kept in Postgres"])
async def log(
    request: pytest.FixtureRequest, kafka_url: str, database_url: str, tmp_path: Path
) -> AsyncIterator[Log]:
    """An empty topic, read under either ledger."""
    brokers = Brokers.plain(kafka_url.removeprefix("kafka://"))
    name = f"removed-test-{next(_numbers)}"
    app = faust.App(name, datadir=tmp_path, store="memory://")
    table = DurableTable(app, name="rows", partitions=1)
    database = Database(database_url)

    def in_kafka(partition: int) -> TransactionLedger:
        return TransactionLedger(
            brokers=brokers,
            application=name,
            table=table,
            partition=partition,
            limits=TransactionLimits(),
        )

    def in_postgres(partition: int) -> PostgresLedger[Any]:
        return PostgresLedger(
            database,
            group=f"{name}-group",
            topic=name,
            partition=partition,
            writer=HistoryWriter(),
            refuse=Refusals(),
        )

    kept_in_kafka = request.param == "kept in Kafka"
    desk = Desk(name, Outcome if kept_in_kafka else list)
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    await admin.create_topics([NewTopic(each, 1, 1) for each in (name, table.changelog)])
    yield Log(name, brokers, desk, in_kafka if kept_in_kafka else in_postgres)
    await admin.delete_topics([name, table.changelog])
    await admin.close()
    await database.close()


async def until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not ask():  # noqa: ASYNC110 what is awaited lives in Kafka
            await asyncio.sleep(0.02)


def kept(feed: Feed) -> int:
    """How many lost offsets the ledger has, as committed; -1 where it is not open."""
    return next((r.ledger.lost for r in feed.readers.values() if r.running), -1)


async def test_what_was_removed_while_nobody_read_is_told_and_kept(log: Log) -> None:
    """At the opening, before anything is written; and again by each later owner."""
    await log.send(10)
    async with log.read():
        await until(lambda: log.seen == list(range(10)))
    await log.send(10)
    await log.remove_before(16)

    log.desk.holds = True
    async with log.read() as feed:  # ends without having written anything
        await until(lambda: feed.losses() == log.lost(6))
        assert kept(feed) == 0
    log.desk.holds = False

    async with log.read() as feed:
        await until(lambda: log.seen == [*range(10), *range(16, 20)] and kept(feed) == 6)
        assert feed.losses() == log.lost(6)
    async with log.read() as feed:
        await until(lambda: kept(feed) == 6)
        assert feed.losses() == log.lost(6)


async def test_a_loss_is_kept_although_nothing_follows_it(log: Log) -> None:
    """The position moves to the end of what was removed, and the loss with it."""
    await log.send(3)
    async with log.read():
        await until(lambda: log.seen == [0, 1, 2])
    await log.send(5)
    await log.remove_before(TO_THE_END)

    async with log.read() as feed:
        await until(lambda: feed.losses() == log.lost(5))
        await until(lambda: kept(feed) == 5)
    async with log.read() as feed:
        await until(lambda: kept(feed) == 5)
        assert feed.losses() == log.lost(5)

    assert log.seen == [0, 1, 2]


async def test_what_is_removed_under_a_running_feed_is_told(log: Log) -> None:
    """Every record is read or counted as lost, none is both."""
    log.desk.holds = True
    await log.send(80, size=100_000)  # far more than the feed and its consumer hold at a time
    async with log.read() as feed:
        await until(lambda: any(not r.has_room for r in feed.readers.values() if r.running))
        await log.remove_before(75)
        log.desk.let_go()
        await until(lambda: log.seen[-5:] == list(range(75, 80)) and kept(feed) > 0)

        read_before = len(log.seen) - 5
        assert log.seen == [*range(read_before), *range(75, 80)]
        assert feed.losses() == log.lost(75 - read_before)


async def test_offsets_that_never_held_a_record_for_us_are_no_loss(log: Log) -> None:
    """A quiet partition's position passes what was aborted, so that nobody misses it one day."""
    await log.send(4)
    async with log.read() as feed:
        await until(lambda: log.seen == [0, 1, 2, 3])
        await log.send_and_abort(3)
        await until(lambda: any(r.position == 8 for r in feed.readers.values()))
    await log.remove_before(TO_THE_END)

    async with log.read() as feed:
        await until(lambda: kept(feed) == 0)
        assert feed.losses() == []


async def test_what_is_removed_before_the_first_record_was_read_is_told(log: Log) -> None:
    """A partition is owed everything from when it was first opened, even while it was empty."""
    async with log.read() as feed:
        await until(lambda: any(r.steps > 1 for r in feed.readers.values()))
    await log.send(4)
    await log.remove_before(TO_THE_END)

    async with log.read() as feed:
        await until(lambda: feed.losses() == log.lost(4))
