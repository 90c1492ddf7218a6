"""When what was compared became visible, by partition: the longest stall."""

import asyncio
import threading
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from conscope_app.core.clock import monotonic_s
from conscope_app.topics.tickets import PROCESSED_PRICES

_RETRY_S = 0.5


class Arrivals:
    """Reads `processed_prices` as any reader with `read_committed` would, and times it.

    A stall is the time between two arrivals in one partition; an outage of the broker is part of
    it. Counting begins with the first arrival of a partition and ends with `stop`.
    """

    def __init__(self, brokers: Sequence[str], partitions: int) -> None:
        self._brokers = list(brokers)
        self._sources = [TopicPartition(PROCESSED_PRICES.name, each) for each in range(partitions)]
        self._last: dict[TopicPartition, float] = {}
        self.longest_stall_s = 0.0
        self.count = 0
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop counting. It may be said twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._read())
        self._loop.close()

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._brokers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            consumer.assign(self._sources)
            while not self._over.is_set():
                await self._fetch(consumer)
        finally:
            await consumer.stop()

    async def _fetch(self, consumer: AIOKafkaConsumer) -> None:
        try:
            fetched = await consumer.getmany(timeout_ms=200)
        except KafkaError:
            await asyncio.sleep(_RETRY_S)
            return
        now = monotonic_s()
        for source, records in fetched.items():
            if records:
                self.count += len(records)
                since = now - self._last.get(source, now)
                self.longest_stall_s = max(self.longest_stall_s, since)
                self._last[source] = now
