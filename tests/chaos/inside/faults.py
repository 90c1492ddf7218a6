"""What goes wrong inside a worker that lives on: one wrapper around one method each.

| fault | what could cause it |
|---|---|
| a slab dropped | a queue's `put` that fails, an exception that somebody swallows |
| queues cleared | Faust clears a stream's queue at a rebalance, whatever is in it |
| a claim twice | a fetch that is answered twice |
| a seek at random | a reset of aiokafka's, or another task with the same consumer |
| the fetch cancelled, the fetcher restarted | a restart of the service that fetches |
| a fetch that outlives its cancellation | a cancelled task whose work goes on in a thread |
| an answer that comes late | the network |
| the position moved, the answer to a commit lost | the network, another owner |
| a heartbeat that comes too late | an event loop that is blocked, a machine that swaps |
"""

import asyncio
import functools
from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import IllegalStateError, RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest

from conscope_app.core.positions import PositionMoved
from conscope_app.store.sink import PostgresLedger
from conscope_app.stream.claim import Claim
from conscope_app.stream.feed import Feed
from conscope_app.stream.reader import PartitionReader
from conscope_app.stream.transactions import TransactionLedger
from tests.chaos.inside.hand import Hand

SLAB_DROPPED = "a slab dropped"
QUEUE_CLEARED = "a queue cleared"
CLAIM_TWICE = "a claim handed over twice"
SEEK = "a seek at random"
FETCH_CANCELLED = "a fetch cancelled"
FETCHER_RESTARTED = "the fetcher restarted"
FETCH_OUTLIVES = "a fetch that outlived its cancellation"
ANSWER_LATE = "a fetch answered late"
POSITION_MOVED = "a position called moved"
ANSWER_LOST = "the answer to a commit lost"
HEARTBEAT_LATE = "a heartbeat too late"

SEEK_BY = 400
OUTLIVES_BY_S = 1.0
LATE_BY_S = 2.0
SESSION_EXCEEDED_BY_S = 2.0

Original = Callable[..., Any]
Wrap = Callable[[Original, Hand], Original]


def _taking(take: Original, hand: Hand) -> Original:
    @functools.wraps(take)
    def wrapped(reader: PartitionReader, claim: Claim, epoch: int) -> None:
        where = {"source": reader.source, "records": len(claim.records)}
        if claim.records and hand.due(SLAB_DROPPED):
            hand.note(SLAB_DROPPED, **where)
            return
        take(reader, claim, epoch)
        if claim.records and hand.due(CLAIM_TWICE):
            hand.note(CLAIM_TWICE, **where)
            take(reader, claim, epoch)
        if reader._waiting and hand.due(QUEUE_CLEARED):
            hand.note(QUEUE_CLEARED, **where)
            reader._waiting.clear()

    return wrapped


def _fetching(fetch: Original, hand: Hand) -> Original:
    @functools.wraps(fetch)
    async def wrapped(feed: Feed, consumer: AIOKafkaConsumer, patience_s: float) -> int:
        if not (feed.readers and hand.due(FETCH_CANCELLED)):
            return int(await fetch(feed, consumer, patience_s))
        round_ = asyncio.ensure_future(fetch(feed, consumer, patience_s))
        await hand.a_moment()
        if round_.cancel():
            hand.note(FETCH_CANCELLED, agent=feed.agent)
        await asyncio.wait([round_])
        return 0 if round_.cancelled() else int(round_.result())

    return wrapped


def _asking(ask: Original, hand: Hand) -> Original:
    @functools.wraps(ask)
    async def wrapped(
        feed: Feed, consumer: AIOKafkaConsumer, sources: Iterable[TopicPartition], timeout_s: float
    ) -> Any:
        asked = list(sources)
        if asked and timeout_s and hand.due(FETCH_OUTLIVES):
            outliving = _outlive(ask(feed, consumer, asked, OUTLIVES_BY_S), feed, hand)
            hand.leave_alone(asyncio.ensure_future(outliving))
            await hand.a_moment()
            return {}
        if asked and timeout_s and hand.due(SEEK):
            await hand.a_moment()
            _seek(consumer, hand.dice.choice(asked), hand)
        if asked and timeout_s and hand.due(FETCHER_RESTARTED):
            asking = asyncio.ensure_future(ask(feed, consumer, asked, timeout_s))
            await hand.a_moment()
            await _restart_fetcher(consumer)
            hand.note(FETCHER_RESTARTED, agent=feed.agent)
            return await asking
        return await ask(feed, consumer, asked, timeout_s)

    return wrapped


