"""Dead letters are sorted, repaired and sent back once."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from conscope_app.core.refusal import Reason
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letters import dead_letter, replay_marker
from conscope_app.stream.outcome import Output
from conscope_app.stream.reading import TopicReader
from conscope_app.stream.replay import NotSent, Replay, Sent, parse_repairs, plan
from conscope_app.stream.shelf import Shelved, Wanted, read_dead_letters, shelve
from conscope_app.topics.create import create_topics
from conscope_app.topics.tickets import prefixed

GOOD = b'{"event_id":"e","source":"s","section":"A","row":"1","seat":"2","price":1e2,"fees":0.10}'
KEY = b'["e","s","A","1","2"]'


@dataclass
class Lying:
    """A record in a topic."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "raw_prices"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0


def letter(offset: int, value: bytes | None, topic: str = "raw_prices", at: int = 0) -> Lying:
    """The dead letter of a raw record, as it lies in its topic."""
    origin = Lying(value, b"wrong key", (("trace", b"1"),), topic, 3, offset)
    out = dead_letter(origin, Reason.BAD_PRICE, "no", stage="VALUE_CONVERTER", connector="a")
    return Lying(out.value, out.key, tuple(out.headers), "raw_prices.dead", 3, offset, at)


def marker(of: Lying) -> Lying:
    """What a replay of the letter leaves."""
    [shelved], _ = shelve([of])
    out = replay_marker(of.key, shelved.letter.origin)
    return Lying(out.value, out.key, tuple(out.headers))


def shelves(*records: Lying) -> list[Shelved]:
    """The letters among the records."""
    return shelve(records)[0]


@dataclass
class Planned:
    """What a plan came to."""

    sent: list[Sent] = field(default_factory=list)
    left: list[NotSent] = field(default_factory=list)


def plan_all(*records: Lying, repairs: tuple[str, ...] = (), again: bool = False) -> Planned:
    """The plan of replaying everything."""
    found = plan(shelves(*records), Wanted(), "raw_prices", parse_repairs(repairs), again=again)
    return Planned(*found)


def test_letters_markers_and_foreign_records_are_told_apart() -> None:
    """The oldest letter first; one that has a marker is known as replayed."""
    young, old = letter(1, b"1", at=20), letter(2, b"2", at=10)
    found, foreign = shelve([young, old, marker(young), Lying(b"?"), Lying(None)])

    assert [(str(each.letter.origin), each.replayed) for each in found] == [
        ("raw_prices-3-2", False),
        ("raw_prices-3-1", True),
    ]
    assert foreign == 2


def test_a_letter_goes_back_as_it_came_under_its_right_key() -> None:
    """Value unchanged, without our headers."""
    [sent] = plan_all(letter(17, GOOD)).sent

    assert (sent.key, sent.value) == (KEY, GOOD)
    assert sent.headers == [("trace", b"1"), ("conscope.replayed-from", b"3-17")]


def test_a_repair_changes_its_field_and_no_other_byte() -> None:
    """1e2 and 0.10 are not rewritten as 100 and 0.1; the key follows the seat."""
    repairs = ("price=12.50", "seat=7", "currency=USD", "venue=null")
    [sent] = plan_all(letter(17, GOOD), repairs=repairs).sent

    assert sent.value == (
        b'{"event_id":"e","source":"s","section":"A","row":"1","seat":"7","price":12.50,'
        b'"fees":0.10,"currency":"USD","venue":null}'
    )
    assert sent.key == b'["e","s","A","1","7"]'


def test_a_market_snapshot_goes_back_to_its_own_topic() -> None:
    """Under its event's id; a field of prices is none of it."""
    snapshot = b'{"event_id":"e-1","source":"e","currency":"$","lowest":5.0}'
    bad = letter(3, snapshot, topic="market_snapshots")

    [sent] = plan_all(bad, repairs=("currency=USD",)).sent

    assert (sent.topic, sent.key) == ("market_snapshots", b"e-1")
    assert sent.value == b'{"event_id":"e-1","source":"e","currency":"USD","lowest":5.0}'
    [left] = plan_all(bad, repairs=("price=5",)).left
    assert left.why == "it is a market snapshot, which has no price"


def test_what_postgres_refused_of_a_market_goes_back_as_its_snapshot() -> None:
    """Without what was said beyond it."""
    value = b'{"event_id":"e-1","source":"e","id":"market_snapshots-3-1","kind":"new","changes":[]}'

    [sent] = plan_all(letter(4, value, topic="processed_markets")).sent

    assert (sent.topic, sent.key) == ("market_snapshots", b"e-1")
    assert sent.value == b'{"event_id":"e-1","source":"e"}'


@pytest.mark.parametrize(
    "text", ["price=cheap", "price=NaN", "price=", "colour=red", "price", "=1", "price=1,2"]
)
def test_a_repair_that_makes_no_sense_is_refused(text: str) -> None:
    """Before anything is read or sent."""
    with pytest.raises(ValueError, match="--set"):
        parse_repairs([text])


