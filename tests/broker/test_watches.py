"""Watches through real servers and workers: made while running, kept through kills, told once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import psycopg2
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from conscope_app.alerting.watches.control import SIGNAL
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.watch import Watch
from conscope_app.domains.tickets.happenings import happening_record
from conscope_app.store.engine import Connection
from conscope_app.store.url import connect_arguments
from conscope_app.store.watches import definitions
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.reading import TopicReader
from conscope_app.stream.sender import Sender
from tests.alerting.watches.stories import a_watch
from tests.broker.losing import PARTITIONS, brokers
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.factories import ARecord, a_record

pytestmark = pytest.mark.broker

partition_of = Partitioner(PARTITIONS)
_decode = msgspec.json.Decoder(Decision).decode


def change(pipeline: Pipeline, *watches: Watch | str) -> None:
    """Make or change these watches; an id alone is deleted."""
    arguments = connect_arguments(pipeline.database_url, "tests")
    connection = psycopg2.connect(connection_factory=Connection, **arguments)
    try:
        for watch in watches:
            if isinstance(watch, str):
                assert definitions.delete(connection, watch)
            else:
                definitions.put(connection, watch)
        connection.commit()
    finally:
        connection.close()


def is_published(pipeline: Pipeline) -> bool:
    """Whether the workers have been told of all that Postgres knows."""
    return not pipeline.count("watches", "published_version IS DISTINCT FROM version")


def show(pipeline: Pipeline, *prices: ARecord) -> None:
    """Have prices come from a source."""
    asyncio.run(_show(pipeline, prices))


async def _show(pipeline: Pipeline, prices: Sequence[ARecord]) -> None:
    producer = AIOKafkaProducer(**brokers(pipeline).client_options, enable_idempotence=True)
    await producer.start()
    try:
        for price in prices:
            await producer.send_and_wait("raw_prices", key=price.key, value=price.value)
    finally:
        await producer.stop()


def a_seat(cost: object, seat: str = "1", event_id: str = "evt", **fields: Any) -> ARecord:
    """What a seat costs now, all in."""
    now = datetime.now(UTC)  # noqa: TID251 a source has a clock of its own
    total = Decimal(str(cost))
    return a_record(event_id=event_id, seat=seat, total_price=total, timestamp=now, **fields)


def decided(pipeline: Pipeline) -> list[Decision]:
    """Every decision up to now, those of an event in their order."""

    async def read() -> list[Decision]:
        found = []
        partitions = range(PARTITIONS)
        async with TopicReader(brokers(pipeline), "watch_decisions", partitions) as reader:
            async for run in reader.to_end():
                found += [_decode(record.value) for record in run]
        return found

    return asyncio.run(read())


def forwarded(pipeline: Pipeline) -> list[ConsumerRecord]:
    """All that the watches have been told."""

    async def read() -> list[ConsumerRecord]:
        async with TopicReader(brokers(pipeline), "watched_prices", range(PARTITIONS)) as reader:
            return [record async for run in reader.to_end() for record in run]

    return asyncio.run(read())


def happen(pipeline: Pipeline, *happenings: tuple[str, str, str]) -> None:
    """Have these happen: event, word and source."""

    async def send() -> None:
        sender = Sender(brokers(pipeline))
        try:
            for event, kind, source in happenings:
                now = datetime.now(UTC)  # noqa: TID251 a source has a clock of its own
                record = happening_record(event, source, kind, now, {})
                await sender.send("watched_prices", partition_of(event.encode()), [record])
        finally:
            await sender.close()

    asyncio.run(send())


def verdicts(pipeline: Pipeline) -> list[tuple[str, str, str]]:
    """Each decision as verdict, watch and price."""
    return [(each.verdict.value, each.watch_id, str(each.price)) for each in decided(pipeline)]


def until_decided(
    pipeline: Pipeline, *expected: tuple[str, str, str], within_s: float = 60
) -> None:
    """Wait until these decisions, and no others, have been made."""
    eventually(
        lambda: sorted(verdicts(pipeline)) == sorted(expected),
        within_s=within_s,
        what=f"decisions {expected}",
    )


def stored(pipeline: Pipeline, count: int) -> None:
    eventually(lambda: pipeline.count("price_history") == count, what=f"{count} rows")


def test_what_happens_is_told_without_prices(pipeline: Pipeline) -> None:
    """A watch on all events has no price forwarded, and hears of each event."""
    worker = pipeline.worker("w1").start()
    worker.until_ready()
    change(pipeline, a_watch("news", when={"happens": ["on_sale", "cancelled"]}))
    eventually(lambda: is_published(pipeline), what="published")
    show(pipeline, a_seat(80))
    stored(pipeline, 1)

    happen(pipeline, ("evt", "on_sale", "one"), ("new", "cancelled", "one"))
    until_decided(pipeline, ("raised", "news", "None"), ("raised", "news", "None"))
    worker.kill()
    worker.start()
    happen(pipeline, ("evt", "on_sale", "two"), ("evt", "cancelled", "two"))

    until_decided(
        pipeline,
        *([("raised", "news", "None")] * 3),
        ("over", "news", "None"),  # it is cancelled, and so not on sale
    )
    assert {each.subject for each in decided(pipeline)} == {"evt", "new"}
    kinds = {dict(each.headers).get(SIGNAL) for each in forwarded(pipeline)}
    assert kinds == {b"made", b"happened"}  # and no price, which has no kind


def test_a_watch_made_while_running_holds_within_two_seconds(pipeline: Pipeline) -> None:
    """It knows what was so before it was made, and hears of what comes after."""
    pipeline.worker("w1").start().until_ready()
    show(pipeline, a_seat(90), a_seat(120, "2"), a_seat(95, "1", "other"))
    stored(pipeline, 3)

    change(
        pipeline,
        a_watch(
            "told", what={"subjects": ["evt"]}, when={"target": {"at_most": 100}, "on_create": True}
        ),
        a_watch("quiet", what={"subjects": ["evt"]}),
        a_watch("all", when={"low": {}}),
    )
    until_decided(pipeline, ("raised", "told", "90"))
    ((made_at,),) = pipeline.query("SELECT changed_at FROM watches WHERE id = 'told'")
    assert decided(pipeline)[0].at - made_at < timedelta(seconds=2)
    eventually(lambda: is_published(pipeline), what="published")

    show(pipeline, a_seat(80, "2"), a_seat(94, "1", "other"))
    until_decided(
        pipeline,
        ("raised", "told", "90"),
        ("updated", "told", "80"),
        ("raised", "all", "80"),
        ("raised", "all", "94"),
    )
    change(pipeline, "told")
    until_decided(
        pipeline,
        ("raised", "told", "90"),
        ("updated", "told", "80"),
        ("raised", "all", "80"),
        ("raised", "all", "94"),
        ("over", "told", "None"),
    )


def test_baselines_come_from_the_history(pipeline: Pipeline) -> None:
    """What was seen before anybody watched is measured from."""
    pipeline.worker("w1").start().until_ready()
    show(pipeline, *(a_seat(cost) for cost in (200, 150, 180)))
    stored(pipeline, 3)

    change(pipeline, a_watch(what={"subjects": ["evt"]}, when={"low": {"days": 30}}))
    eventually(lambda: is_published(pipeline), what="published")
    show(pipeline, a_seat(160), a_seat(149))

    until_decided(pipeline, ("raised", "w", "149"))


def test_watches_survive_their_workers(pipeline: Pipeline) -> None:
    """Definitions, what was raised, and what waits for time alone; with the disk lost as well."""
    worker = pipeline.worker("w1").start().until_ready()
    held = a_watch("held", what={"subjects": ["evt"]}, sure={"hold_s": 3})
    change(pipeline, a_watch("w", what={"subjects": ["evt"]}), held)
    eventually(lambda: is_published(pipeline), what="published")
    show(pipeline, a_seat(120))
    stored(pipeline, 1)
    show(pipeline, a_seat(90))
    until_decided(pipeline, ("raised", "w", "90"))

    worker.kill()
    worker.wipe()
    pipeline.worker("w2").start().until_ready()
    until_decided(pipeline, ("raised", "w", "90"), ("raised", "held", "90"))

    show(pipeline, a_seat(130))
    until_decided(
        pipeline,
        ("raised", "w", "90"),
        ("raised", "held", "90"),
        ("over", "w", "130"),
        ("over", "held", "130"),
    )


def kill_and_start(pipeline: Pipeline, workers: list[Worker], at: int) -> None:
    workers[at].kill()
    workers[at].start()


def test_no_kill_loses_or_repeats_a_decision(pipeline: Pipeline) -> None:
    """Prices fall, workers die: each episode is raised once, and has come to the lowest price."""
    workers = [pipeline.worker(name).start() for name in ("w1", "w2")]
    for worker in workers:
        worker.until_ready()
    events = [f"evt-{number}" for number in range(12)]
    change(pipeline, a_watch("w"), *(a_watch(f"w-{e}", what={"subjects": [e]}) for e in events))
    eventually(lambda: is_published(pipeline), what="published")

    show(pipeline, *(a_seat(150, event_id=event) for event in events))
    for step in range(6):
        show(pipeline, *(a_seat(99 - step, event_id=event) for event in events))
        kill_and_start(pipeline, workers, step % 2)
    show(pipeline, *(a_seat(50, event_id=event) for event in events))

    def lowest() -> dict[tuple[str, str], Decimal | None]:
        return {(each.subject, each.watch_id): each.price for each in decided(pipeline)}

    expected = {(e, w): Decimal(50) for e in events for w in ("w", f"w-{e}")}
    eventually(lambda: lowest() == expected, within_s=120, what="all at the lowest price")
    decisions = decided(pipeline)
    raised = Counter(each.episode for each in decisions if each.verdict == "raised")
    assert set(raised.values()) == {1}
    assert len(raised) == len(expected)
    for key in expected:
        prices = [d.price for d in decisions if (d.subject, d.watch_id) == key and d.price]
        assert prices == sorted(prices, reverse=True)
        assert len(prices) == len(set(prices))
    assert pipeline.audit()


def test_what_a_watch_cannot_read_is_a_dead_letter(pipeline: Pipeline) -> None:
    """And stops nothing; the audit of the prices is none the worse for it."""
    pipeline.worker("w1").start().until_ready()
    change(pipeline, a_watch(what={"subjects": ["evt"]}))
    eventually(lambda: is_published(pipeline), what="published")
    show(pipeline, a_seat(120))
    stored(pipeline, 1)

    async def spoil() -> None:
        producer = AIOKafkaProducer(**brokers(pipeline).client_options)
        await producer.start()
        try:
            for partition in range(PARTITIONS):
                await producer.send_and_wait("watched_prices", b"no price", partition=partition)
        finally:
            await producer.stop()

    asyncio.run(spoil())
    show(pipeline, a_seat(90))

    until_decided(pipeline, ("raised", "w", "90"))
    listed = pipeline.run("dead-letters", "list").stdout
    assert listed.count("watched_prices") >= PARTITIONS
    pipeline.audit()
