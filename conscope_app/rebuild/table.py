"""A table, from the topics that it came with."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from conscope_app.core.record import Record
from conscope_app.domains.tickets.pricing import encode_last_seen
from conscope_app.kafka.brokers import Brokers
from conscope_app.rebuild.changelog import Changelog, Row, TableSpec
from conscope_app.rebuild.copies import Copies
from conscope_app.rebuild.published import Published
from conscope_app.rebuild.retrace import Retrace
from conscope_app.rebuild.rules import TableRules
from conscope_app.rebuild.seeds import Seeds
from conscope_app.rebuild.stillness import CannotRebuild
from conscope_app.store.tickets.newest import Prices
from conscope_app.stream.progress import POSITION_KEY, Progress, decode_progress
from conscope_app.stream.reading import TopicReader
from conscope_app.stream.table_partition import RESERVED, TablePartition
from conscope_app.topics.tickets import DEAD_LETTERS

_ROWS_A_PAGE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltPartition:
    """What came of one partition; `written` is None where its changelog was left as it is.

    `held` is the position that the changelog had; what was seen before the topics begin was
    `recalled` from the history.
    """

    table: str
    raw_topic: str
    partition: int
    held: int | None
    recalled: "Recalled"
    written: "Written | None" = None


class Recalled(NamedTuple):
    """Rows that only the history knows, of before a raw offset."""

    before: int
    rows: int


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that were written and removed, and the position and counts that went with them."""

    rows: int
    removed: int
    progress: Progress


