"""`replay` on the command line, as a person types it, with a real Kafka where it sends."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from conscope_app.commands.replay import MARKET_SNAPSHOTS
from conscope_app.topics.tickets import RAW_PRICES
from tests.commands.shell import conscope
from tests.sources.feeds.documented import FILES
from tests.sources.recorded_hour import RECORDINGS

HOUR = [str(path) for path in sorted(RECORDINGS.glob("*.gz"))]


@pytest.fixture
def coins(tmp_path: Path) -> str:
    """The file of the feed that is among the recordings."""
    path = tmp_path / "coins.yaml"
    path.write_text(FILES["coins"])
    return str(path)


def test_a_dry_run_tells_what_would_be_sent(coins: str) -> None:
    """Without Kafka: how much, and what of it is passed over, with its reason."""
    ended = conscope("replay", *HOUR, "--feed", coins, "--dry-run")

    assert ended.code == 0, ended.errors
    assert "Passed over: 4 refused by the adapter" in ended.output
    assert "ethereum: price: $.ethereum: no price" in ended.output
    assert "Passed over: 1 answered 429" in ended.output
    assert "Would send 20 prices and 22 snapshots of 35 answers." in ended.output


def test_a_source_that_nobody_knows_is_a_usage_error() -> None:
    """Exit code 2, and those that there are."""
    ended = conscope("replay", *HOUR, "--source", "coins")

    assert ended.code == 2
    assert "--source coins: there is seatgeek, simulated-seatgeek, " in ended.errors
    assert "ticketmaster; --feed adds one" in ended.errors


@pytest.mark.broker
def test_what_was_recorded_is_on_the_topics(empty_topics: str, coins: str) -> None:
    """Each record once, under its key."""
    assert conscope("topics", "create", kafka_url=empty_topics).code == 0
    bootstrap = empty_topics.removeprefix("kafka://")
    asyncio.run(_create_market_snapshots(bootstrap))
    ended = conscope("replay", *HOUR, "--feed", coins, "--speed", "0", kafka_url=empty_topics)

    assert ended.code == 0, ended.errors
    assert "Sent 20 prices and 22 snapshots of 35 answers." in ended.output
    prices, markets = asyncio.run(_keys(bootstrap))
    assert {key: prices.count(key) for key in prices} == {
        b'["bitcoin","coins","","",""]': 12,
        b'["ethereum","coins","","",""]': 8,
    }
    assert len(markets) == 22
    assert {key.partition(b"-")[0] for key in markets} == {b"seatgeek", b"ticketmaster"}


async def _create_market_snapshots(bootstrap: str) -> None:
    """Where the pipeline has not done so."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if MARKET_SNAPSHOTS not in await admin.list_topics():
            await admin.create_topics([NewTopic(MARKET_SNAPSHOTS, 3, 1)])
    finally:
        await admin.close()


async def _keys(bootstrap: str) -> tuple[list[bytes], list[bytes]]:
    """The keys of all records, by topic."""
    found: dict[str, list[bytes]] = {RAW_PRICES.name: [], MARKET_SNAPSHOTS: []}
    consumer = AIOKafkaConsumer(
        *found, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while sum(map(len, found.values())) < sum(ends.values()):
            record = await consumer.getone()
            found[record.topic].append(record.key)
    finally:
        await consumer.stop()
    return found[RAW_PRICES.name], found[MARKET_SNAPSHOTS]
