"""Record batches that lie about themselves, offered to the broker over a connection of our own."""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

# Where things stand in a record batch of Kafka's format 2.
_CRC_AT, _ATTRIBUTES_AT, _COUNT_AT, _RECORDS_AT = 17, 21, 57, 61
_CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4, "a codec that does not exist": 7}


class Lie(NamedTuple):
    """A batch, and what is wrong with it."""

    name: str
    batch: bytes


def lies(key: bytes, value: bytes) -> Iterator[Lie]:
    """A good record in batches that are not what they say; every check sum but one is right."""
    for codec, bits in _CODECS.items():
        yield Lie(f"says {codec}, and is not", _changed(key, value, _says_codec(bits)))
    yield Lie("compressed noise", _changed(key, value, _noise_in_snappy))
    yield Lie("says more records than it has", _changed(key, value, _says_nine_records))
    yield Lie("a wrong check sum", _honest(key, value)[:-1] + b"!")


async def offer(
    brokers: Sequence[str], topic: str, partition: int, batches: Sequence[bytes]
) -> list[int]:
    """Kafka's error code for each batch, 0 where it took it; one request a batch."""
    client = AIOKafkaClient(bootstrap_servers=list(brokers))
    await client.bootstrap()
    try:
        client.set_topics([topic])
        await client.force_metadata_update()
        leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
        answers = []
        for batch in batches:
            request = ProduceRequest(None, -1, 10_000, [(topic, [(partition, batch)])])
            response = await client.send(leader, request)
            ((_, ((_, error_code, *_rest),)),) = response.topics
            answers.append(error_code)
        return answers
    finally:
        await client.close()


def _honest(key: bytes, value: bytes) -> bytes:
    builder = DefaultRecordBatchBuilder(
        2,
        0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    builder.append(0, timestamp=None, key=key, value=value, headers=[])
    return bytes(builder.build())


def _changed(key: bytes, value: bytes, change: Callable[[bytearray], None]) -> bytes:
    batch = bytearray(_honest(key, value))
    change(batch)
    # The length counts what follows it; the check sum everything from the attributes on.
    struct.pack_into(">i", batch, 8, len(batch) - 12)
    struct.pack_into(">I", batch, _CRC_AT, calc_crc32c(bytes(batch[_ATTRIBUTES_AT:])))
    return bytes(batch)


def _says_codec(bits: int) -> Callable[[bytearray], None]:
    def change(batch: bytearray) -> None:
        struct.pack_into(">h", batch, _ATTRIBUTES_AT, bits)

    return change


def _noise_in_snappy(batch: bytearray) -> None:
    struct.pack_into(">h", batch, _ATTRIBUTES_AT, _CODECS["snappy"])
    batch[_RECORDS_AT:] = bytes(range(1, 200))


def _says_nine_records(batch: bytearray) -> None:
    struct.pack_into(">i", batch, _COUNT_AT, 9)
