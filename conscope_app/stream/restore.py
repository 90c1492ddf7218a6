"""Bring a table's partition up to its changelog."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from conscope_app.core.clock import monotonic_s
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.progress import POSITION_KEY, Progress, decode_progress
from conscope_app.stream.table_partition import TablePartition

logger = logging.getLogger(__name__)

FETCH_BYTES = 4 << 20

# A fetch of markers alone, as the last one often is, gives no record and takes as long as this.
POLL_MS = 100


class Restored(NamedTuple):
    """How far a restore has come: from `start` to `position`, on the way to `end`."""

    start: int
    position: int
    end: int


async def restore(
    brokers: Brokers,
    changelog: str,
    partition: int,
    rows: TablePartition,
    applied: Callable[[Restored], None],
) -> None:
    """Apply what is committed in the changelog and not yet on this disk.

    Call it after the fence: then nothing is added behind the end that it reads to. Progress goes by
    the reader's position, so that transaction markers and compacted offsets cannot hang it;
    `applied` is told of it, from the start on.
    """
    source = TopicPartition(changelog, partition)
    reader = AIOKafkaConsumer(
        **brokers.client_options,
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
        start = max(low, rows.changelog_offset)
        if not await _apply(reader, source, start, end, rows, applied):
            logger.warning("%s: the table was rebuilt: restoring anew", source)
            rows.wipe()
            await _apply(reader, source, low, end, rows, applied)
    finally:
        await reader.stop()


async def _apply(
    reader: AIOKafkaConsumer,
    source: TopicPartition,
    start: int,
    end: int,
    rows: TablePartition,
    applied: Callable[[Restored], None],
) -> bool:
    """Returns False where what the disk holds is of another generation than what follows it.

    A rebuilt table has its position last: what of it was applied before that is wiped as well.
    """
    reader.seek(source, start)
    began, position, restored = monotonic_s(), start, 0
    held = rows.progress
    applied(Restored(start, position, end))
    while position < end:
        records = (await reader.getmany(source, timeout_ms=POLL_MS)).get(source, [])
        position = await reader.position(source)
        if held is not None and any(_is_of_another(held, record) for record in records):
            return False
        rows.write([(record.key, record.value) for record in records], position)
        restored += len(records)
        applied(Restored(start, position, end))
    if restored:
        seconds = monotonic_s() - began
        logger.info(
            "%s-%d: restored %d rows in %.2f s", source.topic, source.partition, restored, seconds
        )
    return True


def _is_of_another(held: Progress, record: ConsumerRecord) -> bool:
    if record.key != POSITION_KEY or record.value is None:
        return False
    return decode_progress(record.value).generation != held.generation
