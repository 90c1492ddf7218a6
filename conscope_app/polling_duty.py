"""The sources that this worker polls: leased one by one, so that workers share them."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import psycopg2

from conscope_app.core.clock import Clock
from conscope_app.http.fetching import Fetcher
from conscope_app.kafka.brokers import Brokers
from conscope_app.poll_notebook import PostgresNotebook
from conscope_app.sources.adapter import Answer, Request
from conscope_app.sources.configured import ConfiguredSource
from conscope_app.sources.poller import Outlets, Poller
from conscope_app.sources.polling.plan import Plan
from conscope_app.sources.publisher import Publisher, PublishError
from conscope_app.sources.recording import Recorder
from conscope_app.store.engine import Database
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.sources import leases
from conscope_app.store.sources.leases import KEEP_EVERY_S, LeaseLost

logger = logging.getLogger(__name__)

# Who holds none looks each second; who holds some leaves others the time to come first.
LOOK_EVERY_S = 1.0
RETRY_S = 2.0


class Topics(NamedTuple):
    """Where what is polled goes, by name."""

    prices: str
    snapshots: str
    watched: str


class PollingDuty:
    """Takes sources that nobody polls, and polls them until it is ended or another has them.

    A worker that is killed leaves its leases to run out (`leases.LEASE_S`); one that ends gives
    them back. Where Kafka or Postgres is away, a poller begins anew from what is stored.
    """

    def __init__(
        self,
        sources: Sequence[ConfiguredSource],
        *,
        database: Database,
        brokers: Brokers,
        topics: Topics,
        holder: str,
        clock: Clock,
        random: Callable[[], float],
        recorder: Recorder | None = None,
    ) -> None:
        self._sources = {each.name: each for each in sources}
        self._database = database
        self._brokers = brokers
        self._topics = topics
        self._holder = holder
        self._clock = clock
        self._random = random
        self._recorder = recorder
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._in_trouble: set[str] = set()
        self._failure: Exception | None = None
        self._is_unrecorded = False

    @property
    def sources(self) -> frozenset[str]:
        """Those that this worker polls at the moment."""
        return frozenset(self._polling)

    @property
    def configured(self) -> frozenset[str]:
        """Those that this worker would poll, if no other one did."""
        return frozenset(self._sources)

    def go_by(self, name: str) -> None:
        """Hold leases under this name from now on; whoever has it alone goes on after a kill."""
        self._holder = name

    async def run(self) -> None:
        """Poll until cancelled; returns at once where nothing is to be polled.

        Raises what nobody expected: that is to end the process, and not one source silently.
        """
        if not self._sources:
            return
        try:
            while self._failure is None:
                await self._take_one()
                await asyncio.sleep(LOOK_EVERY_S * (1 + len(self._polling)))
        finally:
            await self._end()
        raise self._failure

    async def _take_one(self) -> None:
        for name in self._sources.keys() - self._polling.keys():
            try:
                taken = await self._database.run(
                    partial(leases.take, source=name, holder=self._holder)
                )
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                self._tell(name, f"it is not polled: {reason_of(error)}")
                return
            if taken:
                task = asyncio.create_task(self._hold(name), name=f"poll {name}")
                self._polling[name] = task
                return

    async def _end(self) -> None:
        held = list(self._polling)
        tasks = list(self._polling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._end_recordings()
        try:
            await self._database.run(partial(leases.give_back, sources=held, holder=self._holder))
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            # They run out by themselves.
            logger.warning("leases of %s are not given back: %s", held, reason_of(error))

    def _end_recordings(self) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.close()
        except OSError as error:
            # What was recorded is readable without its end.
            logger.warning("recordings are not ended: %s", error)

    async def _hold(self, name: str) -> None:
        """Poll under the lease, which is lengthened meanwhile, until it is lost."""
        polling = asyncio.create_task(self._poll_on(self._sources[name]))
        try:
            while not polling.done():
                await asyncio.wait([polling], timeout=KEEP_EVERY_S)
                await self._keep(name)
            await polling
        except LeaseLost as error:
            logger.warning("%s", error)
        except Exception as error:
            self._failure = error
            raise
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            self._polling.pop(name, None)

    async def _keep(self, name: str) -> None:
        try:
            await self._database.run(partial(leases.keep, source=name, holder=self._holder))
        except psycopg2.Error as error:
            # While Postgres is away nobody can take it over, and no request can be counted.
            if not is_away(error):
                raise

    async def _poll_on(self, source: ConfiguredSource) -> None:
        while True:
            try:
                await self._poll(source)
            except psycopg2.Error as error:
                if not is_away(error):
                    raise
                self._tell(source.name, f"what is polled cannot be noted: {reason_of(error)}")
            except PublishError as error:
                self._tell(source.name, f"what is polled cannot be published: {error}")
            await asyncio.sleep(RETRY_S)

    async def _poll(self, source: ConfiguredSource) -> None:
        """Poll from what is stored on, until something fails."""
        notebook = PostgresNotebook(
            self._database,
            source.adapter,
            holder=self._holder,
            fingerprint=source.fingerprint,
            clock=self._clock,
        )
        memory = await notebook.memory()
        now = self._clock()
        plan = Plan(source.adapter, memory, random=self._random, now=now)
        fetcher = Fetcher(source.url, private=source.private)
        client_id = f"conscope-poll-{source.name}"
        prices = Publisher(self._brokers, self._topics.prices, client_id=client_id)
        snapshots = Publisher(self._brokers, self._topics.snapshots, client_id=client_id)
        watched = Publisher(self._brokers, self._topics.watched, client_id=client_id)
        try:
            async with prices, snapshots, watched:
                poller = Poller(
                    source.adapter,
                    plan,
                    key=source.key,
                    url=source.url,
                    fetching=fetcher,
                    outlets=Outlets(prices, snapshots, watched),
                    notebook=notebook,
                    clock=self._clock,
                    recording=None if self._recorder is None else self,
                )
                while True:
                    rest = await poller.step()
                    self._in_trouble.discard(source.name)
                    await asyncio.sleep(rest.total_seconds())
        finally:
            await fetcher.close()

    def record(self, source: str, request: Request, answer: Answer) -> None:
        """Keep an exchange. A disk that takes nothing keeps nobody from polling, and is told of."""
        assert self._recorder is not None
        try:
            self._recorder.record(source, request, answer)
        except OSError as error:
            if not self._is_unrecorded:
                logger.warning("answers of sources cannot be recorded: %s", error)
            self._is_unrecorded = True
        else:
            self._is_unrecorded = False

    def _tell(self, name: str, trouble: str) -> None:
        """Once for each time that it begins."""
        if name not in self._in_trouble:
            logger.warning("source %s: %s", name, trouble)
        self._in_trouble.add(name)
