"""`dead-letters` on the command line."""

import asyncio
import json
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer

from conscope_app.core.refusal import Reason
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letters import dead_letter
from conscope_app.stream.reading import TopicReader
from tests.audit.story import FLOOR, raw_json
from tests.commands.shell import conscope

NASTY = b'{"venue":"\x1b[2J\xe2\x80\xaeevil\r\n"}'


@dataclass
class Raw:
    """A raw record that was refused."""

    offset: int
    value: bytes
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "raw_prices"
    partition: int = 2
    timestamp: int = 0


async def leave(bootstrap: str, record: Raw, reason: Reason, message: str) -> None:
    """Put the record's dead letter into the topic."""
    out = dead_letter(record, reason, message, stage="VALUE_CONVERTER", connector="track_prices")
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait(
            "raw_prices.dead", out.value, out.key, partition=2, headers=list(out.headers)
        )


async def raw_values(bootstrap: str) -> list[tuple[bytes | None, bytes | None]]:
    """Key and value of all that is in raw_prices."""
    async with TopicReader(Brokers.plain(bootstrap), "raw_prices", range(3)) as reader:
        return [(each.key, each.value) async for run in reader.to_end() for each in run]


def test_a_replay_of_nothing_in_particular_is_a_usage_error() -> None:
    """Nothing is replayed by accident."""
    ended = conscope("dead-letters", "replay")

    assert ended.code == 2
    assert "say which: --id, --reason or --all" in ended.errors


def test_a_repair_of_an_unknown_field_is_a_usage_error() -> None:
    """It lists the fields that there are."""
    ended = conscope("dead-letters", "replay", "--all", "--set", "colour=red")

    assert ended.code == 2
    assert "with one of event_id, event_name" in ended.errors


@pytest.mark.broker
def test_without_topics_the_way_to_create_them_is_told(empty_topics: str) -> None:
    """Exit code 2."""
    ended = conscope("dead-letters", "list", kafka_url=empty_topics)

    assert ended.code == 2
    assert "the topic raw_prices.dead is missing" in ended.errors


@pytest.mark.broker
def test_letters_are_listed_repaired_and_sent_back_once(empty_topics: str) -> None:
    """List, dry run, replay, replay again: raw_prices gets the repaired record once."""
    bootstrap = empty_topics.removeprefix("kafka://")
    assert conscope("topics", "create", kafka_url=empty_topics).code == 0
    free = Raw(17, raw_json(FLOOR, "0", 1))
    asyncio.run(leave(bootstrap, free, Reason.BAD_PRICE, "0 is no price"))
    asyncio.run(leave(bootstrap, Raw(18, NASTY), Reason.MISSING_FIELD, "\x1b]0;owned\x07"))

    listed = conscope("dead-letters", "list", kafka_url=empty_topics)
    assert listed.code == 0
    assert "2 of 2 dead letters: bad_price 1, missing_field 1" in listed.output
    assert "\\x1b[2J\\u202eevil\\r\\n" in listed.output
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(listed.output)

    lines = conscope(
        "dead-letters", "list", "--reason", "bad_price", "--json", kafka_url=empty_topics
    )
    [letter] = [json.loads(line) for line in lines.output.splitlines()]
    assert (letter["id"], letter["message"], letter["replayed"]) == (
        "raw_prices-2-17",
        "0 is no price",
        False,
    )

    repair = ("--id", "raw_prices-2-17", "--set", "price=12.50")
    dry = conscope("dead-letters", "replay", *repair, "--dry-run", kafka_url=empty_topics)
    assert (dry.code, "would send 1, left 0" in dry.output) == (0, True)
    assert asyncio.run(raw_values(bootstrap)) == []

    sent = conscope("dead-letters", "replay", *repair, kafka_url=empty_topics)
    assert (sent.code, "sent 1, left 0" in sent.output) == (0, True)
    twice = conscope("dead-letters", "replay", *repair, kafka_url=empty_topics)
    assert (twice.code, "sent 0, left 1" in twice.output) == (1, True)
    [(key, value)] = asyncio.run(raw_values(bootstrap))
    assert key == FLOOR
    assert json.loads(value or b"") == {**json.loads(free.value), "price": 12.5}

    after = conscope("dead-letters", "list", "--json", kafka_url=empty_topics)
    assert [json.loads(line)["replayed"] for line in after.output.splitlines()] == [True, False]

    unknown = conscope("dead-letters", "replay", "--id", "raw_prices-0-1", kafka_url=empty_topics)
    assert unknown.code == 1
    assert "there is no dead letter raw_prices-0-1" in unknown.errors
