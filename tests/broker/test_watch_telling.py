"""Decisions of watches on their way to Discord, and workers that are killed on the same way."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.core.clock import utc_now
from conscope_app.store.engine import Database
from conscope_app.store.watches.definitions import put
from conscope_app.stream.partitioner import Partitioner
from tests.alerting.watches.stories import a_watch
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.discord_behaviours import Behaviour

pytestmark = pytest.mark.broker

AGENTS = "store_watch_decisions,deliver_watches"
PARTITIONS = 8
EPISODES = 40


def a_decision(episode: int, verdict: Verdict, price: int, at: datetime, place: int) -> Decision:
    return Decision(
        verdict=verdict,
        episode=f"episode-{episode:03}",
        watch_id="w",
        watch_version=1,
        subject=f"event-{episode % 7}",
        items=("A-1",),
        labels={"section": "Floor", "row": "A"},
        price=Decimal(price),
        was=None,
        currency="USD",
        basis="all_in",
        at=at,
        place=place,
        reason="90 is at most 100",
    )


def publish(pipeline: Pipeline, decisions: Sequence[Decision | bytes]) -> None:
    """Each to the partition of its subject, in order; bytes to the first."""

    async def send() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=pipeline.kafka_url.removeprefix("kafka://")
        ) as producer:
            partition_of = Partitioner(PARTITIONS)
            for each in decisions:
                if isinstance(each, bytes):
                    await producer.send_and_wait("watch_decisions", each, partition=0)
                    continue
                key = each.subject.encode()
                await producer.send_and_wait(
                    "watch_decisions",
                    msgspec.json.encode(each),
                    key=key,
                    partition=partition_of(key),
                )

    asyncio.run(send())


def decide(pipeline: Pipeline, verdict: Verdict, price: int, *episodes: int) -> None:
    now = utc_now()
    publish(pipeline, [a_decision(each, verdict, price, now, place=1) for each in episodes])


def make_watch(pipeline: Pipeline, **parts: Any) -> None:
    async def make() -> None:
        database = Database(pipeline.database_url)
        await database.run(lambda connection: put(connection, a_watch("w", **parts)))
        await database.close()

    asyncio.run(make())


def a_worker(pipeline: Pipeline, name: str = "w1") -> Worker:
    return pipeline.worker(name, CONSCOPE_AGENTS=AGENTS)


def until_nothing_waits(pipeline: Pipeline, episodes: int) -> None:
    eventually(lambda: pipeline.count("watch_episodes") == episodes, what="all episodes")
    eventually(lambda: pipeline.count("watch_entries", "waiting") == 0, what="nothing waits")


def test_one_message_is_told_edited_and_told_as_over(pipeline: Pipeline) -> None:
    """By PATCH, under the id that Discord gave it; what cannot be read is a dead letter."""
    make_watch(pipeline)
    a_worker(pipeline).start().until_ready()
    publish(pipeline, [b"no decision", b'{"format": 1}'])
    decide(pipeline, Verdict.RAISED, 90, 1)
    pipeline.discord.wait_for_told(1, timeout_s=30)
    decide(pipeline, Verdict.UPDATED, 80, 1)
    pipeline.discord.wait_for_edits(1, timeout_s=30)
    decide(pipeline, Verdict.OVER, 120, 1)
    pipeline.discord.wait_for_edits(2, timeout_s=30)

    assert len(pipeline.discord.messages) == 1
    [(message_id, shown)] = pipeline.discord.shown.items()
    assert "Over" in shown["embeds"][0]["title"]
    eventually(
        lambda: pipeline.count("watch_entries", "finished_at IS NOT NULL") == 1, what="finished"
    )
    assert pipeline.query("SELECT reference, edits FROM watch_messages") == [(message_id, 2)]
    listed = pipeline.run("dead-letters", "list", "--json").stdout
    assert listed.count("store_watch_decisions") >= 2


@pytest.mark.parametrize(
    ("last", "again"),
    [
        pytest.param("hang", 0, id="before Discord took it"),
        pytest.param("mute", 1, id="after Discord took it"),
    ],
)
def test_a_worker_that_is_killed_at_the_post(
    pipeline: Pipeline, last: Behaviour, again: int
) -> None:
    """The restarted one goes on under the dead one's lease.

    Told again is only the message that was taken and not answered.
    """
    make_watch(pipeline)
    worker = a_worker(pipeline).start().until_ready()
    pipeline.discord.then("ok", "ok", "ok", last)
    decide(pipeline, Verdict.RAISED, 90, *range(EPISODES))
    pipeline.discord.wait_for_posts(4, timeout_s=60)
    if last == "mute":
        eventually(lambda: len(pipeline.discord.messages) == 4, what="the fourth message taken")
    worker.kill()
    assert pipeline.count("watch_messages") == 3
    worker.start()
    until_nothing_waits(pipeline, EPISODES)

    told = pipeline.told()
    assert len(told) == EPISODES
    assert told.total() == EPISODES + again
    assert pipeline.count("watch_messages") == EPISODES


def test_workers_that_are_killed_again_and_again(pipeline: Pipeline) -> None:
    """Between decision and outbox, outbox and POST, POST and note: wherever it happens to be."""
    make_watch(pipeline, to={"severity": "warning"})
    workers = [a_worker(pipeline, name).start() for name in ("w1", "w2")]
    for worker in workers:
        worker.until_ready()
    for turn in range(4):
        decide(pipeline, Verdict.RAISED, 90, *range(turn * EPISODES, (turn + 1) * EPISODES))
        killed = workers[turn % 2]
        pipeline.discord.wait_for_posts(turn * EPISODES + 7 * turn + 1, timeout_s=60)
        killed.kill()
        killed.start()
    until_nothing_waits(pipeline, 4 * EPISODES)
    decide(pipeline, Verdict.OVER, 120, *range(4 * EPISODES))
    eventually(
        lambda: pipeline.count("watch_entries", "finished_at IS NULL") == 0, what="all finished"
    )

    told = pipeline.told()
    twice = Counter({episode: times for episode, times in told.items() if times > 1})
    assert len(told) == 4 * EPISODES
    assert len(twice) <= 4, "at most the one message on its way at each kill"
    assert pipeline.count("watch_messages") == 4 * EPISODES
    shown = [pipeline.discord.shown[reference] for (reference,) in pipeline.query(REFERENCES)]
    assert all("Over" in message["embeds"][0]["title"] for message in shown)


REFERENCES = "SELECT reference FROM watch_messages"
