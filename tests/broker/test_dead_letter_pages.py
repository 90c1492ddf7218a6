"""Dead letters on the pages and in the API, on a real Kafka."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from aiokafka import AIOKafkaProducer

from conscope_app import app
from conscope_app.core.ids import RecordId
from conscope_app.core.refusal import Reason
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letters import dead_letter
from conscope_app.stream.letter_replay import LetterReplay
from conscope_app.stream.newest_letters import Bounds, Glimpse, NewestLetters
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import DEAD_LETTERS, RAW_PRICES, TopicSpec, prefixed
from tests.factories import ARecord, a_record
from tests.web.api import ask
from tests.web.site import Site, serving
from web import dead_letter_reading

pytestmark = [pytest.mark.broker, pytest.mark.asyncio(loop_scope="session")]

PARTITIONS = 3
UNHURRIED = Bounds(seconds=60)  # the machine of a test may be a busy one
HOSTILE = b"<script>alert(1)</script>\x00\x1b[2J\xff\xe2\x80\xae" + b"x" * 10_000


class Topics(NamedTuple):
    """A test's own topics on a broker that it shares."""

    brokers: Brokers
    raw: TopicSpec
    dead: TopicSpec


@pytest_asyncio.fixture(loop_scope="session")
async def topics(kafka_url: str) -> Topics:
    """Empty."""
    found = Brokers.plain(kafka_url.removeprefix("kafka://"))
    prefix = f"letters_{uuid.uuid4().hex[:12]}."
    chosen = {each.name.removeprefix(prefix): each for each in prefixed(prefix)}
    made = Topics(found, chosen[RAW_PRICES.name], chosen[DEAD_LETTERS.name])
    await create_topics(found, PARTITIONS, 1, made[1:])
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def site(topics: Topics, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The pages over these topics."""
    changed = {"brokers": topics.brokers, "partitions": PARTITIONS}
    async with serving() as site:
        site.reset()
        monkeypatch.setattr(app, "settings", app.settings.model_copy(update=changed))
        monkeypatch.setattr(dead_letter_reading, "BOUNDS", UNHURRIED)
        monkeypatch.setattr(dead_letter_reading, "RAW_PRICES", topics.raw)
        monkeypatch.setattr(dead_letter_reading, "DEAD_LETTERS", topics.dead)
        yield site


@asynccontextmanager
async def a_shelf(brokers: Brokers) -> AsyncIterator[AIOKafkaProducer]:
    """A producer of transactions, as the ledgers are: each leaves a marker behind it."""
    producer = AIOKafkaProducer(**brokers.client_options, transactional_id="shelf")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def leave(
    topics: Topics, records: Sequence[ARecord], reason: Reason = Reason.BAD_PRICE
) -> None:
    """Put a dead letter of each record into the topic, in order, a transaction each."""
    async with a_shelf(topics.brokers) as producer:
        for record in records:
            out = dead_letter(record, reason, "why\x1b", stage="VALUE_CONVERTER", connector="track")
            async with producer.transaction():
                await producer.send_and_wait(
                    topics.dead.name,
                    out.value,
                    out.key,
                    record.partition,
                    headers=list(out.headers),
                )


def refused(topics: Topics, count: int) -> list[ARecord]:
    """Good records of all partitions in turn: somebody has refused them all the same."""
    raw = topics.raw.name
    return [
        ARecord(each.key, each.value, topic=raw, partition=offset % PARTITIONS, offset=offset)
        for offset in range(count)
        for each in [a_record(offset, seat=str(offset))]
    ]


async def raw_records(topics: Topics) -> list[Any]:
    """All that came back."""
    async with TopicReader(topics.brokers, topics.raw.name, range(PARTITIONS)) as reader:
        return [each async for run in reader.to_end() for each in run]


async def newest(topics: Topics, bounds: Bounds) -> tuple[list[Glimpse], NewestLetters]:
    """All that is found within the bounds."""
    letters = NewestLetters(topics.brokers, topics.dead.name, range(PARTITIONS), bounds)
    async with letters:
        return [each async for each in letters.newest_first()], letters


async def test_letters_are_read_backwards_from_the_end(
    topics: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one order over all partitions, whatever the chunks, and no further than it is allowed."""
    monkeypatch.setattr("conscope_app.stream.newest_letters.CHUNK", 7)
    records = refused(topics, 50)
    await leave(topics, records)

    found, letters = await newest(topics, UNHURRIED)
    assert [each.letter.origin.offset for each in found] == list(range(49, -1, -1))
    assert (letters.looked_at, letters.is_complete) == (50, True)
    assert all(newer.place > older.place for newer, older in pairwise(found))

    few, bounded = await newest(topics, UNHURRIED._replace(offsets=42))
    assert [each.letter.origin.offset for each in few] == list(range(49, 49 - len(few), -1))
    assert 0 < len(few) <= bounded.looked_at <= 42
    assert not bounded.is_complete

    with pytest.raises(TimeoutError):
        await newest(topics, Bounds(seconds=0))


async def test_letters_are_read_picked_and_sent_back_once(topics: Topics, site: Site) -> None:
    """By the API: pages, reasons, what cannot go back, and what went back already."""
    raw = topics.raw.name
    empty = await ask(site, "GET", "dead-letters")
    assert (empty.body["letters"], empty.body["is_complete"]) == ([], True)

    records = refused(topics, 60)
    await leave(topics, records)
    await leave(
        topics, [ARecord(None, HOSTILE, topic=raw, partition=1, offset=1000)], Reason.NOT_JSON
    )

    first = (await ask(site, "GET", "dead-letters")).body
    then = (await ask(site, "GET", f"dead-letters?after={first['next']}")).body
    ids = [each["id"] for each in (*first["letters"], *then["letters"])]
    assert len(first["letters"]) == 50
    assert ids == [
        f"{raw}-1-1000",
        *(f"{raw}-{n % PARTITIONS}-{n}" for n in range(59, -1, -1)),
    ]
    assert (then["next"], then["is_complete"]) == (None, True)
    nasty = first["letters"][0]
    assert (nasty["reason"], nasty["message"], nasty["size"]) == (
        "not_json",
        "why\x1b",
        len(HOSTILE),
    )
    assert nasty["value"].startswith("<script>alert(1)</script>\\x00\\x1b[2J\\xff\\u202exxx")
    assert len(nasty["value"]) == 2_001

    of_reason = (await ask(site, "GET", "dead-letters?reason=not_json")).body
    assert [each["id"] for each in of_reason["letters"]] == [f"{raw}-1-1000"]
    none = (await ask(site, "GET", "dead-letters?reason=%F0%9F%98%80'%25")).body
    assert (none["letters"], none["is_complete"]) == ([], True)

    named = {"ids": [f"{raw}-2-5", f"{raw}-0-3", f"{raw}-1-1000", f"{raw}-1-9999"]}
    answer = (await ask(site, "POST", "dead-letters/replay", named)).body
    assert sorted(answer["sent"]) == [f"{raw}-0-3", f"{raw}-2-5"]
    left = {each["id"]: each["why"] for each in answer["left"]}
    assert "it names no seat" in left[f"{raw}-1-1000"]
    assert left[f"{raw}-1-9999"].startswith("it is not among the newest")
    came = await raw_records(topics)
    assert {each.value for each in came} == {records[3].value, records[5].value}
    assert {each.key for each in came} == {records[3].key, records[5].key}

    twice = (await ask(site, "POST", "dead-letters/replay", {"ids": [f"{raw}-2-5"]})).body
    assert twice == {
        "sent": [],
        "left": [{"id": f"{raw}-2-5", "why": "it was replayed before"}],
    }
    again = {"ids": [f"{raw}-2-5"], "again": True}
    assert (await ask(site, "POST", "dead-letters/replay", again)).body["sent"] == again["ids"]
    assert len(await raw_records(topics)) == 3

    shown = (await ask(site, "GET", "dead-letters")).body["letters"]
    rest = (await ask(site, "GET", f"dead-letters?after={first['next']}")).body["letters"]
    marked = {each["id"] for each in (*shown, *rest) if each["replayed"]}
    assert marked == {f"{raw}-0-3", f"{raw}-2-5"}

    async with (
        ClientSession(site.url) as client,
        client.get("/operations/dead-letters?reason=not_json") as page,
    ):
        html = await page.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x00\\x1b[2J\\xff\\u202exxx" in html
    assert "<script>alert" not in html


async def test_a_replay_that_is_not_done_in_time_sends_nothing(topics: Topics) -> None:
    """The letters stay as they were, and go back when there is time."""
    await leave(topics, refused(topics, 3))
    names = (topics.brokers, topics.raw.name, topics.dead.name)
    replay = LetterReplay(*names, Bounds(seconds=0))

    with pytest.raises(TimeoutError):
        await replay.send_back([RecordId(topics.raw.name, 0, 0)], again=False)
    assert await raw_records(topics) == []

    replay = LetterReplay(*names, UNHURRIED)
    done = await replay.send_back([RecordId(topics.raw.name, 0, 0)], again=False)
    assert (done.sent, done.left) == ([f"{topics.raw.name}-0-0"], [])
