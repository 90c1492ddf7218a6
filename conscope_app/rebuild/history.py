"""Rows of Postgres, from the topics that they were made of."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.kafka.brokers import Brokers
from conscope_app.rebuild.stillness import CannotRebuild
from conscope_app.store.bisection import RowWriter
from conscope_app.store.counting import count_rows
from conscope_app.store.engine import Database
from conscope_app.store.sink import Entry, PostgresLedger, Refuse
from conscope_app.stream.dead_letters import parse, replayed_id
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.tickets import DEAD_LETTERS

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Sink(Generic[RowT]):
    """What one agent makes of its topic: rows of `table`, by `translate` and `writer`."""

    group: str
    topic: str
    table: str
    writer: RowWriter[RowT]
    translate: Callable[[Sequence[Record]], Sequence[Entry[RowT]]]


class RebuiltRows(NamedTuple):
    """One partition of a sink: offsets [start, position) of its topic were read again.

    Rows that were made of what lies before `start` are not in the topic any more.
    """

    table: str
    topic: str
    partition: int
    start: int
    position: int
    before: int  # rows
    after: int


class _Span(NamedTuple):
    start: int
    next_offset: int


class HistoryRebuild:
    """Writes what is missing in Postgres; what is there stays as it is.

    Where the database knows of a position, what lies behind it is left to the workers, unless it
    is a backup (`from_backup`): then, as in a database that knows of none, the position goes to the
    end of the topic first and the rows follow. Whoever goes on after a kill goes on behind all that
    is to be rebuilt, and running it again completes it.
    """

    def __init__(
        self, brokers: Brokers, database: Database, *, refuse: Refuse, from_backup: bool
    ) -> None:
        self._brokers = brokers
        self._database = database
        self._refuse = refuse
        self._from_backup = from_backup

    async def rebuild(self, sink: Sink[Any], partition: int) -> RebuiltRows:
        """Write the rows of one partition of a sink."""
        before = await count_rows(self._database, sink.table, partition)
        ledger = PostgresLedger(
            self._database,
            group=sink.group,
            topic=sink.topic,
            partition=partition,
            writer=sink.writer,
            refuse=self._refuse,
        )
        async with TopicReader(self._brokers, sink.topic, [partition]) as reader:
            start, end = reader.starts[partition], (await reader.mark_end())[partition]
            position = await self._position(ledger, sink, partition, end)
            async for run in reader.to_mark():
                records = [record for record in run if record.offset < position]
                if records:
                    await ledger.fill_in(sink.translate(records))
        after = await count_rows(self._database, sink.table, partition)
        return RebuiltRows(sink.table, sink.topic, partition, start, position, before, after)

    async def _position(
        self, ledger: PostgresLedger[Any], sink: Sink[Any], partition: int, end: int
    ) -> int:
        """Up to where the rows are ours to write; from there on the workers go on."""
        position = await ledger.open()
        if position is not None and position > end:
            raise CannotRebuild(
                f"{sink.topic}-{partition} ends at {end}, but the database stands at {position}: "
                "the topic was made anew, and `rebuild from-history` is for that"
            )
        if position is None or (self._from_backup and position < end):
            await ledger.write(_Span(end if position is None else position, end), [])
            return end
        return position


class KnownRefusals:
    """Refuses what the database refuses again: its dead letters are there, and are not doubled.

    What has no dead letter yet gets one from `send`.
    """

    def __init__(self, known: set[RecordId], send: Refuse) -> None:
        self.refused = 0
        self._known = known
        self._send = send

    @classmethod
    async def read(cls, brokers: Brokers, partitions: int, send: Refuse) -> "KnownRefusals":
        """Read which records have a dead letter."""
        known: set[RecordId] = set()
        async with TopicReader(brokers, DEAD_LETTERS.name, range(partitions)) as reader:
            async for run in reader.to_end():
                known.update(_origins(run))
        return cls(known, send)

    async def __call__(self, record: Record, error: Exception) -> None:
        """Keep the record, if it is not kept already."""
        self.refused += 1
        if RecordId(record.topic, record.partition, record.offset) not in self._known:
            await self._send(record, error)


def _origins(records: Iterable[Record]) -> Iterator[RecordId]:
    for record in records:
        try:
            if replayed_id(record.headers) is None:
                yield parse(record.headers).origin
        except ValueError:
            continue  # not of our making
