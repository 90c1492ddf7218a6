"""What anybody watches, as every worker that forwards prices knows it."""

import asyncio
import logging
from collections import Counter
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from mode import Service

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.exchange import FETCH_MAX_WAIT_MS
from conscope_app.stream.membership import LOOK_ANYWAY_MS, has_stopped_fetching

logger = logging.getLogger(__name__)

RETRY_S = 1.0
POLL_MS = 500


class Posted(msgspec.Struct, frozen=True):
    """A watch's entry on the board: the subjects that it is about, none for all."""

    version: int
    subjects: tuple[str, ...]


_ABOUT_ALL = Posted(version=0, subjects=())
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Posted).decode


def encode_posted(posted: Posted) -> bytes:
    """An entry as it stands in the topic."""
    return _encode(posted)


class Entries:
    """The entries by watch, and how many are about each subject."""

    def __init__(self) -> None:
        self._posted: dict[str, Posted] = {}
        self._subjects: Counter[str] = Counter()
        self._about_all = 0

    def __bool__(self) -> bool:
        return bool(self._posted)

    def concerns(self, subject: str) -> bool:
        """Whether any watch is about the subject."""
        return self._about_all > 0 or subject in self._subjects

    def post(self, watch_id: str, posted: Posted | None) -> None:
        """Take an entry, or take it off."""
        before = self._posted.pop(watch_id, None)
        if before is not None:
            self._count(before, -1)
        if posted is not None:
            self._posted[watch_id] = posted
            self._count(posted, 1)

    def _count(self, posted: Posted, by: int) -> None:
        if not posted.subjects:
            self._about_all += by
        for subject in set(posted.subjects):
            self._subjects[subject] += by
            if not self._subjects[subject]:
                del self._subjects[subject]


class Board(Service):
    """Reads the topic of watches from its start, and follows it.

    `until_known` returns when all has been read that was there when reading began: whoever forwards
    a price before that could leave out one that is watched. While Kafka is away what was known last
    is taken for true. An entry that this version cannot read stands for a watch about everything:
    that costs more, and leaves nothing out.
    """

    abstract = False

    def __init__(self, brokers: Brokers, topic: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.changes = 0
        self.read_to = 0  # the next offset of the topic that is not known here
        self._brokers = brokers
        self._source = TopicPartition(topic, 0)
        self._entries = Entries()
        self._known = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._entries)

    def concerns(self, subject: str) -> bool:
        """Whether anybody watches the subject."""
        return self._entries.concerns(subject)

    async def until_known(self) -> None:
        """Wait until the board is known."""
        await self._known.wait()

    @Service.task
    async def _follow_for_ever(self) -> None:
        while not self.should_stop:
            consumer = AIOKafkaConsumer(
                **self._brokers.client_options,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
                consumer_timeout_ms=LOOK_ANYWAY_MS,
            )
            try:
                await consumer.start()
                consumer.assign([self._source])
                await consumer.seek_to_beginning(self._source)
                await self._follow(consumer)
            except (KafkaError, OSError) as error:
                logger.warning("what is watched is not followed: %r", error)
                await self.sleep(RETRY_S)
            finally:
                await consumer.stop()

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        """Read into new entries up to the end of now, and from there into those that are shown."""
        entries = Entries()
        end = (await consumer.end_offsets([self._source]))[self._source]
        while not self.should_stop and not has_stopped_fetching(consumer):
            fetched = await consumer.getmany(self._source, timeout_ms=POLL_MS)
            records = fetched.get(self._source, [])
            for record in records:
                _take(entries, record)
            position = await consumer.position(self._source)
            if entries is self._entries:
                self.changes += bool(records)
            elif position >= end:
                self._entries = entries
                self.changes += 1
                self._known.set()
            if entries is self._entries:
                self.read_to = position


def _take(entries: Entries, record: ConsumerRecord) -> None:
    if record.key is None:
        return
    posted = None
    if record.value is not None:
        try:
            posted = _decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            logger.warning("the entry of watch %r is not understood: %s", record.key, error)
            posted = _ABOUT_ALL
    entries.post(record.key.decode("utf-8", "backslashreplace"), posted)
