"""One partition of a table's changelog, written anew by its only owner."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import RecordMetadata

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.starting import start_client
from conscope_app.rebuild.stillness import CannotRebuild
from conscope_app.stream import producing
from conscope_app.stream.outcome import Output
from conscope_app.stream.progress import POSITION_KEY, Progress, encode_progress
from conscope_app.stream.reading import TopicReader

# All rows of a partition are one transaction. This is the longest that a broker allows by default
# (`transaction.max.timeout.ms`), and enough for some ten million rows.
TRANSACTION_TIMEOUT_S = 900.0


Row = tuple[bytes, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """A table as its owners write it: names, partitions, and where a key belongs."""

    application: str
    name: str
    changelog: str
    partitions: int
    partition_of: Callable[[bytes], int]
    row_format: int


class Changelog:
    """The changelog of one partition of a table, between fencing its owner and letting go.

    While it is open it is the partition's only writer: a worker that opens the partition meanwhile
    takes it over, and the write here fails.
    """

    def __init__(self, brokers: Brokers, table: TableSpec, partition: int) -> None:
        self._brokers = brokers
        self._name = producing.transactional_id(table.application, table.name, partition)
        self._topic = table.changelog
        self._partition = partition
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        self._producer = await producing.fence(
            self._brokers, self._name, transaction_timeout_s=TRANSACTION_TIMEOUT_S
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producing.stop(producer)

    async def replace(self, pages: Iterable[Sequence[Row]], progress: Progress) -> int:
        """Write rows (None removes one) and, last, the position: all of it or nothing.

        Returns how many rows were written.
        """
        producer = self._owned
        written = 0
        await producer.begin_transaction()
        for page in pages:
            written += len(page)
            await self._send(page)
        await self._send([(POSITION_KEY, encode_progress(progress))])
        await producer.commit_transaction()
        return written

    async def _send(self, rows: Iterable[Row]) -> None:
        outputs = [Output(key, value) for key, value in rows]
        sent = await producing.send(self._owned, self._topic, self._partition, outputs)
        await asyncio.gather(*sent)

    async def begin_late(self, topic: str) -> int:
        """Have the topic's partition, which must hold no records, begin behind its offset 0.

        A log that begins at 0 is taken to be whole: an audit would take the first price of each
        seat to be the first ever. A record that nobody sees, its transaction being aborted, makes
        room to remove. Returns where the log begins.
        """
        async with TopicReader(self._brokers, topic, [self._partition]) as reader:
            start = reader.starts[self._partition]
            async for _ in reader.to_end():
                raise CannotRebuild(
                    f"{topic}-{self._partition} holds records: stop the sources, and begin with "
                    "new topics"
                )
        if start > 0:
            return start
        producer = self._owned
        await producer.begin_transaction()
        unseen: RecordMetadata = await producer.send_and_wait(
            topic, value=None, key=b"", partition=self._partition
        )
        await producer.abort_transaction()
        admin = AIOKafkaAdminClient(**self._brokers.client_options)
        try:
            await start_client(admin, self._brokers)
            place = TopicPartition(topic, self._partition)
            await admin.delete_records({place: RecordsToDelete(before_offset=unseen.offset + 1)})
        finally:
            await admin.close()
        return int(unseen.offset) + 1

    @property
    def _owned(self) -> AIOKafkaProducer:
        assert self._producer is not None, "the changelog is not open"
        return self._producer