async def _outlive(asking: Any, feed: Feed, hand: Hand) -> None:
    fetched = await asking
    records = {f"{each.topic}-{each.partition}": len(of.records) for each, of in fetched.items()}
    if any(records.values()):
        hand.note(FETCH_OUTLIVES, agent=feed.agent, records=records)


def _seek(consumer: AIOKafkaConsumer, source: TopicPartition, hand: Hand) -> None:
    """Ahead within what the log is known to hold, or behind; either is what a reset could do."""
    if source not in consumer.assignment():
        return
    state = consumer._subscription.subscription.assignment.state_value(source)
    if not state.has_valid_position:
        return
    position, end = state.position, consumer.highwater(source) or 0
    aim = hand.dice.randint(max(0, position - SEEK_BY), max(end, position + 1))
    if hand.dice.random() < 0.5 and end > position:
        aim = hand.dice.randint(position + 1, end)
    if aim == position:
        return
    try:
        consumer.seek(source, aim)
    except IllegalStateError:
        return
    hand.note(SEEK, source=source, by=aim - position)


async def _restart_fetcher(consumer: AIOKafkaConsumer) -> None:
    old = consumer._fetcher
    await old.close()
    consumer._fetcher = Fetcher(
        consumer._client,
        consumer._subscription,
        fetch_min_bytes=consumer._fetch_min_bytes,
        fetch_max_bytes=consumer._fetch_max_bytes,
        fetch_max_wait_ms=consumer._fetch_max_wait_ms,
        max_partition_fetch_bytes=consumer._max_partition_fetch_bytes,
        check_crcs=consumer._check_crcs,
        fetcher_timeout=consumer._consumer_timeout,
        retry_backoff_ms=consumer._retry_backoff_ms,
        auto_offset_reset=consumer._auto_offset_reset,
        isolation_level=consumer._isolation_level,
        client_rack=consumer._client_rack,
    )


def _answering(send: Original, hand: Hand) -> Original:
    @functools.wraps(send)
    async def wrapped(client: AIOKafkaClient, node_id: Any, request: Any, **options: Any) -> Any:
        answer = await send(client, node_id, request, **options)
        if isinstance(request, FetchRequest) and hand.due(ANSWER_LATE):
            hand.note(ANSWER_LATE)
            await hand.a_moment(LATE_BY_S)
        return answer

    return wrapped


def _writing(write: Original, hand: Hand) -> Original:
    @functools.wraps(write)
    async def wrapped(ledger: Any, slab: Any, outcome: Any) -> None:
        moved = hand.due(POSITION_MOVED)
        if moved and hand.dice.random() < 0.5:
            hand.note(POSITION_MOVED, topic=slab.topic, partition=slab.partition, written=False)
            raise PositionMoved("so says the saboteur, before the write")
        await write(ledger, slab, outcome)
        if moved:
            hand.note(POSITION_MOVED, topic=slab.topic, partition=slab.partition, written=True)
            raise PositionMoved("so says the saboteur, after the write")

    return wrapped


def _committing(commit: Original, hand: Hand) -> Original:
    @functools.wraps(commit)
    async def wrapped(producer: AIOKafkaProducer) -> None:
        await commit(producer)
        if hand.due(ANSWER_LOST):
            hand.note(ANSWER_LOST)
            raise RequestTimedOutError("so says the saboteur, after the commit")

    return wrapped


def _beating(beat: Original, hand: Hand) -> Original:
    @functools.wraps(beat)
    async def wrapped(coordinator: GroupCoordinator) -> bool:
        if hand.due(HEARTBEAT_LATE):
            hand.note(HEARTBEAT_LATE, group=coordinator.group_id)
            session_s = coordinator._session_timeout_ms / 1000
            await asyncio.sleep(session_s + SESSION_EXCEEDED_BY_S)
        return bool(await beat(coordinator))

    return wrapped


# Whose method, which one, and what is put around it.
FAULTS: tuple[tuple[type, str, Wrap], ...] = (
    (PartitionReader, "take", _taking),
    (Feed, "_fetch", _fetching),
    (Feed, "_ask", _asking),
    (AIOKafkaClient, "send", _answering),
    (TransactionLedger, "write", _writing),
    (PostgresLedger, "write", _writing),
    (AIOKafkaProducer, "commit_transaction", _committing),
    (GroupCoordinator, "_do_heartbeat", _beating),
)
