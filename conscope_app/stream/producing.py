"""Producers of transactions: one a partition of a table, of which only the newest can commit."""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.batches import MAX_BATCH_BYTES, batches
from conscope_app.stream.outcome import Written

logger = logging.getLogger(__name__)

# The largest raw record (1 MiB) fits `raw_prices.dead` with its headers.
MAX_REQUEST_BYTES = 4_000_000

# How long the broker may take to answer before the transaction is given up and opened again.
REQUEST_TIMEOUT_MS = 15_000


def transactional_id(application: str, table: str, partition: int) -> str:
    """Under which name the owner of a table's partition writes."""
    return f"{application}-{table}-{partition}"


async def fence(brokers: Brokers, name: str, *, transaction_timeout_s: float) -> AIOKafkaProducer:
    """A started producer under this transactional id: older owners cannot commit any more.

    Returns when what an older owner had begun is committed or aborted.
    """
    producer = AIOKafkaProducer(
        **brokers.client_options,
        transactional_id=name,
        acks="all",
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        transaction_timeout_ms=int(transaction_timeout_s * 1000),
    )
    try:
        await producer.start()
    except BaseException:
        await stop(producer)
        raise
    return producer


async def send(
    producer: AIOKafkaProducer, topic: str, partition: int, outputs: Sequence[Written]
) -> list[asyncio.Future[RecordMetadata]]:
    """Send as batches; one future each. aiokafka's own `send` would cost several times as much."""
    return [
        await producer.send_batch(batch, topic, partition=partition)
        for batch in batches(outputs, producer.create_batch)
    ]


async def stop(producer: AIOKafkaProducer) -> None:
    """Let go of a producer, whatever state it is in."""
    # Stopping flushes what is queued, which never ends while the broker is away.
    try:
        await asyncio.wait_for(producer.stop(), timeout=10)
    except (KafkaError, TimeoutError) as error:
        logger.warning("a producer did not stop cleanly: %r", error)
        await producer.client.close()
