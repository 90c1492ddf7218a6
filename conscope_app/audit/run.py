"""Run an audit: read the topics up to a mark, then the tables, and wait for what is on its way."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from sqlalchemy.engine import Engine

from conscope_app.audit import postgres
from conscope_app.audit.comparison import Comparison
from conscope_app.audit.due import Names
from conscope_app.audit.places import Place
from conscope_app.audit.report import Report
from conscope_app.core.clock import monotonic_s
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.create import partition_counts

_AGAIN_AFTER_S = 0.5


class CannotAudit(Exception):
    """There is nothing that could be audited: a topic is missing, or has other partitions."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is audited. `chosen` are the raw partitions, all where it is empty."""

    brokers: Brokers
    database_url: str = field(repr=False)
    partitions: int
    chosen: frozenset[int] = frozenset()
    names: Names = field(default_factory=Names)
    limit: int = 20
    wait_s: float = 30.0

    @property
    def audited(self) -> list[int]:
        """The raw partitions that are audited."""
        return sorted(self.chosen) if self.chosen else list(range(self.partitions))


def _silent(_stage: str) -> None:
    pass


async def audit(scope: Scope, tell: Callable[[str], None] = _silent) -> Report:
    """Compare everything that came out of `raw_prices`, up to its end of now, with what must have.

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
    names, every = scope.names, range(scope.partitions)
    return {
        names.raw: scope.audited,
        names.processed: scope.audited,
        names.alerts: scope.audited,
        names.dead: every,
    }


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
        raw = self._readers[self._scope.names.raw]
        ends = await raw.mark_end()
        ranges = {partition: (raw.starts[partition], end) for partition, end in ends.items()}
        comparison = Comparison(
            self._scope.names,
            self._scope.partitions,
            ranges,
            shortened=self._shortened(),
            limit=self._scope.limit,
        )
        await self._note_kinds(comparison)
        self._tell("reading what came in")
        async for records in raw.to_mark():
            for record in records:
                comparison.expect(record)
        await self._read_outputs(comparison)
        await self._read_tables(comparison)
        await self._wait_for_the_rest(comparison)
        await self._explain(comparison)
        strays = await asyncio.to_thread(self._stray_rows, comparison)
        raw_ends = await raw.mark_end()
        for place, partition, offset in strays:
            comparison.meet_row(place, partition, offset, ())
        return comparison.report(raw_ends, _notes(comparison))

    async def _note_kinds(self, comparison: Comparison) -> None:
        """Where retention has removed a part, ask first how the kept records were compared."""
        cut = [partition for partition, (start, _) in comparison.ranges.items() if start > 0]
        if not cut:
            return
        self._tell("reading how the first records that are kept were compared")
        topic = self._scope.names.processed
        async with TopicReader(self._scope.brokers, topic, cut) as reader:
            async for records in reader.to_end():
                for record in records:
                    comparison.kinds_found.note(record)

    async def _read_outputs(self, comparison: Comparison) -> None:
        names = self._scope.names
        meet = {
            names.raw: comparison.expect,  # past the mark: only copies of records before it
            names.processed: comparison.meet_processed,
            names.alerts: comparison.meet_alert,
            names.dead: comparison.meet_dead,
        }
        for topic, met in meet.items():
            self._tell(f"reading {topic}")
            async for records in self._readers[topic].to_end():
                for record in records:
                    met(record)
        comparison.meet_copies()

    async def _read_tables(self, comparison: Comparison) -> None:
        for place in (comparison.places.history, comparison.places.drop_alerts):
            self._tell(f"reading {place.name}")
            await asyncio.to_thread(self._read_table, comparison, place)

    def _read_table(self, comparison: Comparison, place: Place) -> None:
        for partition, (start, end) in comparison.ranges.items():
            for row in postgres.rows(self._engine, place, partition, start, end):
                comparison.meet_row(place, *row)

    async def _wait_for_the_rest(self, comparison: Comparison) -> None:
        deadline = monotonic_s() + self._scope.wait_s
        while (missing := comparison.missing_count()) and monotonic_s() < deadline:
            self._tell(f"waiting for the pipeline to catch up: {missing} are not there yet")
            await asyncio.sleep(_AGAIN_AFTER_S)
            await self._read_outputs(comparison)
            await asyncio.to_thread(self._read_missing_rows, comparison)

    def _read_missing_rows(self, comparison: Comparison) -> None:
        for place in (comparison.places.history, comparison.places.drop_alerts):
            for partition in comparison.ranges:
                missing = comparison.missing(place, partition)
                for row in postgres.rows_at(self._engine, place, partition, missing):
                    comparison.meet_row(place, *row)

    async def _explain(self, comparison: Comparison) -> None:
        partitions = sorted(comparison.wrong_partitions)
        if not partitions:
            return
        self._tell("reading again what is wrong")
        explain = comparison.explainer()
        async with TopicReader(self._scope.brokers, self._scope.names.raw, partitions) as reader:
            async for records in reader.to_end():
                for record in records:
                    explain(record)

    def _stray_rows(self, comparison: Comparison) -> list[tuple[Place, int, int]]:
        """Rows that may speak of raw records that never were."""
        return [
            (place, partition, offset)
            for place in (comparison.places.history, comparison.places.drop_alerts)
            for partition, offset in postgres.outermost_rows(
                self._engine, place, self._scope.partitions
            )
            if offset < 0 or offset >= comparison.ranges.get(partition, (0, 0))[1]
        ]

    def _shortened(self) -> dict[str, frozenset[int]]:
        return {
            topic: frozenset(partition for partition, start in reader.starts.items() if start > 0)
            for topic, reader in self._readers.items()
        }


def _notes(comparison: Comparison) -> list[str]:
    notes = []
    cut = {partition: start for partition, (start, _) in comparison.ranges.items() if start > 0}
    dues = comparison.dues
    if cut:
        gone = ", ".join(f"{partition} begins at {start}" for partition, start in cut.items())
        notes.append(
            f"Retention has removed a part of {comparison.names.raw}: partition {gone}. "
            f"{dues.weak} records of seats first seen in the kept part are checked weakly: "
            "what they were compared with is gone, so their fields must only agree with each other."
        )
    if dues.guessed:
        notes.append(
            f"{dues.guessed} of them were not processed yet when they were asked for: "
            "run the audit again once the pipeline has caught up."
        )
    if not comparison.follows_copies:
        notes.append("Re-keyed copies are compared only where all partitions are audited.")
    return notes