class TableRebuild:
    """Rebuilds partitions of the table one after the other, each in one transaction.

    What the table held before the first record that the raw topic still has comes from what was
    published of them, which is kept for longer; and what it held before the first of those from
    `seeds` (what other tables left) and `history` (prices of a partition before an offset), where
    there are any. From there on the raw topic is tracked again, up to where it had been processed:
    what the outputs name. Nothing is published. What lies behind is left to the workers.
    """

    def __init__(
        self,
        brokers: Brokers,
        table: TableSpec,
        rules: TableRules,
        *,
        seeds: Seeds | None = None,
        history: Callable[[int, int], Prices] | None = None,
        scratch: Path,
        generation: str,
    ) -> None:
        self._brokers = brokers
        self._table = table
        self._rules = rules
        self._seeds = seeds
        self._history = history
        self._scratch = scratch
        self._generation = generation
        self._copies: Copies | None = None

    async def was_ever_written(self, partitions: Sequence[int]) -> bool:
        """Whether anything was published together with the table."""
        async with TopicReader(self._brokers, self._rules.processed, partitions) as reader:
            return any((await reader.mark_end()).values())

    async def rebuild(self, partition: int, *, replace: bool) -> RebuiltPartition:
        """Rebuild one partition; one whose changelog is as far as its outputs only to `replace`."""
        async with (
            Changelog(self._brokers, self._table, partition) as changelog,
            self._reader(self._rules.raw, partition) as raw,
            self._rows(partition) as rows,
        ):
            for page in self._seeds.pages(partition) if self._seeds else ():
                rows.write(page, 0)
            published = Published(self._rules, partition, raw.starts[partition], rows.get)
            recalled = await self._read_published(partition, published, rows)
            held = await self._held(partition)
            written = None
            if held is None or held < (published.next_offset or 0) or replace:
                progress = await self._retrace(raw, published, partition, rows)
                stale = await self._stale(partition, rows)
                sent = await changelog.replace(_pages(rows, stale), progress)
                written = Written(sent - len(stale), len(stale), progress)
            return RebuiltPartition(
                table=self._table.name,
                raw_topic=self._rules.raw,
                partition=partition,
                held=held,
                recalled=recalled,
                written=written,
            )

    def _reader(self, topic: str, partition: int) -> TopicReader:
        return TopicReader(self._brokers, topic, [partition])

    @asynccontextmanager
    async def _rows(self, partition: int) -> AsyncIterator[TablePartition]:
        path = self._scratch / f"{self._table.name}-{partition}"
        rows = TablePartition(path)
        try:
            yield rows
        finally:
            rows.close()
            shutil.rmtree(path)

    async def _read_published(
        self, partition: int, published: Published, rows: TablePartition
    ) -> Recalled:
        recalled = None
        async with self._reader(self._rules.processed, partition) as processed:
            is_whole = processed.starts[partition] == 0 or published.raw_start == 0
            async for run in processed.to_end():
                later = published.rows_of(run)
                if recalled is None and published.oldest is not None:
                    before = 0 if is_whole else min(published.oldest, published.raw_start)
                    recalled = await self._recall(partition, before, rows)
                rows.write(later.items(), 0)
        if recalled is None:
            recalled = await self._recall(partition, 0 if is_whole else published.raw_start, rows)
        async with self._reader(DEAD_LETTERS.name, partition) as dead:
            async for run in dead.to_end():
                published.note_dead(run)
        return recalled

    async def _recall(self, partition: int, before: int, rows: TablePartition) -> Recalled:
        """What the history knows of before this raw offset."""

        def recall() -> int:
            count = 0
            for page in self._history(partition, before) if self._history else ():
                rows.write([(key, encode_last_seen(last)) for key, last in page], 0)
                count += len(page)
            return count

        return Recalled(before, await asyncio.to_thread(recall) if before else 0)

    async def _held(self, partition: int) -> int | None:
        """The position in the changelog as it is."""
        position = None
        async with self._reader(self._table.changelog, partition) as changelog:
            async for run in changelog.to_end():
                for record in run:
                    if record.key == POSITION_KEY and record.value is not None:
                        position = decode_progress(record.value).next_offset
        return position

    async def _retrace(
        self, raw: TopicReader, published: Published, partition: int, rows: TablePartition
    ) -> Progress:
        retrace = Retrace(
            partition,
            self._table.partition_of,
            rows,
            published.progress(self._generation),
            self._rules.track,
        )
        start, end = raw.starts[partition], (await raw.mark_end())[partition]
        known = start if published.next_offset is None else published.next_offset
        if known > end:
            raise CannotRebuild(
                f"{raw.topic}-{partition} ends at {end}, but its records up to {known} were "
                "processed: the topic was made anew. Make all of them anew, then run "
                "`rebuild from-history`"
            )
        async with aclosing(raw.to_mark()) as runs:
            async for run in runs:
                done = [record for record in run if record.offset < known]
                retrace.take(done)
                if not await self._take_copied(retrace, run[len(done) :]):
                    break
        progress = retrace.progress
        if progress.next_offset > start:  # something was retraced
            known = max(known, progress.next_offset)
        return msgspec.structs.replace(progress, next_offset=known, format=self._table.row_format)

    async def _take_copied(self, retrace: Retrace, behind: Sequence[Record]) -> bool:
        if behind and self._copies is None and retrace.would_rekey(behind[0]):
            self._copies = await Copies.read(self._brokers, self._rules.raw, self._table.partitions)
        return retrace.take_copied(behind, self._copies or Copies())

    async def _stale(self, partition: int, rows: TablePartition) -> list[bytes]:
        """Keys of the changelog as it is that are not in the rebuilt rows."""
        stale: set[bytes] = set()
        async with self._reader(self._table.changelog, partition) as changelog:
            async for run in changelog.to_end():
                for record in run:
                    if record.key is None or record.key in RESERVED:
                        continue
                    if record.value is None:
                        stale.discard(record.key)
                    elif rows.get(record.key) is None:
                        stale.add(record.key)
        return sorted(stale)


def _pages(rows: TablePartition, stale: Sequence[bytes]) -> Iterator[Sequence[Row]]:
    after = None
    while page := rows.page(after, _ROWS_A_PAGE):
        yield page
        after = page[-1][0]
    for at in range(0, len(stale), _ROWS_A_PAGE):
        yield [(key, None) for key in stale[at : at + _ROWS_A_PAGE]]
