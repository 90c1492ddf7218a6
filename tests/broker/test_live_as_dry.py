"""Watches that run live over an hour tell what their dry run over the same hour tells.

The hour is a log: `watched_prices` as it stands before a worker reads it. The live side is that
worker, which is killed meanwhile, and then the real queue and couriers, with the clock moved from
one moment at which something is due to the next. The dry side is `dry_run` over the same records.

What differs by design, and is made equal here, is one thing: of messages that are due at the same
moment a courier tells the most urgent one first, a dry run that with the smallest id.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from aiokafka import ConsumerRecord

from conscope_app.alerting.watches.control import (
    Deletion,
    Happens,
    Making,
    control_of,
    control_record,
    happened_of,
    moment_of,
    recorded_at,
)
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.dry_run import Report, dry_run
from conscope_app.alerting.watches.signals import Deleted, Gone, Happened, Made, Priced, Signal
from conscope_app.core.clock import to_epoch_ms, utc_now
from conscope_app.domains.tickets.watched import read_signal
from conscope_app.store.engine import Database
from conscope_app.store.watches.accepting import translate_decisions
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.reading import TopicReader
from conscope_app.stream.sender import Sender
from conscope_app.stream.watch_log import Said, WatchLog
from tests.broker.courier_at_work import CouriersAtWork, Message
from tests.broker.losing import PARTITIONS, brokers
from tests.broker.pipeline import Pipeline, eventually
from tests.broker.recorded_hour import (
    EVENTS,
    HOUR,
    Change,
    Happening,
    Price,
    changes,
    happenings,
    last_hour_at_midnight,
    prices,
    silence,
)

pytestmark = pytest.mark.broker

CHANNELS = ("default", "one", "two")
KILLS = 2

# By then quiet hours are over, digests are told, and the worker has been told the time.
AFTERWARDS = timedelta(hours=20)

partition_of = Partitioner(PARTITIONS)


def test_live_as_dry(pipeline: Pipeline) -> None:
    """The same decisions in spite of kills, and the same messages."""
    begin = last_hour_at_midnight(utc_now())
    until = begin + HOUR + AFTERWARDS
    asyncio.run(record(pipeline, begin))
    signals = [*signals_of(read(pipeline, "watched_prices"))]
    dry = dry_run((), signals, silences=[silence(begin)], until=until)

    # What is no news any more may be so by the worker's own clock.
    decisions = [each for each in decided_live(pipeline, len(dry.decisions)) if not each.is_past]
    for event in EVENTS:
        assert of(event, decisions) == of(event, dry.decisions)

    told = asyncio.run(told_live(pipeline, decisions, signals, begin, until))
    assert in_order(told) == in_order(messages_of(dry))

    # It was worth it: all had something to say, in all ways and everywhere.
    every = {change.watch.id for change in changes(begin) if not isinstance(change.watch, str)}
    assert {each.watch_id for each in decisions} == every
    assert {each.kind for each in told} == {"raise", "edit", "over", "digest"}
    assert {each.channel for each in told} == {*CHANNELS}


async def record(pipeline: Pipeline, begin: datetime) -> None:
    """Write prices and changes of watches into `watched_prices`, in the order of their moments."""
    sender = Sender(brokers(pipeline))
    log = WatchLog(sender, board="watches", prices="watched_prices", partitions=PARTITIONS)
    hour: list[Change | Happening | Price] = [
        *changes(begin),
        *happenings(begin),
        *prices(begin),
    ]
    try:
        for each in sorted(hour, key=lambda each: each.at):
            if isinstance(each, Change):
                await log.say_to_all(each.control, each.at)
                await log.say(
                    Said(event, control_record(control, key=event, at=each.at))
                    for event, control in each.controls
                )
            elif isinstance(each, Happening):
                await log.say([Said(each.event, each.record)])
            else:
                headers = (recorded_at(to_epoch_ms(each.at)),)
                await log.say([Said(each.event, (each.event.encode(), each.value, headers))])
        await log.flush()
    finally:
        await sender.close()


def read(pipeline: Pipeline, topic: str) -> list[ConsumerRecord]:
    """Every record, those of a partition in their order."""

    async def read_all() -> list[ConsumerRecord]:
        async with TopicReader(brokers(pipeline), topic, range(PARTITIONS)) as reader:
            return [record async for run in reader.to_end() for record in run]

    return asyncio.run(read_all())


def signals_of(log: Sequence[ConsumerRecord]) -> Iterator[Signal]:
    """What the records say to each event, in the order of their moments."""
    known: set[tuple[int, str]] = set()
    for record in sorted(log, key=lambda each: (moment_of(each), each.partition, each.offset)):
        at, place, said = moment_of(record), record.offset, control_of(record)
        here = [event for event in EVENTS if partition_of(event.encode()) == record.partition]
        if said is None:
            yield read_signal(record.value, place=place, recorded_at=at)
        elif isinstance(said, Happens):
            yield happened_of(said, place=place, recorded_at=at)
        elif isinstance(said, Deletion):
            for event in here:
                yield Deleted(subject=event, place=place, recorded_at=at, watch_id=said.watch_id)
        elif isinstance(said, Making):
            # A new watch is said to each event; of one that changed its partition is told first.
            is_known = (record.partition, said.watch.id) in known
            known.add((record.partition, said.watch.id))
            for event in [said.subject] if said.subject else here if is_known else []:
                yield Made(subject=event, place=place, recorded_at=at, watch=said.watch)


def decided_live(pipeline: Pipeline, expected: int) -> list[Decision]:
    """What a worker decides that is killed at its work."""
    worker = pipeline.worker("w1", CONSCOPE_AGENTS="watch_prices").start()
    killed_at = []
    for _ in range(KILLS):
        asyncio.run(until_it_decides_more(pipeline))
        worker.kill()
        killed_at.append(len(read(pipeline, "watch_decisions")))
        worker.start()
    worker.until_ready()
    eventually(lambda: len(read(pipeline, "watch_decisions")) >= expected, what="all decided")
    assert worker.stop() == 0
    entries = translate_decisions(read(pipeline, "watch_decisions"))
    decisions = [entry.row for entry in entries if isinstance(entry.row, Decision)]
    assert len(decisions) == len(entries), "the sink takes all of them"
    assert killed_at[0] < len(decisions), "killed at its work"
    return decisions


async def until_it_decides_more(pipeline: Pipeline) -> None:
    """Wait for the next transaction in which something is decided."""
    async with TopicReader(brokers(pipeline), "watch_decisions", range(PARTITIONS)) as reader:
        before = await reader.mark_end()
        async with asyncio.timeout(60):
            while await reader.mark_end() == before:
                pass


async def told_live(
    pipeline: Pipeline,
    decisions: Sequence[Decision],
    signals: Sequence[Signal],
    begin: datetime,
    until: datetime,
) -> list[Message]:
    """What the channels are told of these decisions."""
    database = Database(pipeline.database_url)
    couriers = CouriersAtWork(database, CHANNELS)
    recorded = {
        each.recorded_at for each in signals if isinstance(each, Priced | Happened | Made | Gone)
    }
    try:
        await couriers.run(
            changes(begin), decisions, silence(begin), recorded=recorded, until=until
        )
    finally:
        await database.close()
    return couriers.told


def of(event: str, decisions: Iterable[Decision]) -> list[Decision]:
    return [each for each in decisions if each.subject == event]


def messages_of(report: Report) -> Iterator[Message]:
    """What the dry run would have told."""
    for at, delivery in report.messages:
        tells = tuple((each.episode, each.price, each.over) for each in delivery.tells)
        yield Message(
            at, delivery.channel, delivery.message, delivery.kind, delivery.severity, tells
        )


def in_order(messages: Iterable[Message]) -> list[Message]:
    """By their moments, and those of a moment by what they are."""
    return sorted(messages, key=lambda each: each[:4])
