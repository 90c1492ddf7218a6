"""`losses` on the command line."""

import asyncio
import json

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from conscope_app.stream.cluster import key_of
from tests.commands.shell import conscope
from tests.web.reports import a_partition


def test_an_agent_that_there_is_not_is_a_usage_error() -> None:
    """It lists those that there are, before anything is asked."""
    ended = conscope("losses", "acknowledge", "--agent", "nobody")

    assert ended.code == 2
    assert "--agent is one of: track_prices, store_prices, store_alerts" in ended.errors


def test_a_kafka_that_is_away_is_told_in_a_sentence() -> None:
    """Exit code 2, without a traceback."""
    ended = conscope("losses")

    assert ended.code == 2
    assert "cannot be read" in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.broker
def test_without_topics_the_way_to_create_them_is_told(empty_topics: str) -> None:
    """Exit code 2."""
    ended = conscope("losses", kafka_url=empty_topics)

    assert ended.code == 2
    assert "the topic system_metrics is missing" in ended.errors


async def report(bootstrap: str) -> None:
    """Two losses and a partition that is whole, as their owners reported them."""
    reports = [a_partition(0), a_partition(1, lost=7), a_partition(1, agent="store_alerts", lost=3)]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait("system_metrics", key=b"worker/of-tomorrow", value=b"{}")
        for each in reports:
            value = msgspec.json.encode(each)
            await producer.send_and_wait("system_metrics", key=key_of(each), value=value)


@pytest.mark.broker
def test_losses_are_listed_and_acknowledged(
    empty_topics: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One or all; without workers too, and a database that is away changes nothing."""
    assert conscope("topics", "create", kafka_url=empty_topics).code == 0
    asyncio.run(report(empty_topics.removeprefix("kafka://")))

    monkeypatch.setenv("CONSCOPE_DATABASE_URL", "postgresql+psycopg2://conscope@127.0.0.1:1/none")
    away = conscope("losses", "acknowledge", kafka_url=empty_topics)
    assert (away.code, away.output) == (2, "")
    assert "the database cannot be worked with" in away.errors

    monkeypatch.setenv("CONSCOPE_DATABASE_URL", database_url)
    listed = conscope("losses", kafka_url=empty_topics)
    assert (listed.code, listed.output.splitlines()) == (
        0,
        [
            "store_alerts price_alerts-1: 3 offsets removed unread, 3 not acknowledged",
            "track_prices raw_prices-1: 7 offsets removed unread, 7 not acknowledged",
        ],
    )

    one = conscope("losses", "acknowledge", "--agent", "track_prices", kafka_url=empty_topics)
    assert (one.code, one.output.splitlines()) == (
        0,
        ["Acknowledged: 7 offsets of track_prices raw_prices-1 are gone."],
    )
    lines = conscope("losses", "--json", kafka_url=empty_topics).output.splitlines()
    assert [json.loads(line)["unacknowledged"] for line in lines] == [3, 0]

    none = conscope("losses", "acknowledge", "--partition", "2", kafka_url=empty_topics)
    assert none.output == "There is no loss that waits to be acknowledged.\n"
    every = conscope("losses", "acknowledge", kafka_url=empty_topics)
    assert every.output.splitlines() == [
        "Acknowledged: 3 offsets of store_alerts price_alerts-1 are gone."
    ]
    lines = conscope("losses", "--json", kafka_url=empty_topics).output.splitlines()
    assert [json.loads(line)["unacknowledged"] for line in lines] == [0, 0]
