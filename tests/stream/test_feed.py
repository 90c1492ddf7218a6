"""Feeds on a real Kafka, with a ledger in memory and an agent that answers at once."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partialmethod
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.feed import REST_FOR_ANOTHER, Feed
from conscope_app.stream.membership import FeedLimits, has_stopped_fetching
from conscope_app.stream.slab import Slab
from tests.chaos.inside import faults
from tests.chaos.inside.hand import Hand
from tests.chaos.inside.orders import SharedFolder

pytestmark = pytest.mark.broker

_numbers = itertools.count(1)


class Shelf:
    """Ledger and desk of one topic with one partition, shared by all who read it."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.position: int | None = None
        self.lost = 0
        self.written: list[bytes] = []
        self.claims: list[tuple[int, int]] = []
        self.openings = 0

    async def open(self) -> int | None:
        self.openings += 1
        return self.position

    async def write(self, slab: Slab[Any], outcome: Any) -> None:
        self.written += [record.value or b"" for record in slab.records]
        self.claims.append((slab.start, slab.next_offset))
        if self.position is not None:
            self.lost += slab.start - self.position
        self.position = slab.next_offset

    async def close(self) -> None:
        pass


class Desk:
    """A topic whose agent answers each slab at once."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_topic_name(self) -> str:
        return self._name

    def hand_over(self, slab: Slab[Any]) -> None:
        slab.commit(None)

    def take_back(self, slab: Slab[Any]) -> bool:
        return False


@pytest.fixture
async def topic(kafka_url: str) -> AsyncIterator[tuple[str, str]]:
    """A topic with one partition, and the broker."""
    broker, name = kafka_url.removeprefix("kafka://"), f"feed-test-{next(_numbers)}"
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    yield name, broker
    await admin.delete_topics([name])
    await admin.close()


@asynccontextmanager
async def reading(
    topic: tuple[str, str],
    shelf: Shelf,
    rest_s: float = 0,
    *,
    another_behind: bool = False,
    is_urgent: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Feed]:
    name, broker = topic
    feed = Feed(
        topic=Desk(name),  # type: ignore[arg-type]  # the part of a topic that a feed uses
        agent="reader",
        group=f"{name}-group",
        open_ledger=lambda _: shelf,
        limits=FeedLimits(brokers=Brokers.plain(broker), max_slab_records=10, session_timeout_s=6),
        rest_s=rest_s,
        is_another_behind=lambda: another_behind,
        is_urgent=is_urgent,
    )
    await feed.start()
    try:
        yield feed
    finally:
        await feed.stop()


async def until(ask: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not ask():  # noqa: ASYNC110 what is awaited lives in Kafka
            await asyncio.sleep(0.02)


async def send(
    topic: tuple[str, str], values: range, *, abort: bool = False, txn: bool = False
) -> None:
    name, broker = topic
    options = {"transactional_id": f"{name}-txn"} if txn else {}
    async with AIOKafkaProducer(bootstrap_servers=broker, **options) as producer:
        if txn:
            await producer.begin_transaction()
        for value in values:
            await producer.send_and_wait(name, str(value).encode(), partition=0)
        if txn:
            await (producer.abort_transaction() if abort else producer.commit_transaction())


def written(*ranges: range) -> list[bytes]:
    return [str(value).encode() for value in itertools.chain(*ranges)]


async def test_every_record_is_claimed_once_and_claims_have_no_gaps(topic: tuple[str, str]) -> None:
    """Committed records once, aborted ones never; markers are inside claims, not between them."""
    shelf = Shelf()
    await send(topic, range(25))
    async with reading(topic, shelf):
        await until(lambda: len(shelf.written) == 25)
        await send(topic, range(100, 105), txn=True)
        await send(topic, range(200, 205), txn=True, abort=True)
        await send(topic, range(300, 305), txn=True)
        await until(lambda: len(shelf.written) >= 35)

    assert shelf.written == written(range(25), range(100, 105), range(300, 305))
    assert shelf.claims[0][0] == 0
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(shelf.claims))


@pytest.mark.parametrize(("rest_s", "another_behind"), [(2, False), (2 / REST_FOR_ANOTHER, True)])
async def test_what_comes_while_a_feed_rests_shares_a_slab(
    topic: tuple[str, str],
    rest_s: float,
    another_behind: bool,
) -> None:
    """The first record waits for nobody; those behind it wait for one rest, all together."""
    name, broker = topic
    shelf = Shelf()
    async with (
        reading(topic, shelf, rest_s, another_behind=another_behind),
        AIOKafkaProducer(bootstrap_servers=broker, linger_ms=0) as producer,
    ):
        await until(lambda: shelf.openings > 0)
        await producer.send_and_wait(name, b"0", partition=0)
        await until(lambda: len(shelf.written) == 1)
        for value in range(1, 6):
            await producer.send_and_wait(name, str(value).encode(), partition=0)
        await until(lambda: len(shelf.written) == 6)

    assert shelf.claims == [(0, 1), (1, 6)]


async def test_the_group_is_told_each_position_that_a_feed_reaches(topic: tuple[str, str]) -> None:
    """What has moved is committed to the group, again and again; lag tools look there."""
    name, broker = topic
    shelf = Shelf()
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()

    async def until_told(position: int) -> None:
        async with asyncio.timeout(40):
            while True:
                told = await admin.list_consumer_group_offsets(f"{name}-group")
                if {each.offset for each in told.values()} == {position}:
                    return
                await asyncio.sleep(0.1)

    async with reading(topic, shelf):
        await send(topic, range(5))
        await until_told(5)
        await send(topic, range(5, 8))
        await until_told(8)
    await admin.close()


async def test_a_member_without_a_share_takes_over(topic: tuple[str, str]) -> None:
    """A standby owns nothing, stays a member, and goes on where the other one stopped."""
    shelf = Shelf()
    async with reading(topic, shelf) as standby:
        await until(lambda: standby.assigned)
        async with reading(topic, shelf) as other:
            await until(lambda: other.assigned and standby.assigned)
            await until(lambda: bool(standby.readers) != bool(other.readers))
            await send(topic, range(5))
            await until(lambda: len(shelf.written) == 5)
        await until(lambda: bool(standby.readers))
        await send(topic, range(5, 10))
        await until(lambda: len(shelf.written) >= 10)

    assert shelf.written == written(range(10))


async def test_records_that_were_removed_are_skipped_and_the_rest_is_read(
    topic: tuple[str, str],
) -> None:
    """A position that the log no longer has goes on at the log's start; nothing else is lost."""
    name, broker = topic
    shelf = Shelf()
    await send(topic, range(10))
    shelf.position = 3
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=6)})
    await admin.close()

    async with reading(topic, shelf):
        await until(lambda: len(shelf.written) == 4)

    assert shelf.written == written(range(6, 10))
    assert shelf.claims[0][0] == 6


