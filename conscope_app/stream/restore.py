"""Bring a table's partition up to its changelog."""

import logging
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from conscope_app.core.clock import monotonic_s
from conscope_app.stream.table_partition import TablePartition

logger = logging.getLogger(__name__)

FETCH_BYTES = 4 << 20


async def restore(
    brokers: Sequence[str],
    changelog: str,
    partition: int,
    rows: TablePartition,
    applied: Callable[[int], None],
) -> None:
    """Apply what is committed in the changelog and not yet on this disk.

    Call it after the fence: then nothing is added behind the end that it reads to. Progress goes by
    the reader's position, so that transaction markers and compacted offsets cannot hang it;
    `applied` is told of it.
    """
    source = TopicPartition(changelog, partition)
    reader = AIOKafkaConsumer(
        bootstrap_servers=list(brokers),
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await reader.start()
        reader.assign([source])
        low = (await reader.beginning_offsets([source]))[source]
        end = (await reader.end_offsets([source]))[source]
        if rows.changelog_offset > end:
            # The disk knows more than Kafka: the changelog is another one than it was made from.
            logger.warning("%s: local rows are of another changelog: restoring anew", source)
            rows.wipe()
        await _apply(reader, source, max(low, rows.changelog_offset), end, rows, applied)
    finally:
        await reader.stop()


async def _apply(
    reader: AIOKafkaConsumer,
    source: TopicPartition,
    start: int,
    end: int,
    rows: TablePartition,
    applied: Callable[[int], None],
) -> None:
    reader.seek(source, start)
    began, position, restored = monotonic_s(), start, 0
    while position < end:
        records = (await reader.getmany(source, timeout_ms=1000)).get(source, [])
        position = await reader.position(source)
        rows.write([(record.key, record.value) for record in records], position)
        restored += len(records)
        applied(position)
    if restored:
        seconds = monotonic_s() - began
        logger.info(
            "%s-%d: restored %d rows in %.2f s", source.topic, source.partition, restored, seconds
        )
