"""Read a topic up to now, and later what came since: for commands that look, not for agents."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client

_STALLED_AFTER_S = 60.0
_POLL_MS = 500
_MOST_RECORDS = 5_000
_FETCH_WAIT_MS = 50


class TopicReader:
    """Partitions of one topic from their start, as a `read_committed` reader sees them.

    It joins no group and commits nothing. `starts` holds the first offset that retention has left
    in each partition; `ends` the offsets that the last `to_end` promised to reach.
    """

    def __init__(self, brokers: Brokers, topic: str, partitions: Sequence[int]) -> None:
        self.topic = topic
        self._brokers = brokers
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self._assigned = [TopicPartition(topic, partition) for partition in partitions]
        self._consumer = AIOKafkaConsumer(
            **brokers.client_options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            # What retention removes while we read must not be skipped in silence.
            auto_offset_reset="none",
            max_partition_fetch_bytes=4 * 1024 * 1024,
            # A request for more waits on the connection that is asked for the end; aiokafka's own
            # half a second would be most of the time of who reads topics that are at rest.
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )

    async def __aenter__(self) -> Self:
        try:
            await start_client(self._consumer, self._brokers)
            self._consumer.assign(self._assigned)
            starts = await self._consumer.beginning_offsets(self._assigned)
            for assigned in self._assigned:
                self._consumer.seek(assigned, starts[assigned])
        except BaseException:
            await self._consumer.stop()
            raise
        self.starts = {assigned.partition: starts[assigned] for assigned in self._assigned}
        self.ends = dict(self.starts)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def mark_end(self) -> dict[int, int]:
        """Where each partition ends now: every record committed so far lies before it."""
        ends = await self._consumer.end_offsets(self._assigned)
        self.ends = {assigned.partition: ends[assigned] for assigned in self._assigned}
        return self.ends

    async def to_end(self) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """Runs of records of one partition each, in order, until `mark_end` of now is reached.

        A run may reach past that mark; a record comes once, however often this is called. Raises
        TimeoutError where the broker has answered nothing for a minute.
        """
        await self.mark_end()
        async for records in self.to_mark():
            yield records

    async def to_mark(self) -> AsyncGenerator[Sequence[ConsumerRecord], None]:
        """The same, up to the last `mark_end`."""
        position = await self._position()
        while any(position[partition] < end for partition, end in self.ends.items()):
            async with asyncio.timeout(_STALLED_AFTER_S):
                runs, position = await self._next_runs(position)
            for records in runs:
                yield records

    async def _next_runs(
        self, before: dict[int, int]
    ) -> tuple[list[Sequence[ConsumerRecord]], dict[int, int]]:
        """Fetch until the position moves; without records where only markers were passed."""
        while True:
            fetched = await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST_RECORDS)
            position = await self._position()
            if fetched or position != before:
                return [records for records in fetched.values() if records], position

    async def _position(self) -> dict[int, int]:
        return {
            assigned.partition: await self._consumer.position(assigned)
            for assigned in self._assigned
        }
