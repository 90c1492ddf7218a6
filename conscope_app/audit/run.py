"""Run an audit: read the topics up to a mark, then the tables, and wait for what is on its way."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.engine import Engine

from conscope_app.audit import postgres
from conscope_app.audit.comparison import Comparison
from conscope_app.audit.due import Names
from conscope_app.audit.markets.comparison import MarketComparison
from conscope_app.audit.markets.places import MarketNames
from conscope_app.audit.places import Place
from conscope_app.audit.reconciliation import Reconciliation
from conscope_app.audit.report import Report
from conscope_app.core.clock import monotonic_s
from conscope_app.core.record import Record
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.create import partition_counts

_AGAIN_AFTER_S = 0.5

SubjectT = TypeVar("SubjectT", Comparison, MarketComparison)


class CannotAudit(Exception):
    """There is nothing that could be audited: a topic is missing, or has other partitions."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is audited. `chosen` are the partitions, all where it is empty."""

    brokers: Brokers
    database_url: str = field(repr=False)
    partitions: int
    chosen: frozenset[int] = frozenset()
    names: Names = field(default_factory=Names)
    markets: MarketNames = field(default_factory=MarketNames)
    limit: int = 20
    wait_s: float = 30.0

    @property
    def audited(self) -> list[int]:
        """The partitions of raw prices and of snapshots that are audited."""
        return sorted(self.chosen) if self.chosen else list(range(self.partitions))


def _silent(_stage: str) -> None:
    pass


async def audit(scope: Scope, tell: Callable[[str], None] = _silent) -> Report:
    """Compare all that came out of raw prices and market snapshots with what must have.

    That is of all up to the ends of both topics as they are now.

    Changes nothing and may run beside the workers: records that are appended later are left out.
    What is not there yet is waited for, up to `wait_s`; after that it is missing.
    """
    await _check(scope)
    engine = postgres.connect(scope.database_url)
    try:
        async with AsyncExitStack() as stack:
            readers = {
                topic: await stack.enter_async_context(
                    TopicReader(scope.brokers, topic, partitions)
                )
                for topic, partitions in _topics_read(scope).items()
            }
            return await _Run(scope, engine, readers, tell).report()
    finally:
        engine.dispose()


async def _check(scope: Scope) -> None:
    strays = [each for each in scope.audited if not 0 <= each < scope.partitions]
    if strays:
        raise CannotAudit(f"there are partitions 0 to {scope.partitions - 1}, not {strays}")
    topics = list(_topics_read(scope))
    counts = await partition_counts(scope.brokers, topics)
    for topic in topics:
        if counts.get(topic) != scope.partitions:
            has = f"has {counts[topic]} partitions" if topic in counts else "is missing"
            raise CannotAudit(f"the topic {topic} {has}; {scope.partitions} partitions are set")


def _topics_read(scope: Scope) -> dict[str, Sequence[int]]:
    names, markets, every = scope.names, scope.markets, range(scope.partitions)
    audited = (names.raw, names.processed, names.alerts)
    of_markets = (markets.raw, markets.processed, markets.watched)
    return dict.fromkeys((*audited, *of_markets), scope.audited) | {names.dead: every}


