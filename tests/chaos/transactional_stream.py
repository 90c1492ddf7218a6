"""A sender of raw_prices that uses transactions, and leaves some of them unfinished."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from conscope_app.core.clock import utc_now
from conscope_app.sources.base import Outgoing
from conscope_app.sources.publisher import partition_of
from conscope_app.sources.tickets.mock import MockMarket
from conscope_app.topics.tickets import RAW_PRICES

ABORTED_SHARE = 0.2
RECORDS_A_TRANSACTION = 10
EVENTS, SEATS = 5, 60

Place = tuple[int, int]  # partition and offset


@dataclass
class Sent:
    """What went out, by what became of its transaction."""

    committed: int = 0  # transactions
    aborted: int = 0
    markers: int = 0
    unseen: set[Place] = field(default_factory=set)  # records that no reader may ever see


class TransactionalStream:
    """Sends the mock market's records in small transactions until `stop`; a fifth is aborted."""

    def __init__(
        self, brokers: Sequence[str], *, partitions: int, rate: int, seed: int, hang_s: float
    ) -> None:
        self.sent = Sent()
        self._brokers = list(brokers)
        self._partitions = partitions
        self._pause_s = RECORDS_A_TRANSACTION / rate
        self._hang_s = hang_s
        self._dice = Random(f"{seed}/transactions")
        self._market = MockMarket(seed=seed, events=EVENTS, seats=SEATS, opened_at=utc_now())
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="transactional stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it: the last transaction is committed or aborted. Raises what ended it before."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._ended.result()

    def leave_one_hanging(self) -> dict[int, int]:
        """Begin a transaction on every partition and never end it; its first offsets.

        The broker aborts it when its time is over: `hang_s`.
        """
        return asyncio.run_coroutine_threadsafe(self._hang(), self._loop).result(timeout=30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._send_until_over())
            self._ended.set_result(None)
        except Exception as error:  # noqa: BLE001 whoever stops it hears of it
            self._ended.set_exception(error)
        finally:
            self._loop.close()

    async def _send_until_over(self) -> None:
        async with self._producer("chaos-sender") as producer:
            while not self._over.is_set():
                await self._transaction(producer, abort=self._dice.random() < ABORTED_SHARE)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), self._pause_s)

    def _producer(self, name: str, *, timeout_s: float = 60) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._brokers,
            transactional_id=name,
            transaction_timeout_ms=int(timeout_s * 1000),
        )

    async def _transaction(self, producer: AIOKafkaProducer, *, abort: bool) -> None:
        await producer.begin_transaction()
        places = await self._send(producer, self._market_records())
        if abort:
            await producer.abort_transaction()
            self.sent.aborted += 1
            self.sent.unseen |= places
        else:
            await producer.commit_transaction()
            self.sent.committed += 1
        self.sent.markers += len({partition for partition, _ in places})

    def _market_records(self) -> list[Outgoing]:
        seen = self._market.take(RECORDS_A_TRANSACTION, utc_now())
        return [observation.outgoing for observation in seen]

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Outgoing]) -> set[Place]:
        """Send into the open transaction; where the records lie."""
        by_partition: dict[int, list[Outgoing]] = defaultdict(list)
        for record in records:
            by_partition[partition_of(record.key, self._partitions)].append(record)
        sent: list[asyncio.Future[RecordMetadata]] = []
        sizes: list[int] = []
        for partition, some in by_partition.items():
            batch = producer.create_batch()
            for record in some:
                batch.append(key=record.key, value=record.value, timestamp=None)
            sent.append(await producer.send_batch(batch, RAW_PRICES.name, partition=partition))
            sizes.append(len(some))
        placed = await asyncio.gather(*sent)
        return {
            (where.partition, where.offset + at)
            for where, size in zip(placed, sizes, strict=True)
            for at in range(size)
        }

    async def _hang(self) -> dict[int, int]:
        producer = self._producer("chaos-hanging", timeout_s=self._hang_s)
        await producer.start()
        await producer.begin_transaction()
        begins: dict[int, int] = {}
        while len(begins) < self._partitions:
            places = await self._send(producer, self._market_records())
            self.sent.unseen |= places
            for partition, offset in sorted(places, reverse=True):
                begins[partition] = min(offset, begins.get(partition, offset))
        await producer.stop()  # it hangs up without a word about its transaction
        self.sent.markers += len(begins)
        return begins
