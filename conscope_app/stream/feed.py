"""A feed reads one topic for one agent, as one member of a consumer group."""

import asyncio
import logging
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from mode import Service

from conscope_app.core.clock import Clock, monotonic_s, to_epoch_ms, utc_now
from conscope_app.core.delays import RecentDelays
from conscope_app.core.record import Record
from conscope_app.stream.claim import Claim, Pace, Partition
from conscope_app.stream.ending import end_process
from conscope_app.stream.giving_way import LOOK_EVERY_S, GivingWay
from conscope_app.stream.ledger import Ledger
from conscope_app.stream.losses import Loss
from conscope_app.stream.membership import (
    FeedLimits,
    group_consumer,
    has_stopped_fetching,
    position_now,
)
from conscope_app.stream.reader import PartitionReader
from conscope_app.stream.topic import SlabTopic

logger = logging.getLogger(__name__)

OpenLedger = Callable[[int], Ledger[Any]]

POLL_S = 0.5
POLL_WHEN_FULL_S = 0.02  # a partition that was full may have room again
HINT_EVERY_S = 2.0
ON_ITS_WAY_S = 0.01  # what several brokers were asked for at once comes one after the other
RETRY_S = 1.0
STOP_S = 5.0

# How many times as long a feed rests while another one of its worker has more to do than it
# manages. A transaction costs much the same whatever is in it: fewer and larger ones leave the time
# to the feed that is behind.
REST_FOR_ANOTHER = 4


class Fetched(NamedTuple):
    """Records, and where the consumer stood in the moment in which it gave them out."""

    records: Sequence[Any]
    stands_at: int | None