class _Run:
    def __init__(
        self,
        scope: Scope,
        engine: Engine,
        readers: dict[str, TopicReader],
        tell: Callable[[str], None],
    ) -> None:
        self._scope = scope
        self._engine = engine
        self._readers = readers
        self._tell = tell

    async def report(self) -> Report:
        self._shortened = {
            topic: frozenset(partition for partition, start in reader.starts.items() if start > 0)
            for topic, reader in self._readers.items()
        }
        prices = await self._begun(Comparison, self._scope.names)
        markets = await self._begun(MarketComparison, self._scope.markets)
        self._subjects: Sequence[Reconciliation] = (prices, markets)
        for subject in self._subjects:
            await self._note_published(subject)
            self._tell(f"reading {subject.raw_topic}")
            async for records in self._readers[subject.raw_topic].to_mark():
                for record in records:
                    subject.expect(record)
        await self._read_outputs()
        await self._read_tables(markets)
        await self._wait_for_the_rest(markets)
        for subject in self._subjects:
            await self._explain(subject)
            await asyncio.to_thread(self._meet_stray_rows, subject)
        price_ends, snapshot_ends = await asyncio.gather(
            *(self._readers[each.raw_topic].mark_end() for each in self._subjects)
        )
        report = prices.report(price_ends, prices.notes())
        return markets.add_to(report, snapshot_ends)

    async def _begun(
        self, subject: Callable[..., SubjectT], names: Names | MarketNames
    ) -> SubjectT:
        """A comparison of all that the raw topic holds by now."""
        raw = self._readers[names.raw]
        ends = await raw.mark_end()
        ranges = {partition: (raw.starts[partition], end) for partition, end in ends.items()}
        scope = self._scope
        return subject(
            names, scope.partitions, ranges, shortened=self._shortened, limit=scope.limit
        )

    async def _note_published(self, subject: Reconciliation) -> None:
        """Where retention has removed a part, ask first how the kept records were compared."""
        cut = [partition for partition, (start, _) in subject.ranges.items() if start > 0]
        if not cut:
            return
        self._tell(f"reading what came of {subject.raw_topic} before what is kept")
        async with TopicReader(self._scope.brokers, subject.published, cut) as reader:
            async for records in reader.to_end():
                for record in records:
                    subject.note_published(record)

    async def _read_outputs(self) -> None:
        met: dict[str, list[Callable[[Record], None]]] = defaultdict(list)
        for subject in self._subjects:
            for topic, meet in subject.meets().items():
                met[topic].append(meet)
        for topic, meets in met.items():
            self._tell(f"reading {topic}")
            async for records in self._readers[topic].to_end():
                for record in records:
                    for meet in meets:
                        meet(record)
        for subject in self._subjects:
            subject.meet_copies()

    async def _read_tables(self, markets: MarketComparison) -> None:
        for subject, place in self._tables():
            self._tell(f"reading {place.name}")
            await asyncio.to_thread(self._read_table, subject, place)
        self._tell(f"reading {markets.names.changes} and {markets.names.now}")
        await asyncio.to_thread(self._read_changes, markets)
        await asyncio.to_thread(self._read_now, markets)

    def _tables(self) -> Iterator[tuple[Reconciliation, Place]]:
        for subject in self._subjects:
            for place in subject.tables:
                yield subject, place

    def _read_table(self, subject: Reconciliation, place: Place) -> None:
        for partition, (start, end) in subject.ranges.items():
            for row in postgres.rows(self._engine, place, partition, start, end):
                subject.meet_row(place, *row)

    def _read_changes(self, markets: MarketComparison) -> None:
        fields = markets.consequences.changes_place.fields
        markets.consequences.read_changes(postgres.change_rows(self._engine, fields))

    def _read_now(self, markets: MarketComparison) -> None:
        fields = markets.consequences.standing.place.fields
        markets.consequences.read_now(postgres.now_rows(self._engine, fields))

    async def _wait_for_the_rest(self, markets: MarketComparison) -> None:
        deadline = monotonic_s() + self._scope.wait_s
        while (missing := self._missing_count()) and monotonic_s() < deadline:
            self._tell(f"waiting for the pipeline to catch up: {missing} are not there yet")
            await asyncio.sleep(_AGAIN_AFTER_S)
            await self._read_outputs()
            await asyncio.to_thread(self._read_missing_rows, markets)

    def _missing_count(self) -> int:
        return sum(subject.missing_count() for subject in self._subjects)

    def _read_missing_rows(self, markets: MarketComparison) -> None:
        for subject, place in self._tables():
            for partition in subject.ranges:
                missing = subject.missing(place, partition)
                for row in postgres.rows_at(self._engine, place, partition, missing):
                    subject.meet_row(place, *row)
        changes = markets.consequences
        fields, ids = changes.changes_place.fields, changes.missing_changes()
        changes.read_changes(postgres.change_rows_at(self._engine, fields, ids))
        if changes.standing.missing_count():
            self._read_now(markets)

    async def _explain(self, subject: Reconciliation) -> None:
        partitions = sorted(subject.wrong_partitions)
        if not partitions:
            return
        self._tell("reading again what is wrong")
        explain = subject.explainer()
        async with TopicReader(self._scope.brokers, subject.raw_topic, partitions) as reader:
            async for records in reader.to_end():
                for record in records:
                    explain(record)

    def _meet_stray_rows(self, subject: Reconciliation) -> None:
        """Rows that may speak of raw records that never were."""
        for place in subject.tables:
            outermost = postgres.outermost_rows(self._engine, place, self._scope.partitions)
            for partition, offset in outermost:
                if offset < 0 or offset >= subject.ranges.get(partition, (0, 0))[1]:
                    subject.meet_row(place, partition, offset, ())