# What moves the consumer behind the feed's back, or loses what it fetched, and how often.
MISHAPS = {
    faults.SLAB_DROPPED: 0.3,
    faults.QUEUE_CLEARED: 0.3,
    faults.CLAIM_TWICE: 0.3,
    faults.SEEK: 0.1,
    faults.FETCH_CANCELLED: 0.3,
    faults.FETCHER_RESTARTED: 0.3,
    faults.FETCH_OUTLIVES: 0.1,
}


@pytest.fixture
def mishaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedFolder:
    """All of them, in this process, until told to end."""
    shared = SharedFolder(tmp_path)
    hand = Hand(shared, MISHAPS, Random(7))
    for owner, name, wrap in faults.FAULTS:
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name), hand))
    shared.begin()
    return shared


async def send_until(topic: tuple[str, str], enough: Callable[[], bool]) -> int:
    """Send in small runs until it is enough; how many records that took."""
    sent = 0
    async with asyncio.timeout(60):
        while not enough():
            await send(topic, range(sent, sent + 50))
            sent += 50
    return sent


async def test_whatever_moves_the_consumer_no_record_is_missed_or_doubled(
    topic: tuple[str, str], mishaps: SharedFolder
) -> None:
    """Lost slabs, seeks and fetches that nobody ordered: each record once, in order."""
    shelf = Shelf()
    async with reading(topic, shelf):
        sent = await send_until(
            topic, lambda: all(mishaps.counts().get(each, 0) >= 3 for each in MISHAPS)
        )
        mishaps.end()
        await until(lambda: shelf.position == sent)

    assert shelf.written == written(range(sent))
    assert shelf.lost == 0


async def test_a_feed_that_believes_every_gap_is_found_out(
    topic: tuple[str, str], mishaps: SharedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mishaps are real ones: without the doubt about a gap, records go missing."""
    monkeypatch.setattr(Feed, "_claim", partialmethod(_believing, Feed._claim))
    shelf = Shelf()
    async with reading(topic, shelf):
        await send_until(topic, lambda: len(shelf.written) < (shelf.position or 0))

    assert len(shelf.written) < (shelf.position or 0)


def _believing(feed: Feed, claim: Callable[..., None], *what: Any, certain: bool) -> None:
    claim(feed, *what, certain=True)


async def test_a_consumer_whose_fetching_has_died_is_noticed(topic: tuple[str, str]) -> None:
    """`getmany` gives nothing then, and says nothing."""
    name, broker = topic
    async with AIOKafkaConsumer(name, bootstrap_servers=broker) as consumer:
        assert not has_stopped_fetching(consumer)

        consumer._fetcher._fetch_task.cancel()
        await asyncio.wait([consumer._fetcher._fetch_task])

        assert await consumer.getmany(timeout_ms=100) == {}
        assert has_stopped_fetching(consumer)


async def test_nothing_is_read_while_something_else_is_urgent(topic: tuple[str, str]) -> None:
    shelf, urgent, asked = Shelf(), [True], [0]

    def is_urgent() -> bool:
        asked[0] += 1
        return urgent[0]

    async with reading(topic, shelf, is_urgent=is_urgent) as feed:
        await until(lambda: feed.assigned and all(each.running for each in feed.readers.values()))
        await send(topic, range(5))
        before = asked[0]
        await until(lambda: asked[0] > before + 5)
        assert shelf.written == []

        urgent[0] = False
        await until(lambda: shelf.written == written(range(5)))
