"""The newest dead letters, read from the end of their topic backwards: bounded, and brief."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from conscope_app.core.clock import monotonic_s
from conscope_app.core.ids import RecordId
from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client
from conscope_app.stream.dead_letters import DeadLetter, parse, replayed_id

# Offsets of one partition that are read at once, going backwards.
CHUNK = 200

# A letter may take three megabytes; what is kept of each in memory is its beginning.
KEPT_BYTES = 4_096

# What the broker may send at once and partition; a record that is larger comes all the same, alone.
_FETCH_BYTES = 256 * 1024
_POLL_MS = 200


class Glimpse(NamedTuple):
    """A dead letter where it lies, with the beginning of its value."""

    partition: int
    offset: int
    timestamp: int
    letter: DeadLetter
    value: bytes | None
    size: int
    replayed: bool

    @property
    def place(self) -> tuple[int, int, int]:
        """Letters are in this order, and it is the same however often they are read."""
        return (self.timestamp, self.partition, self.offset)


class Bounds(NamedTuple):
    """How much is looked at: so many offsets over all partitions, for so long."""

    offsets: int = 10_000
    seconds: float = 5.0


@dataclass(slots=True)
class _Lane:
    """A partition: offsets from `start` to `unread` are still to be read, `found` was, in order."""

    source: TopicPartition
    start: int
    unread: int
    found: list[Glimpse] = field(default_factory=list)


class NewestLetters:
    """Dead letters of these partitions, the newest first, until the bounds are reached.

    It joins no group and commits nothing. A letter that was replayed says so: what remembers it
    stands behind the letter in its partition, and each is read from its end.
    """

    def __init__(
        self, brokers: Brokers, topic: str, partitions: Collection[int], bounds: Bounds
    ) -> None:
        self.looked_at = 0  # dead letters that were read
        self.is_complete = False  # whether there are no others
        self._brokers = brokers
        self._bounds = bounds
        self._sources = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        self._lanes: list[_Lane] = []
        self._replayed: set[RecordId] = set()
        self._offsets_left = bounds.offsets
        self._until_s = 0.0
        self._consumer = AIOKafkaConsumer(
            **brokers.client_options,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=_POLL_MS,
            max_partition_fetch_bytes=_FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        self._until_s = monotonic_s() + self._bounds.seconds
        try:
            async with asyncio.timeout(self._bounds.seconds):
                await start_client(self._consumer, self._brokers)
                self._consumer.assign(self._sources)
                starts = await self._consumer.beginning_offsets(self._sources)
                ends = await self._consumer.end_offsets(self._sources)
        except BaseException:
            await self._consumer.stop()
            raise
        self._lanes = [_Lane(each, starts[each], ends[each]) for each in self._sources]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def newest_first(self) -> AsyncGenerator[Glimpse, None]:
        """The letters. It ends where there are no more, or where the bounds are reached.

        `is_complete` says which; it raises TimeoutError where nothing could be read in time.
        """
        while True:
            empty = [each for each in self._lanes if not each.found and each.unread > each.start]
            if empty and not await self._read(empty):
                return
            lanes = [each for each in self._lanes if each.found]
            if not lanes and all(each.unread == each.start for each in self._lanes):
                self.is_complete = True
                return
            # Whoever is empty and not at its start may hold something newer than all others.
            if all(each.found or each.unread == each.start for each in self._lanes):
                newest = max(lanes, key=lambda lane: lane.found[-1].place).found.pop()
                yield newest._replace(replayed=newest.letter.origin in self._replayed)

    async def record(self, partition: int, offset: int) -> ConsumerRecord:
        """The record at an offset, whole. Not while `newest_first` is under way."""
        (source,) = (each for each in self._sources if each.partition == partition)
        self._consumer.pause(*self._sources)
        self._consumer.resume(source)
        self._consumer.seek(source, offset)
        async with asyncio.timeout(self._bounds.seconds):
            while True:
                came = await self._consumer.getmany(source, timeout_ms=_POLL_MS, max_records=1)
                for record in came.get(source, []):
                    return record

    async def _read(self, lanes: Sequence[_Lane]) -> bool:
        """Read a chunk of each, backwards; False where the bounds are reached."""
        left_s = self._until_s - monotonic_s()
        size = min(CHUNK, self._offsets_left // len(lanes))
        if size < 1 or (left_s <= 0 and self.looked_at):
            return False
        try:
            async with asyncio.timeout(left_s):
                await self._read_chunks({lane.source: lane for lane in lanes}, size)
        except TimeoutError:
            if not self.looked_at:
                raise
            return False
        return True

    async def _read_chunks(self, lanes: dict[TopicPartition, _Lane], size: int) -> None:
        self._consumer.pause(*self._sources)
        self._consumer.resume(*lanes)
        begins = {each: max(lane.start, lane.unread - size) for each, lane in lanes.items()}
        found: dict[TopicPartition, list[Glimpse]] = {each: [] for each in lanes}
        for source, begin in begins.items():
            self._consumer.seek(source, begin)
        under_way = set(lanes)
        while under_way:
            came = await self._consumer.getmany(*under_way, timeout_ms=_POLL_MS)
            for source, records in came.items():
                before = (each for each in records if each.offset < lanes[source].unread)
                found[source].extend(self._letters(before))
            for source in list(under_way):
                if await self._consumer.position(source) >= lanes[source].unread:
                    self._consumer.pause(source)
                    under_way.remove(source)
        # Only now, so that what is cut short by the clock was not read at all.
        for source, lane in lanes.items():
            self._offsets_left -= lane.unread - begins[source]
            lane.unread = begins[source]
            lane.found = found[source]
            self.looked_at += len(lane.found)

    def _letters(self, records: Iterable[ConsumerRecord]) -> Iterator[Glimpse]:
        """Those of the records that are letters; what remembers a replay is noted."""
        for record in records:
            try:
                marked = replayed_id(record.headers)
                if marked is None:
                    yield _glimpse(record, parse(record.headers))
                else:
                    self._replayed.add(marked)
            except ValueError:
                continue  # neither: somebody else's record


def _glimpse(record: ConsumerRecord, letter: DeadLetter) -> Glimpse:
    value = record.value
    return Glimpse(
        partition=record.partition,
        offset=record.offset,
        timestamp=record.timestamp,
        letter=letter,
        value=None if value is None else value[:KEPT_BYTES],
        size=len(value or b""),
        replayed=False,
    )
