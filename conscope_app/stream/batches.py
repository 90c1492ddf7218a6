"""Records as the batches in which a transaction sends them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from aiokafka.producer.message_accumulator import BatchBuilder

from conscope_app.core.clock import to_epoch_ms, utc_now
from conscope_app.core.native import NATIVE
from conscope_app.stream.outcome import Written

# A batch must fit the topics' max.message.bytes (1 MiB by default) with its header.
MAX_BATCH_BYTES = 900_000


class Batch(Protocol):
    """What aiokafka sends; the names with an underscore are its own."""

    def record_count(self) -> int:
        """How many records it holds."""

    def size(self) -> int:
        """How many bytes it takes."""

    def _set_producer_state(
        self, producer_id: int, producer_epoch: int, base_sequence: int
    ) -> None: ...

    def _build(self) -> bytes: ...


class PackedBatch:
    """What aiokafka asks of a `BatchBuilder`, around a batch that was packed natively.

    That it asks for nothing else is held by tests/stream/test_batches.py.
    """

    def __init__(self, packed: Any) -> None:
        self._packed = packed
        self._sealed: bytes | None = None

    def record_count(self) -> int:
        return int(self._packed.count)

    def size(self) -> int:
        return int(self._packed.size)

    def close(self) -> None:
        """It takes no more records in any case."""

    def closed(self) -> bool:
        """Always: aiokafka must not add records of its own."""
        return True

    def _set_producer_state(
        self, producer_id: int, producer_epoch: int, base_sequence: int
    ) -> None:
        self._sealed = self._packed.sealed(producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytes:
        assert self._sealed is not None, "only a producer of transactions sends it"
        return self._sealed


def batches(
    outputs: Sequence[Written], new: Callable[[], BatchBuilder], *, kernel: Any = NATIVE.kernel
) -> Iterator[Batch]:
    """All records, in order, in as few batches as take them; `new` gives one of aiokafka's own.

    A batch always takes its first record, however large that is.
    """
    return _built(outputs, new) if kernel is None else _packed(list(outputs), kernel)


def _packed(outputs: list[Written], kernel: Any) -> Iterator[Batch]:
    taken = 0
    while taken < len(outputs):
        packed = kernel.RecordBatch(to_epoch_ms(utc_now()))
        taken = packed.take(outputs, taken, MAX_BATCH_BYTES)
        yield PackedBatch(packed)


def _built(outputs: Sequence[Written], new: Callable[[], BatchBuilder]) -> Iterator[Batch]:
    batch = new()
    for key, value, headers in outputs:
        # The builder takes a list and nothing else.
        own = list(headers)
        if batch.append(key=key, value=value, timestamp=None, headers=own) is None:
            yield batch
            batch = new()
            batch.append(key=key, value=value, timestamp=None, headers=own)
    if batch.record_count():
        yield batch
