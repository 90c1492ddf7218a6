"""How workers tell each other what they do: reports on the compacted topic `system_metrics`."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from mode import Service

from conscope_app.core.clock import monotonic_s
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.cluster import Cluster, OfWorker, Report, key_of
from conscope_app.stream.following import follow

logger = logging.getLogger(__name__)

EVERY_S = 1.0
REPEAT_AFTER_S = 4.0  # unchanged reports are repeated, so that a silent worker is noticed
RETRY_S = 2.0

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(Report).decode


class Exchange(Service):
    """Publishes this worker's reports and collects everybody's into a `Cluster`.

    A report that is lost is repeated by the next; nothing depends on it but what pages show.
    """

    abstract = False

    def __init__(
        self,
        *,
        brokers: Brokers,
        topic: str,
        cluster: Cluster,
        collect: Callable[[], Iterable[Report]],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._brokers = brokers
        self._topic = topic
        self._cluster = cluster
        self._collect = collect
        self._sent: dict[bytes, tuple[bytes, float]] = {}

    @Service.task
    async def _publish_for_ever(self) -> None:
        while not self.should_stop:
            producer = AIOKafkaProducer(**self._brokers.client_options, linger_ms=5)
            try:
                await producer.start()
                await self._publish_until_stopped(producer)
                await self._say_goodbye(producer)
            except (KafkaError, OSError) as error:
                logger.warning("reports are not published: %r", error)
                await self.sleep(RETRY_S)
            finally:
                await producer.stop()

    async def _publish_until_stopped(self, producer: AIOKafkaProducer) -> None:
        while not self.should_stop:
            await self._publish(producer)
            await self.sleep(EVERY_S)

    async def _publish(self, producer: AIOKafkaProducer) -> None:
        now = monotonic_s()
        sends = []
        for report in self._collect():
            key = key_of(report)
            # Without its time, so that a report that says nothing new is not sent each second.
            content = _encode(msgspec.structs.replace(report, at=None))
            sent, at = self._sent.get(key, (b"", 0.0))
            if content != sent or now - at > REPEAT_AFTER_S:
                self._sent[key] = (content, now)
                sends.append(await self._send(producer, key, _encode(report)))
        await asyncio.gather(*sends)

    async def _say_goodbye(self, producer: AIOKafkaProducer) -> None:
        for report in self._collect():
            if isinstance(report, OfWorker):
                await (await self._send(producer, key_of(report), None))

    async def _send(self, producer: AIOKafkaProducer, key: bytes, value: bytes | None) -> Any:
        return await producer.send(self._topic, key=key, value=value, partition=0)

    @Service.task
    async def _listen_for_ever(self) -> None:
        while not self.should_stop:
            try:
                await self._listen()
            except (KafkaError, OSError) as error:
                logger.warning("reports are not read: %r", error)
                await self.sleep(RETRY_S)

    async def _listen(self) -> None:
        sampled = monotonic_s()
        async with aclosing(follow(self._brokers, self._topic)) as following:
            async for news in following:
                for record in news.records:
                    apply_encoded(self._cluster, record.key, record.value)
                if news.caught_up and monotonic_s() - sampled >= EVERY_S:
                    sampled = monotonic_s()
                    self._cluster.sample()
                if self.should_stop:
                    return


def apply_encoded(cluster: Cluster, key: bytes | None, value: bytes | None) -> None:
    """Have a cluster take a report as it stands on the topic."""
    if key is None:
        return
    try:
        cluster.apply(key, None if value is None else _decode(value))
    except msgspec.DecodeError as error:
        # Another version's report: its worker is simply not shown here.
        logger.debug("a report under %r is not understood: %s", key, error)
