"""Publishing to Kafka: every record once, in order, under its key, or an error that says why.

PublishError
├── BrokerUnreachableError   nothing answers at the address, or it does not let us in
├── TopicMissingError        the topic was never created
└── PublishFailedError       records were handed over, and Kafka did not take them
"""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import NotLetIn, start_client
from conscope_app.sources.base import Outgoing

MAX_BATCH_BYTES = 128 * 1024
# murmur2 is pure Python in aiokafka (20 µs a key); seats come back, so their hashes are kept.
_REMEMBERED_KEYS = 1 << 17
_TOPIC_RETRY_S = 0.1


class PublishError(Exception):
    """Records cannot be published; the text is one sentence for whoever started the command."""


class BrokerUnreachableError(PublishError):
    """No broker answers, or none lets us in."""


class TopicMissingError(PublishError):
    """The topic is not there, and is not created by guessing."""


class PublishFailedError(PublishError):
    """Kafka did not acknowledge records within the time that it had."""


@lru_cache(maxsize=_REMEMBERED_KEYS)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition that Kafka's own default partitioner gives a key."""
    positive: int = murmur2(key) & 0x7FFFFFFF
    return positive % partitions


class Publisher:
    """Publishes records to one topic, batch by batch, with an idempotent producer.

    A `publish` call is what is batched: hand over what has come up in some milliseconds, together.

    Guarantee: the records of one partition arrive in the order of the `publish` calls, each of
    them once, while the producer lives; `flush` returns only when all that was published is
    acknowledged by all in-sync replicas. A failure is raised by the next `publish` or `flush`, and
    by every later one: what follows a lost record would arrive out of order. Memory is bounded:
    `publish` waits while a partition has one batch on its way and one queued behind it.
    """

    def __init__(
        self,
        brokers: Brokers,
        topic: str,
        *,
        client_id: str = "conscope-publisher",
        request_timeout_s: float = 40.0,
        topic_wait_s: float = 3.0,
    ) -> None:
        self._brokers = brokers
        self._topic = topic
        self._client_id = client_id
        self._request_timeout_s = request_timeout_s
        # A topic that has just been created takes a moment until every broker knows it.
        self._topic_wait_s = topic_wait_s
        self._producer: AIOKafkaProducer | None = None
        self._partitions = 0
        self._open: dict[int, BatchBuilder] = {}
        self._in_flight: set[asyncio.Future[object]] = set()
        self._failure: PublishFailedError | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            await self.close()

    async def start(self) -> None:
        """Connect; raises `BrokerUnreachableError` or `TopicMissingError` where nothing can go."""
        producer = AIOKafkaProducer(
            **self._brokers.client_options,
            client_id=self._client_id,
            enable_idempotence=True,
            acks="all",
            max_batch_size=MAX_BATCH_BYTES,
            request_timeout_ms=round(self._request_timeout_s * 1000),
        )
        try:
            await start_client(producer, self._brokers)
            self._partitions = await _partitions_of(producer, self._topic, self._topic_wait_s)
        except BaseException as error:
            await producer.stop()
            if isinstance(error, NotLetIn) and error.trouble.lasts:
                raise BrokerUnreachableError(f"Kafka cannot be reached: {error}") from error
            if isinstance(error, KafkaError | OSError):
                raise BrokerUnreachableError(
                    f"no Kafka answers at {self._brokers.where}: "
                    "start it, or set CONSCOPE_KAFKA_URL to where it is"
                ) from error
            raise
        self._producer = producer

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Hand records over; on return they are on their way, not yet acknowledged."""
        self._raise_failure()
        for record in records:
            partition = partition_of(record.key, self._partitions)
            if not self._append(partition, record):
                await self._send(partition)
                self._append(partition, record)
        for partition in list(self._open):
            await self._send(partition)
        self._raise_failure()

    async def flush(self) -> None:
        """Wait until everything published so far is acknowledged, or raise why it is not."""
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        self._raise_failure()

    async def close(self) -> None:
        """Let the producer go. Call `flush` first where it matters that all has arrived."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    def _append(self, partition: int, record: Outgoing) -> bool:
        builder = self._open.get(partition)
        if builder is None:
            builder = self._open[partition] = self._running.create_batch()
        key, value, headers = record
        sent = builder.append(key=key, value=value, timestamp=None, headers=list(headers))
        return sent is not None

    async def _send(self, partition: int) -> None:
        batch = self._open.pop(partition)
        batch.close()  # nothing joins it any more, so it need not linger
        try:
            sent = await self._running.send_batch(batch, self._topic, partition=partition)
        except KafkaError as error:
            self._fail(error)
            return
        self._in_flight.add(sent)
        sent.add_done_callback(self._settle)

    def _settle(self, sent: asyncio.Future[object]) -> None:
        self._in_flight.discard(sent)
        if not sent.cancelled() and (error := sent.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = PublishFailedError(
                f"Kafka at {self._brokers.where} did not take records for {self._topic}: "
                f"{type(error).__name__}: {error}"
            )
            self._failure.__cause__ = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    @property
    def _running(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the publisher is not started")
        return self._producer


async def _partitions_of(producer: AIOKafkaProducer, topic: str, wait_s: float) -> int:
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    while True:
        # Asking for all topics, not for this one, creates nothing on a broker that makes the
        # topics it is asked for: one made that way would have the wrong number of partitions.
        cluster = await producer.client.fetch_all_metadata()
        partitions = cluster.partitions_for_topic(topic)
        if partitions:
            return len(partitions)
        if loop.time() >= until:
            raise TopicMissingError(
                f"Kafka has no topic {topic}: "
                "create the topics with `faust -A conscope_app topics create`"
            )
        await asyncio.sleep(_TOPIC_RETRY_S)
