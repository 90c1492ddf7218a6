"""Watches as Postgres keeps them, made known to those who forward prices and who watch them."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import count
from typing import TypeVar

import psycopg2
from aiokafka.errors import KafkaError

from conscope_app import app
from conscope_app.alerting.watches.control import (
    Deletion,
    Making,
    Seeds,
    control_record,
    recorded_at,
)
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import monotonic_s, to_epoch_ms
from conscope_app.domains.tickets.records import encode
from conscope_app.store.engine import Connection
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.watches import publishing
from conscope_app.store.watches.leased import Leased
from conscope_app.store.watches.publishing import Published, Unpublished
from conscope_app.store.watches.seeding import newest_of, seeds_for, sink_positions
from conscope_app.stream.board import Posted
from conscope_app.stream.reading import TopicReader
from conscope_app.stream.sender import NotSent, Sender
from conscope_app.stream.watch_log import Said, WatchLog
from conscope_app.topics.tickets import PROCESSED_PRICES, WATCHED_PRICES, WATCHES

logger = logging.getLogger(__name__)

AGENT = "watch_prices"
SINK = "conscope-storage"

# A watch is to be followed two seconds after it is made, and what is below takes one of them.
LOOK_EVERY_S = 0.3
RETRY_S = 1.0

# From here on every worker forwards what a new watch is about: boards follow within milliseconds.
BOARDS_FOLLOW_S = 1.0

# What was processed before that is to be in the history. A sink that stands still is not waited for
# any longer: what it has not written yet is not known to the watch until it is seen again.
STORED_WITHIN_S = 10.0
STORED_POLL_S = 0.05

# Subjects whose history is read in one transaction, and pasts that share a record of at most some
# 400 kB.
SUBJECTS_AT_ONCE = 20
SEEDS_A_RECORD = 100

T = TypeVar("T")


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def publish_watches() -> None:
    """Publish watches as they are made, changed and deleted; see `Publisher` for the guarantee."""
    if AGENT not in app.settings.agents:
        return
    publisher = Publisher()
    try:
        while not app.should_stop:
            if not await publisher.publish():
                await app.sleep(LOOK_EVERY_S)
    finally:
        await publisher.close()


class Publisher:
    """Publishes what has changed in Postgres, at least once.

    A watch is leased, put on the board, told to the partitions of its subjects with what it has to
    know of the time before, and noted as published. Killed in between, the next one does all of it
    again once the lease has run out. Readers ignore what is not newer than they know.
    """

    def __init__(self) -> None:
        self._database = app.services.watches
        self._sender = Sender(app.settings.brokers)
        self._log = WatchLog(
            self._sender,
            board=WATCHES.name,
            prices=WATCHED_PRICES.name,
            partitions=app.settings.partitions,
        )
        self._rounds = count()
        self._unwatched: set[str] = set()  # subjects of which no worker knows any price yet
        self._in_trouble = False

    async def close(self) -> None:
        """Let go of the producer."""
        await self._sender.close()

    async def publish(self) -> int:
        """Publish what is to be published now; how many watches that were."""
        try:
            leased = await self._take()
            published = await self._publish(leased)
        except Exception as error:
            if not _is_outage(error):
                raise
            if not self._in_trouble:
                logger.warning("watches are not published: %s", reason_of(error))
            self._in_trouble = True
            await asyncio.sleep(RETRY_S)
            return 0
        self._in_trouble = False
        return published

    async def _take(self) -> Leased:
        holder = f"{socket.gethostname()}:{app.conf.web_port}/{next(self._rounds)}"
        return await Leased.take(self._database, holder, monotonic_s)

    async def _publish(self, leased: Leased) -> int:
        if not leased.batch:
            return 0
        self._log.forget()
        self._unwatched = set(await self._run(lambda c: _unwatched(c, leased.batch)))
        try:
            published = await self._publish_all(leased)
        except NotSent:
            await leased.give_back()
            raise
        await leased.note(published)
        return len(published)

    async def _publish_all(self, leased: Leased) -> list[Published]:
        await self._log.post((each.id, _posted(each.watch)) for each in leased.batch)
        if self._unwatched:
            await asyncio.sleep(BOARDS_FOLLOW_S)
        if any(each.watch is not None and each.watch.needs_prices for each in leased.batch):
            await self._until_stored()
        published = []
        for each in leased.batch:
            await leased.keep()
            if leased.holds(each.id) and await self._publish_one(each, leased):
                published.append(each.published)
        await self._log.flush()
        return published

    async def _publish_one(self, unpublished: Unpublished, leased: Leased) -> bool:
        try:
            if unpublished.watch is None:
                gone = Deletion(watch_id=unpublished.id, version=unpublished.version)
                await self._log.say_to_all(gone, app.services.clock())
            else:
                await self._tell(unpublished.watch, leased)
        except Exception as error:
            if _is_outage(error):
                raise
            # One watch must not stop all others; it is tried again when its lease has run out.
            logger.exception("watch %s cannot be published", unpublished.id)
            return False
        return True

    async def _tell(self, watch: Watch, leased: Leased) -> None:
        """Past prices first: from the watch's own record on all that comes is news to it."""
        own = watch.what.subjects
        subjects: Sequence[str] = own
        if not own and watch.needs_prices:
            subjects = await self._run(publishing.known_subjects)
        for some in _runs(subjects if watch.needs_prices else (), SUBJECTS_AT_ONCE):
            await self._sow(watch, some)
            await leased.keep()
        now = app.services.clock()
        if not own or watch.version > 1:
            await self._log.say_to_all(Making(watch=watch), now)
        await self._log.say(
            Said(each, control_record(Making(watch=watch, subject=each), key=each, at=now))
            for each in subjects
        )

    async def _sow(self, watch: Watch, subjects: Collection[str]) -> None:
        now = app.services.clock()
        unwatched = self._unwatched.intersection(subjects)
        if unwatched:
            newest = await self._run(lambda c: newest_of(c, unwatched, now))
            header = recorded_at(to_epoch_ms(now))
            await self._log.say(
                Said(price.event_id, (price.event_id.encode(), encode(price), (header,)))
                for price, _ in newest
            )
            self._unwatched -= unwatched
        sown = await self._run(lambda c: seeds_for(c, watch, subjects, now, monotonic_s))
        await self._log.say(
            Said(
                subject,
                control_record(
                    Seeds(watch=watch, subject=subject, seeds=tuple(run)), key=subject, at=now
                ),
            )
            for subject, seeds in sown
            for run in _runs(seeds, SEEDS_A_RECORD)
        )

    async def _until_stored(self) -> None:
        """Wait until all that has been processed by now is in the history."""
        until = monotonic_s() + STORED_WITHIN_S
        name, partitions = PROCESSED_PRICES.name, range(app.settings.partitions)
        async with TopicReader(app.settings.brokers, name, partitions) as reader:
            ends = await reader.mark_end()
        while True:
            stored = await self._run(lambda c: sink_positions(c, SINK, name))
            # The last thing that stands in it, if anything, is the marker of a transaction.
            behind = [at for at, end in ends.items() if stored.get(at, 0) < end - 1]
            if not behind:
                return
            if monotonic_s() > until:
                logger.warning("watches are published while %s-%s is not stored", name, behind)
                return
            await asyncio.sleep(STORED_POLL_S)

    async def _run(self, work: Callable[[Connection], T]) -> T:
        return await self._database.run(work)


def _unwatched(connection: Connection, batch: Sequence[Unpublished]) -> list[str]:
    watches = [each.watch for each in batch if each.watch is not None and each.watch.needs_prices]
    subjects = {subject for watch in watches for subject in watch.what.subjects}
    if any(not watch.what.subjects for watch in watches):
        subjects.update(publishing.known_subjects(connection))
    return publishing.not_watched(connection, subjects) if subjects else []


def _is_outage(error: Exception) -> bool:
    """Whether trying again may work."""
    if isinstance(error, psycopg2.Error):
        return is_away(error)
    return isinstance(error, NotSent | KafkaError | OSError | TimeoutError)


def _posted(watch: Watch | None) -> Posted | None:
    """A watch that needs no prices has none forwarded: it is not on the board."""
    if watch is None or not watch.needs_prices:
        return None
    return Posted(watch.version, watch.what.subjects)


def _runs(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
