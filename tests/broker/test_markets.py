"""Market snapshots through real workers: each once, whatever is killed, and the bad ones kept."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from conscope_app.domains.tickets.processed_market import decode_processed_market
from conscope_app.sources.base import Outgoing
from conscope_app.sources.publisher import Publisher
from conscope_app.stream.reading import TopicReader
from tests.broker.losing import PARTITIONS, brokers
from tests.broker.pipeline import Pipeline, eventually
from tests.factories import NOON, a_snapshot_value

pytestmark = pytest.mark.broker

AGENTS = "track_markets,store_markets"
EVENTS = 200
LEFT = (5, 0, 2, 2, 0)  # listings at one look after the other
CHANGES = ["sold_out", "back_on_sale", "sold_out"]

BAD = [
    Outgoing(b"k", b"no json"),
    Outgoing(b"bad-1", a_snapshot_value(event_id="bad-1", lowest=0)),
    Outgoing(b"bad-2", a_snapshot_value(event_id="bad-2", currency="$")),
]


def publish(pipeline: Pipeline, snapshots: Sequence[Outgoing]) -> None:
    async def send() -> None:
        async with Publisher(brokers(pipeline), "market_snapshots") as publisher:
            await publisher.publish(snapshots)

    asyncio.run(send())


def looks(numbers: range, *, strangers: bool = False) -> list[Outgoing]:
    """Those looks at every event, one look after the other; `strangers` under a foreign key."""
    return [
        Outgoing(
            b"theirs" if strangers else event_id.encode(),
            a_snapshot_value(
                event_id=event_id,
                observed_at=NOON + look * timedelta(minutes=1),
                listing_count=LEFT[look],
            ),
        )
        for look in numbers
        for event_id in (f"seatgeek-{each}" for each in range(EVENTS))
    ]


def published(pipeline: Pipeline) -> Counter[str]:
    """How often each id is among the processed markets, for who reads what is committed."""

    async def read() -> Counter[str]:
        found: Counter[str] = Counter()
        async with TopicReader(brokers(pipeline), "processed_markets", range(PARTITIONS)) as reader:
            async for run in reader.to_end():
                found.update(decode_processed_market(record.value).id for record in run)
        return found

    return asyncio.run(read())


def letters(pipeline: Pipeline) -> list[dict[str, Any]]:
    listed = pipeline.run("dead-letters", "list", "--json")
    return [json.loads(line) for line in listed.stdout.splitlines() if line.startswith("{")]


def test_each_snapshot_is_stored_once_through_a_kill(pipeline: Pipeline) -> None:
    """What came twice changes nothing; what came under a foreign key is put right."""
    worker = pipeline.worker("w1", CONSCOPE_AGENTS=AGENTS)
    publish(pipeline, [*looks(range(2)), *BAD])
    worker.start()
    eventually(lambda: pipeline.count("market_history"), what="the first rows")
    worker.kill()
    publish(pipeline, [*looks(range(2, 4)), *looks(range(1))])
    worker.start()
    expected = 5 * EVENTS
    eventually(lambda: pipeline.count("market_history") == expected, what=f"{expected} rows")
    publish(pipeline, looks(range(4, 5), strangers=True))
    expected += EVENTS
    eventually(lambda: pipeline.count("market_history") == expected, what=f"{expected} rows")

    found = published(pipeline)
    assert (len(found), found.total()) == (expected, expected)
    kinds = dict(pipeline.query("SELECT kind, count(*) FROM market_history GROUP BY kind"))
    assert kinds == {"new": EVENTS, "changed": 3 * EVENTS, "same": EVENTS, "late": EVENTS}
    changes = pipeline.query(
        "SELECT array_agg(kind ORDER BY at) FROM event_changes GROUP BY event_id"
    )
    assert changes == [(CHANGES,)] * EVENTS
    now = "SELECT listing_count, count(*) FROM market_now GROUP BY 1"
    assert pipeline.query(now) == [(0, EVENTS)]
    assert pipeline.count("events", "NOT is_priced AND event_name = 'A Concert'") == EVENTS
    assert sorted(letter["reason"] for letter in letters(pipeline)) == [
        "bad_currency",
        "bad_price",
        "not_json",
    ]

    replayed = ("dead-letters", "replay", "--reason", "bad_currency", "--set", "currency=USD")
    assert "1" in pipeline.run(*replayed).stdout
    eventually(lambda: pipeline.count("market_now", "event_id = 'bad-2'"), what="the mended one")

    report = pipeline.audit()
    assert report["snapshots"] == expected + EVENTS + len(BAD) + 1
    assert report["good_snapshots"] == expected + 1
