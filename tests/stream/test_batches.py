"""Batches of records: what aiokafka's builder makes, and what is packed natively."""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder, MessageBatch
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.native import NATIVE
from conscope_app.stream.batches import MAX_BATCH_BYTES, Batch, PackedBatch, batches
from conscope_app.stream.outcome import Written
from tests.native import needs_native

MOMENT_MS = 1_790_000_000_123
PRODUCER = (77, 3, 12_345)

pieces = st.none() | st.binary(max_size=300)
headers = st.lists(st.tuples(st.text(max_size=5), pieces), max_size=3)
records = st.lists(
    st.tuples(pieces, pieces, headers).filter(lambda it: it[:2] != (None, None)), max_size=200
)


@pytest.fixture(scope="module", params=["python", pytest.param("native", marks=needs_native)])
def made(request: pytest.FixtureRequest) -> Callable[[Sequence[Written]], Iterator[Batch]]:
    """Batches in either way."""
    kernel = NATIVE.kernel if request.param == "native" else None
    return lambda outputs: batches(outputs, new_batch, kernel=kernel)


def new_batch() -> BatchBuilder:
    """An empty one, as a producer of transactions gives it."""
    return BatchBuilder(MAX_BATCH_BYTES, 0, is_transactional=1)


def sealed(batch: Batch) -> bytes:
    """The batch as it is sent."""
    batch._set_producer_state(*PRODUCER)
    return bytes(batch._build())


def read(batch: bytes) -> list[Written]:
    """What a consumer finds in it; checks its checksum."""
    found = MemoryRecords(batch).next_batch()
    assert found is not None
    assert found.validate_crc()
    assert found.is_transactional
    assert (found.producer_id, found.producer_epoch, found.base_sequence) == PRODUCER
    return [(record.key, record.value, list(record.headers)) for record in found]


@given(outputs=records)
def test_all_records_come_in_order(
    made: Callable[[Sequence[Written]], Iterator[Batch]], outputs: list[Written]
) -> None:
    """Keys and values that are null, headers of any kind."""
    found = [record for batch in made(outputs) for record in read(sealed(batch))]

    assert found == outputs


def test_a_batch_is_as_large_as_a_topic_takes(
    made: Callable[[Sequence[Written]], Iterator[Batch]],
) -> None:
    """A record that alone is larger has one for itself: the broker says whether it takes that."""
    sizes = [400_000, 400_000, 400_000, 10, MAX_BATCH_BYTES + 1, 10]
    outputs: list[Written] = [(b"key", bytes(size), ()) for size in sizes]

    made_of = [(batch.record_count(), batch.size(), sealed(batch)) for batch in made(outputs)]

    assert [count for count, _, _ in made_of] == [2, 2, 1, 1]
    assert all(size == len(batch) for _, size, batch in made_of)
    assert [size <= MAX_BATCH_BYTES for _, size, _ in made_of] == [True, True, False, True]


@needs_native
@given(outputs=records.filter(len), moment_ms=st.integers(0, 2**42))
def test_the_bytes_are_those_of_aiokafka(outputs: list[Written], moment_ms: int) -> None:
    """What brokers take from it, they take from us."""
    theirs = DefaultRecordBatchBuilder(
        2,
        0,
        is_transactional=1,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 30,
    )
    for place, (key, value, its_headers) in enumerate(outputs):
        theirs.append(place, moment_ms, key, value, list(its_headers))
    theirs.set_producer_state(*PRODUCER)
    ours = NATIVE.kernel.RecordBatch(moment_ms)

    assert ours.take(outputs, 0, 1 << 30) == len(outputs)
    assert ours.sealed(*PRODUCER) == bytes(theirs.build())


@needs_native
@pytest.mark.parametrize("record", [None, (b"key", "text", ()), (b"key", b"v", [("name", 5)])])
def test_what_is_no_record_is_an_error(record: object) -> None:
    """And leaves the batch as it was."""
    batch = NATIVE.kernel.RecordBatch(MOMENT_MS)
    batch.take([(b"key", b"value", ())], 0, MAX_BATCH_BYTES)

    with pytest.raises(TypeError):
        batch.take([record], 0, MAX_BATCH_BYTES)

    assert batch.count == 1
    assert read(batch.sealed(*PRODUCER)) == [(b"key", b"value", [])]


def test_aiokafka_asks_a_batch_for_nothing_else() -> None:
    """Another version might: it must fail here, not in production."""
    asked = set(re.findall(r"self\._builder\.(\w+)", inspect.getsource(MessageBatch)))

    assert asked - {"append"} <= {name for name in dir(PackedBatch) if not name.startswith("__")}
    assert asked <= set(dir(BatchBuilder))
