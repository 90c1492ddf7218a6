"""The publisher on a real Kafka: everything arrives once, in order, under its key."""

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.sources.base import Outgoing
from conscope_app.sources.production import Extent, run_production
from conscope_app.sources.publisher import (
    MAX_BATCH_BYTES,
    BrokerUnreachableError,
    Publisher,
    PublishFailedError,
    TopicMissingError,
    partition_of,
)
from conscope_app.sources.tickets.mock import MockMarket
from tests.sources.kafka_topics import a_topic, read_all

PARTITIONS = 8


@pytest.fixture
def brokers(kafka_url: str) -> Brokers:
    return Brokers.plain(kafka_url.removeprefix("kafka://"))


@pytest.fixture
async def topic(brokers: Brokers) -> AsyncIterator[str]:
    """A topic of the test's own."""
    async with a_topic(brokers, partitions=PARTITIONS) as name:
        yield name


@given(key=st.binary(min_size=1, max_size=200), partitions=st.integers(1, 64))
def test_partition_is_kafkas_own_choice(key: bytes, partitions: int) -> None:
    """Our remembered hash agrees with the default partitioner of the client."""
    numbers = list(range(partitions))

    assert partition_of(key, partitions) == DefaultPartitioner()(key, numbers, numbers)


@pytest.mark.broker
async def test_mock_records_arrive_once_in_order_under_their_keys(
    brokers: Brokers, topic: str
) -> None:
    """1,000 mock records are read back: each once, in its key's partition, each seat in order."""
    market = MockMarket(seed=3, events=4, seats=25, opened_at=utc_now())
    async with Publisher(brokers, topic) as publisher:
        tally = await run_production(
            market,
            publisher,
            rate=0,
            extent=Extent(records=1_000),
            stop=asyncio.Event(),
            clock=utc_now,
            monotonic_s=monotonic_s,
            on_progress=lambda _tally: None,
        )
    found = await read_all(brokers, topic)

    assert tally.records == sum(map(len, found.values())) == 1_000
    assert len(found) > 1
    for partition, records in found.items():
        assert {partition_of(record.key, PARTITIONS) for record in records} == {partition}
        assert records == sorted(records, key=lambda record: _timestamp(record.value))
    twin = MockMarket(seed=3, events=4, seats=25, opened_at=utc_now()).take(1_000, utc_now())
    assert _prices(outgoing for each in found.values() for outgoing in each) == _prices(
        seen.outgoing for seen in twin
    )


def _timestamp(value: bytes) -> bytes:
    return value.split(b'"timestamp":"')[1].split(b'"')[0].ljust(30, b"0")


def _prices(records) -> dict[bytes, list[bytes]]:  # type: ignore[no-untyped-def]  # any iterable of records
    """The prices of each key, in order."""
    prices: dict[bytes, list[bytes]] = defaultdict(list)
    for key, value, _ in records:
        prices[key].append(value.split(b'"price":')[1].split(b",")[0])
    return prices


@pytest.mark.broker
async def test_order_holds_across_many_batches(brokers: Brokers, topic: str) -> None:
    """Records of one key that fill dozens of batches arrive as they were published."""
    value = b"x" * 1_000
    records = [Outgoing(b"one", b"%06d" % number + value) for number in range(5_000)]
    assert sum(len(record.value) for record in records) > 30 * MAX_BATCH_BYTES
    async with Publisher(brokers, topic) as publisher:
        for start in range(0, len(records), 700):
            await publisher.publish(records[start : start + 700])
    found = await read_all(brokers, topic)

    assert found == {partition_of(b"one", PARTITIONS): records}


@pytest.mark.broker
async def test_record_that_kafka_refuses_is_an_error(brokers: Brokers, topic: str) -> None:
    """A record over the broker's limit fails the flush, and everything after it."""
    publisher = Publisher(brokers, topic)
    await publisher.start()
    try:
        await publisher.publish([Outgoing(b"key", b"x" * 2_000_000)])
        with pytest.raises(PublishFailedError, match="did not take records"):
            await publisher.flush()
        with pytest.raises(PublishFailedError) as error:
            await publisher.publish([Outgoing(b"key", b"small")])
        assert isinstance(error.value.__cause__, KafkaError)
    finally:
        await publisher.close()
    assert await read_all(brokers, topic) == {}


@pytest.mark.broker
async def test_missing_topic_is_named_and_not_created(brokers: Brokers) -> None:
    """Starting fails with the command that helps."""
    for _ in range(2):
        with pytest.raises(TopicMissingError, match="topics create"):
            await Publisher(brokers, "publisher-no-such-topic", topic_wait_s=0.2).start()


async def test_unreachable_broker_is_named() -> None:
    """Where nothing listens, the address and the setting are in the message."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(BrokerUnreachableError, match=f"{address}.*CONSCOPE_KAFKA_URL"):
            await Publisher(Brokers.plain(address), "raw_prices").start()