@pytest.mark.parametrize(
    ("value", "repairs", "why"),
    [
        pytest.param(b"\xff", (), "it names no seat", id="no JSON"),
        pytest.param(None, (), "it names no seat", id="no value"),
        pytest.param(b"[]", ("price=1",), "it is no JSON object", id="nothing to repair"),
        pytest.param(b'{"event_id":"e"}', ("price=1",), "it names no seat", id="no seat"),
        pytest.param(b"x" * 4_000_000, (), "it was too large", id="cut"),
    ],
)
def test_what_cannot_go_back_says_why(
    value: bytes | None, repairs: tuple[str, ...], why: str
) -> None:
    """It stays, instead of coming back as the same dead letter."""
    planned = plan_all(letter(17, value), repairs=repairs)

    assert planned.sent == []
    assert [each.why.startswith(why) for each in planned.left] == [True]


def test_what_was_replayed_goes_back_only_when_asked_again() -> None:
    """And a letter that lies there twice goes back once."""
    twice = letter(17, GOOD)
    assert len(plan_all(twice, twice).sent) == 1

    replayed = (twice, marker(twice))
    assert plan_all(*replayed).sent == []
    assert len(plan_all(*replayed, again=True).sent) == 1


def test_a_processed_price_that_was_refused_goes_back_as_its_price_event() -> None:
    """Without what the pipeline had added."""
    processed = {**json.loads(GOOD), "id": "raw_prices-3-5", "kind": "new", "old_price": None}
    value = json.dumps(processed).encode()
    [sent] = plan_all(letter(9, value, topic="processed_prices")).sent

    assert json.loads(sent.value) == json.loads(GOOD)
    assert sent.headers[-1] == ("conscope.replayed-from", b"3-9")


def test_a_watched_price_that_was_refused_does_not_go_back() -> None:
    """Its own processed price was taken: it would be seen twice."""
    processed = {**json.loads(GOOD), "id": "raw_prices-3-5", "kind": "new", "old_price": None}
    [left] = plan_all(letter(9, json.dumps(processed).encode(), topic="watched_prices")).left

    assert "watched_prices" in left.why


def test_an_alert_that_was_refused_does_not_go_back() -> None:
    """It is made from its price."""
    [left] = plan_all(letter(9, GOOD, topic="price_alerts")).left

    assert "price_alerts" in left.why


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["raw_prices-3-1", "raw_prices-3-2"]),
        (Wanted(ids=frozenset({"raw_prices-3-2"})), ["raw_prices-3-2"]),
        (Wanted(reason="bad_price"), ["raw_prices-3-1", "raw_prices-3-2"]),
        (Wanted(reason="not_json"), []),
        (Wanted(since_ms=20), ["raw_prices-3-2"]),
    ],
)
def test_letters_are_chosen_by_id_reason_and_time(wanted: Wanted, expected: list[str]) -> None:
    """Every condition that is given must hold."""
    found = shelves(letter(1, b"", at=10), letter(2, b"", at=20))

    assert [str(each.letter.origin) for each in found if wanted.wants(each)] == expected


@dataclass
class Topics:
    """A raw and a dead topic of a test's own."""

    brokers: Brokers
    raw: str
    dead: str

    async def put(self, value: bytes) -> None:
        """Leave a dead letter."""
        origin = Lying(value, b"wrong key", (("trace", b"1"),), self.raw, 1, 4)
        out: Output = dead_letter(origin, Reason.BAD_PRICE, "no", stage="s", connector="a")
        async with AIOKafkaProducer(**self.brokers.client_options) as producer:
            await producer.send_and_wait(
                self.dead, out.value, out.key, partition=1, headers=list(out.headers)
            )

    async def plan(self) -> list[Sent]:
        """What a replay would send now."""
        found, _ = await read_dead_letters(self.brokers, self.dead, 2)
        return plan(found, Wanted(), self.raw, {}, again=False)[0]

    async def raw_records(self) -> list[tuple[bytes | None, bytes | None]]:
        """Key and value of everything in the raw topic."""
        async with TopicReader(self.brokers, self.raw, range(2)) as reader:
            return [(each.key, each.value) async for run in reader.to_end() for each in run]


@pytest.fixture
async def topics(kafka_url: str) -> AsyncIterator[Topics]:
    """Two topics, deleted afterwards."""
    brokers = Brokers.plain(kafka_url.removeprefix("kafka://"))
    specs = prefixed(f"replay_{uuid.uuid4().hex[:12]}.")
    await create_topics(brokers, 2, 1, specs)
    yield Topics(brokers, specs[0].name, specs[3].name)
    admin = AIOKafkaAdminClient(**brokers.client_options)
    await admin.start()
    try:
        await admin.delete_topics([spec.name for spec in specs])
    finally:
        await admin.close()


@pytest.mark.broker
async def test_a_letter_goes_back_once_on_a_real_kafka(topics: Topics) -> None:
    """The second replay finds the marker that the first one left."""
    await topics.put(GOOD)
    for expected in (1, 0):
        async with Replay(topics.brokers, topics.dead) as replay:
            planned = await topics.plan()
            await replay.send(planned)
        assert len(planned) == expected

    assert await topics.raw_records() == [(KEY, GOOD)]


@pytest.mark.broker
async def test_of_two_replays_at_once_the_later_one_counts(topics: Topics) -> None:
    """The first one has read the letter, but can no longer send it."""
    await topics.put(GOOD)
    async with Replay(topics.brokers, topics.dead) as first:
        planned_by_first = await topics.plan()
        async with Replay(topics.brokers, topics.dead) as second:
            await second.send(await topics.plan())
        with pytest.raises((ProducerFenced, InvalidProducerEpoch)):
            await first.send(planned_by_first)

    assert await topics.raw_records() == [(KEY, GOOD)]
