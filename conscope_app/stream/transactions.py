"""The Kafka ledger: outputs, state changes and the source position in one transaction.

Order of things, and why a kill between any two of them is harmless:
1. begin, send the outputs, the changelog and the position, commit. Until the commit, readers with
   `read_committed` see nothing, and the next owner's fence aborts it.
2. after the commit, RocksDB gets the same changes. Killed before, the next start replays them from
   the changelog, from the changelog offset that RocksDB holds.
"""

import asyncio
import logging
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    InvalidProducerEpoch,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.structs import RecordMetadata

from conscope_app.core.positions import PositionMoved
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.ending import EXIT_STAY_DOWN, end_process
from conscope_app.stream.formats import why_not_ours
from conscope_app.stream.outcome import Outcome
from conscope_app.stream.producing import fence, send, stop, transactional_id
from conscope_app.stream.progress import POSITION_KEY, Progress, encode_progress
from conscope_app.stream.restore import Restored, restore
from conscope_app.stream.slab import Slab
from conscope_app.stream.table import DurableTable
from conscope_app.stream.table_partition import TablePartition

logger = logging.getLogger(__name__)

RETRY_S = (0.5, 1.0, 2.0, 4.0)

# Trying again gives the same answer: somebody has to look.
PERMANENT = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    TopicAuthorizationFailedError,
    ClusterAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)


@dataclass(frozen=True)
class TransactionLimits:
    """Times and shares that transactions keep to."""

    transaction_timeout_s: float = 30.0
    dead_letter_limit: float = 0.5


class TransactionLedger:
    """Keeps one source partition's outcomes in Kafka and its state in a `DurableTable`.

    Guarantee: what `write` got is visible to `read_committed` readers exactly once, together with
    the changelog and the position; the broker's fence makes an older owner's writes fail.
    """

    def __init__(
        self,
        *,
        brokers: Brokers,
        application: str,
        table: DurableTable,
        partition: int,
        limits: TransactionLimits,
    ) -> None:
        self._brokers = brokers
        self._transactional_id = transactional_id(application, table.name, partition)
        self._table = table
        self._partition = partition
        self._limits = limits
        self._producer: AIOKafkaProducer | None = None
        self._rows: TablePartition | None = None
        self._progress: Progress | None = None
        self.restored: Restored | None = None  # for the watchdog, and for who waits for it
        self.trouble: str | None = None

    @property
    def progress(self) -> Progress | None:
        """Position and counters as last committed; None before the first slab."""
        return self._progress

    @property
    def lost(self) -> int:
        """Offsets that were removed before they were read, as last committed."""
        return 0 if self._progress is None else self._progress.skipped

    @property
    def state(self) -> TablePartition:
        """The partition's rows. Only between `open` and `close`."""
        assert self._rows is not None, "the ledger is not open"
        return self._rows

    async def open(self) -> int | None:
        """Fence the old owner, restore the rows, and return the position they stand for."""
        await self.close()
        for attempt in range(1_000_000_000):
            try:
                self._producer = await fence(
                    self._brokers,
                    self._transactional_id,
                    transaction_timeout_s=self._limits.transaction_timeout_s,
                )
                self._rows = self._table.open(self._partition)
                await restore(
                    self._brokers,
                    self._table.changelog,
                    self._partition,
                    self._rows,
                    self._note_restored,
                )
            except (KafkaError, TimeoutError) as error:
                self.trouble = f"Kafka does not answer: {error!r}"
                logger.warning("%s: %s", self._transactional_id, self.trouble)
                await self.close()
                await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
            else:
                break
        self.trouble = None
        self._progress = self.state.progress
        self._leave_newer_rows_alone()
        self._table.show(self._partition, self.state)
        return None if self._progress is None else self._progress.next_offset

    def _note_restored(self, restored: Restored) -> None:
        self.restored = restored

    async def write(self, slab: Slab[Outcome], outcome: Outcome) -> None:
        """Write the outcome and the position in one transaction, then to RocksDB."""
        progress = (self._progress or Progress(slab.start)).advance(
            slab.next_offset,
            outcome.counts,
            outcome.refused_at,
            len(slab.records),
            start=slab.start,
            written_in=self._table.row_format,
        )
        self._stop_where_most_is_refused(progress, slab)
        changes: list[tuple[bytes, bytes | None]] = list(outcome.changes.items())
        changes.append((POSITION_KEY, encode_progress(progress)))
        try:
            next_changelog_offset = await self._transact(outcome, changes)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise PositionMoved(f"{self._transactional_id} was fenced") from error
        except PERMANENT as error:
            end_process(
                f"Kafka refuses what {slab.topic}-{slab.partition} led to, offsets {slab.start} to "
                f"{slab.next_offset}: {error!r}. Nothing of it was written",
                code=EXIT_STAY_DOWN,
                error=error,
            )
        except (KafkaError, TimeoutError) as error:
            # Whether the transaction was committed is unknown; opening again tells.
            raise PositionMoved(
                f"{self._transactional_id} lost its transaction: {error!r}"
            ) from error
        self.state.write(changes, next_changelog_offset)
        self._progress = progress

    async def _transact(self, outcome: Outcome, changes: list[tuple[bytes, bytes | None]]) -> int:
        """Returns a changelog offset from which a restore would find all that is newer."""
        producer = self._producer
        assert producer is not None, "the ledger is not open"
        await producer.begin_transaction()
        sent: list[asyncio.Future[RecordMetadata]] = []
        for (topic, partition), outputs in outcome.outputs.items():
            sent += await send(producer, topic, partition, outputs)
        changelog = await send(
            producer,
            self._table.changelog,
            self._partition,
            [(key, value, ()) for key, value in changes],
        )
        await asyncio.gather(*sent, *changelog)
        await producer.commit_transaction()
        # The marker of this commit stands behind it; a restore skips that by itself.
        return int(changelog[-1].result().offset) + 1

    def _leave_newer_rows_alone(self) -> None:
        if self._progress is None:
            return
        found, known = self._progress.format, self._table.row_format
        why = why_not_ours(self._table.name, self._partition, found=found, known=known)
        if why is not None:
            end_process(why, code=EXIT_STAY_DOWN)

    def _stop_where_most_is_refused(self, progress: Progress, slab: Slab[Outcome]) -> None:
        limit = self._limits.dead_letter_limit
        if not progress.too_many_refused(limit):
            return
        reasons = ", ".join(
            f"{count} {name.removeprefix('dead:')}"
            for name, count in sorted(progress.counts.items())
            if name.startswith("dead:")
        )
        end_process(
            f"over {limit:.0%} of the last thousand records of {slab.topic}-{slab.partition} are "
            f"bad ({reasons} so far), at offset {slab.next_offset}: the sender or this version "
            "reads the format wrongly. Nothing of this slab was thrown away; put it right and "
            "start again, or set CONSCOPE_DEAD_LETTER_LIMIT=1 to send them all to the dead letters",
            code=EXIT_STAY_DOWN,
        )

    async def close(self) -> None:
        """Abandon an open transaction, close the database."""
        producer, self._producer = self._producer, None
        rows, self._rows = self._rows, None
        if rows is not None:
            self._table.release(self._partition, rows)
        if producer is not None:
            await stop(producer)
