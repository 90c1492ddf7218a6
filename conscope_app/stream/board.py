"""What anybody watches, as every worker that forwards prices knows it."""

import asyncio
import logging
from collections import Counter
from contextlib import aclosing
from typing import Any

import msgspec
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from mode import Service

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.following import follow

logger = logging.getLogger(__name__)

RETRY_S = 1.0


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
        self._topic = topic
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
            try:
                await self._follow()
            except (KafkaError, OSError) as error:
                logger.warning("what is watched is not followed: %r", error)
                await self.sleep(RETRY_S)

    async def _follow(self) -> None:
        """Read into new entries up to the end of now, and from there into those that are shown."""
        entries = Entries()
        async with aclosing(follow(self._brokers, self._topic)) as following:
            async for news in following:
                for record in news.records:
                    _take(entries, record)
                if entries is self._entries:
                    self.changes += bool(news.records)
                elif news.caught_up:
                    self._entries = entries
                    self.changes += 1
                    self._known.set()
                if entries is self._entries:
                    self.read_to = news.position
                if self.should_stop:
                    return


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