class Feed(Service, ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Owns a share of a topic's partitions and hands their records to the topic's agent.

    Guarantee: an agent sees each record of an owned partition in order, and again only if its
    outcome was not kept. Only this service seeks and fetches; the consumer group decides who owns
    what, and its commits are a hint for lag tools: the ledger holds the truth.
    """

    abstract = False

    def __init__(
        self,
        *,
        topic: SlabTopic,
        agent: str,
        group: str,
        open_ledger: OpenLedger,
        limits: FeedLimits,
        rest_s: float = 0.0,
        is_another_behind: Callable[[], bool] = lambda: False,
        is_urgent: Callable[[], bool] = lambda: False,
        clock: Clock = utc_now,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.topic = topic
        self.agent = agent
        self.group = group
        self.readers: dict[TopicPartition, PartitionReader] = {}
        self.ends: dict[int, int] = {}
        self.assigned = False  # whether the group has given us our share, which may be nothing
        self.trouble: str | None = None
        self.delays = RecentDelays()  # from a record's append to what followed from it
        self._clock = clock
        self._name = str(topic.get_topic_name())
        self._open_ledger = open_ledger
        self._limits = limits
        self._rest_s = rest_s
        self._is_another_behind = is_another_behind
        self._giving_way = GivingWay(is_urgent)
        self._consumer: AIOKafkaConsumer | None = None
        self._reading: asyncio.Future[None] | None = None
        self._hinted: dict[TopicPartition, int] = {}
        self.rounds_of_assignment = 0

    @property
    def label(self) -> str:
        """What logs and Faust's service tree call it."""
        return f"Feed: {self._name} -> {self.agent}"

    # What the consumer group tells us

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let go of everything: the protocol is eager, all of it is given out anew."""
        self.assigned = False
        await self._close_readers()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take over our share, each partition in a task of its own."""
        await self._close_readers()
        if self.should_stop:
            return  # leaving the group lets a join that is under way finish first
        self.rounds_of_assignment += 1
        self._hinted = {}  # others may have said something else meanwhile
        self.readers = {source: self._read_partition(source) for source in assigned}
        self.assigned = True
        logger.info(
            "%s reads %s, partitions %s",
            self.agent,
            self._name,
            sorted(source.partition for source in self.readers) or "none",
        )

    def _read_partition(self, source: TopicPartition) -> PartitionReader:
        return PartitionReader(
            Partition(source.topic, source.partition),
            ledger=self._open_ledger(source.partition),
            desk=self.topic,
            log_bounds=lambda: self._log_bounds(source),
            pace=Pace(self._limits.max_slab_records),
            reopen_after_s=self._limits.session_timeout_s / 2,
            written=self._note_delays,
        )

    def _note_delays(self, records: Sequence[Record]) -> None:
        self.delays.note_records(records, to_epoch_ms(self._clock()))

    @property
    def waiting(self) -> int:
        """How many offsets are not looked at yet, as far as the ends of partitions are known."""
        return sum(
            max(0, self.ends.get(source.partition, reader.position) - reader.position)
            for source, reader in self.readers.items()
            if reader.position is not None
        )

    def reasons(self) -> list[str]:
        """Why this feed does not read everything that it should right now; empty when it does."""
        if self.trouble:
            return [f"{self.agent}: {self.trouble}"]
        if not self.assigned:
            return [f"{self.agent}: waiting for its share of {self._name}"]
        opening = [r.source.partition for r in self.readers.values() if not r.running]
        reasons = [f"{self.agent}: opening {self._name} {sorted(opening)}"] if opening else []
        troubles = {r.ledger.trouble for r in self.readers.values() if r.ledger.trouble}
        reasons += [f"{self.agent}: {trouble}" for trouble in sorted(troubles)]
        return reasons + list(self._overdue_writes())

    def _overdue_writes(self) -> Iterator[str]:
        for source, reader in sorted(self.readers.items()):
            if reader.overdue_s is not None and reader.ledger.trouble is None:
                name = f"{source.topic}-{source.partition}"
                yield f"{self.agent}: {name} has waited {reader.overdue_s:.0f} s for its write"

    def losses(self) -> list[Loss]:
        """What was removed unread from the partitions that are read here."""
        return [
            Loss(self.agent, self.group, source.topic, source.partition, reader.lost)
            for source, reader in sorted(self.readers.items())
            if reader.lost
        ]

    async def _close_readers(self) -> None:
        readers, self.readers = self.readers, {}
        try:
            await asyncio.gather(*(reader.close() for reader in readers.values()))
        except Exception as error:  # noqa: BLE001 aiokafka would log it and go on
            end_process(f"{self._name}: could not let go of a partition: {error!r}", error=error)

    # Reading

    @Service.task
    async def _read(self) -> None:
        self._reading = asyncio.get_running_loop().create_future()
        try:
            self._consumer = consumer = await self._join()
            hinted = monotonic_s()
            while not self.should_stop:
                if self._giving_way.waits(monotonic_s()):
                    await asyncio.sleep(LOOK_EVERY_S)
                    continue
                await self._rest_after(await self._fetch(consumer, POLL_S), consumer)
                if has_stopped_fetching(consumer):
                    end_process(f"aiokafka has stopped fetching {self._name}; its log says why")
                if monotonic_s() - hinted >= HINT_EVERY_S:
                    hinted = monotonic_s()
                    await self._hint(consumer)
        except Exception as error:  # noqa: BLE001 whatever it is, this worker must not go on
            end_process(f"reading {self._name} failed: {error!r}", error=error)
        finally:
            self._reading.set_result(None)

    async def _join(self) -> AIOKafkaConsumer:
        """Join the consumer group; waits for the broker for as long as it takes."""
        while True:
            consumer = group_consumer(self._limits, self.group, self._name, self)
            try:
                await consumer.start()
            except (KafkaError, OSError) as error:
                self.trouble = f"Kafka does not answer: {error!r}"
                logger.warning("%s: %s", self.label, self.trouble)
                await consumer.stop()
                await asyncio.sleep(RETRY_S)
            else:
                self.trouble = None
                return consumer

    async def _rest_after(self, records: int, consumer: AIOKafkaConsumer) -> None:
        """Let some more come where little came: requests and commits cost as much for one record.

        What is first after a pause waits for nobody, and a backlog is worked off without a rest;
        while another feed has one, this rest is longer.
        """
        if not 0 < records < self._limits.max_slab_records or not self._rest_s:
            return
        whole_s = self._rest_s * (REST_FOR_ANOTHER if self._is_another_behind() else 1)
        on_its_way_s = min(ON_ITS_WAY_S, whole_s)
        for rest_s in (on_its_way_s, whole_s - on_its_way_s):
            # A request that waited at a broker meanwhile would be answered by the first record
            # alone, and those behind it would wait for another rest. aiokafka has not run since it
            # gave out records, so the broker that they are from has no new request yet.
            consumer.pause(*consumer.assignment())
            await asyncio.sleep(rest_s)
            consumer.resume(*consumer.paused())  # none, where all was given out anew meanwhile
            # What other brokers have answered since; it may be the first of a backlog.
            if await self._fetch(consumer, 0) >= self._limits.max_slab_records:
                return

    async def _fetch(self, consumer: AIOKafkaConsumer, patience_s: float) -> int:
        """One round: seek where needed, fetch for whom there is room, claim what came.

        Waits up to `patience_s` where nothing is there; gives how many records came.
        """
        with_room = {source: r for source, r in self.readers.items() if r.has_room}
        assignment = consumer.assignment()
        self._note_ends(consumer, assignment)
        asked = {source: r for source, r in with_room.items() if source in assignment}
        if not self.readers:
            # Asking keeps us a member, and is how an error of the group reaches us.
            await self._ask(consumer, [], patience_s)
            return 0
        if not asked:
            await asyncio.sleep(POLL_WHEN_FULL_S)
            return 0
        for source, reader in asked.items():
            self._seek_where_needed(consumer, source, reader)
        epochs = {source: reader.epoch for source, reader in asked.items()}
        if len(asked) < len(self.readers):
            # Whoever is full now may have room again before the others have news.
            patience_s = min(patience_s, POLL_WHEN_FULL_S)
        # From the seek to the claim in one step of the event loop: nobody can come in between.
        certain = any(reader.in_doubt for reader in asked.values())
        fetched = await self._ask(consumer, asked, 0 if certain else patience_s)
        for source, reader in asked.items():
            if source in fetched and self.readers.get(source) is reader:
                what = fetched[source]
                self._claim(consumer, source, reader, what, epochs[source], certain=certain)
        records = sum(len(what.records) for what in fetched.values())
        if certain and not records:
            await asyncio.sleep(POLL_WHEN_FULL_S)
        return records

    def _note_ends(self, consumer: AIOKafkaConsumer, assignment: Container[TopicPartition]) -> None:
        """How far the logs reach, also of partitions that are not asked for more at present."""
        for source, reader in self.readers.items():
            # Not the high watermark: nobody can read yet what is behind an open transaction.
            end = consumer.last_stable_offset(source) if source in assignment else None
            if end is not None:
                self.ends[source.partition] = max(end, reader.claimed)

    async def _ask(
        self, consumer: AIOKafkaConsumer, sources: Iterable[TopicPartition], timeout_s: float
    ) -> dict[TopicPartition, Fetched]:
        """What came for the partitions; nothing where one has to be looked at again first."""
        try:
            came = await consumer.getmany(*sources, timeout_ms=int(timeout_s * 1000))
        except IllegalStateError:
            return {}  # a partition went away while we asked for it
        except NoOffsetForPartitionError:
            return {}  # asked before the first seek of a new assignment
        except OffsetOutOfRangeError as error:
            await self._open_anew(error.args[0])
            return {}
        return {
            source: Fetched(came.get(source, []), position_now(consumer, source))
            for source in sources
        }

    @staticmethod
    def _seek_where_needed(
        consumer: AIOKafkaConsumer, source: TopicPartition, reader: PartitionReader
    ) -> None:
        if reader.wants_seek or position_now(consumer, source) != reader.fetch_from:
            consumer.seek(source, reader.claimed)
            reader.fetch_from = reader.claimed
            reader.wants_seek = False

    def _claim(
        self,
        consumer: AIOKafkaConsumer,
        source: TopicPartition,
        reader: PartitionReader,
        fetched: Fetched,
        epoch: int,
        *,
        certain: bool,
    ) -> None:
        """Claim the offsets from where the last claim ended to where the consumer stood then.

        Offsets in between that have no record were never readable (markers, aborted, compacted), as
        far as the consumer read them one after the other from `fetch_from`. Between and behind
        records it did, in one step; whether it did so before the first of them is certain only
        where it was asked and answered in one step too.
        """
        records, stands_at = fetched
        if stands_at is None or reader.wants_seek or epoch != reader.epoch:
            reader.seek()
            return
        begins_at = records[0].offset if records else stands_at
        if begins_at != reader.fetch_from and not certain:
            reader.doubt()
            return
        if stands_at != reader.fetch_from:
            reader.settle()
        size = self._limits.max_slab_records
        start = reader.claimed
        for begin in range(0, len(records), size):
            run = records[begin : begin + size]
            is_last = begin + size >= len(records)
            next_offset = stands_at if is_last else run[-1].offset + 1
            reader.take(Claim(start, next_offset, run), epoch)
            start = next_offset
        reader.fetch_from = stands_at
        if reader.claimed != start:
            reader.seek()  # one of them was not taken
        self.ends[source.partition] = max(consumer.last_stable_offset(source) or 0, stands_at)

    async def _open_anew(self, out_of_range: dict[TopicPartition, int]) -> None:
        """A position is not in the log any more: opening the ledger again says what to do."""
        for source in out_of_range:
            rounds, reader = self.rounds_of_assignment, self.readers.pop(source, None)
            if reader is not None:
                await reader.close()
                if self.assigned and rounds == self.rounds_of_assignment:
                    self.readers[source] = self._read_partition(source)

    async def _log_bounds(self, source: TopicPartition) -> tuple[int, int]:
        """The first and the next offset of the log."""
        while True:
            consumer = self._consumer
            try:
                if consumer is not None:
                    start = (await consumer.beginning_offsets([source]))[source]
                    end = (await consumer.end_offsets([source]))[source]
                    return int(start), int(end)
            except KafkaError as error:
                logger.warning("%s: asking for its bounds: %r", source, error)
            await asyncio.sleep(RETRY_S)

    async def _hint(self, consumer: AIOKafkaConsumer) -> None:
        """Commit the positions that have moved to the group, where lag tools look for them."""
        positions = {
            source: reader.position
            for source, reader in self.readers.items()
            if reader.running and reader.position not in (None, self._hinted.get(source))
        }
        if not positions:
            return
        try:
            async with asyncio.timeout(HINT_EVERY_S):
                await consumer.commit(positions)
        except (KafkaError, ValueError, TimeoutError) as error:
            logger.debug("%s: the commit hint was not taken: %r", self._name, error)
        else:
            self._hinted |= positions

    async def on_stop(self) -> None:
        """Finish or abandon what is under way, and leave the group."""
        if self._reading is not None:
            # Whoever fetches ends first: a consumer that stops under its feet would be an error.
            await asyncio.wait([self._reading], timeout=STOP_S)
        await self._close_readers()
        if self._consumer is not None:
            await self._consumer.stop()
        await self._close_readers()
