"""When records became visible, noted by a reader of committed records as they arrive."""

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple, Self

import msgspec
from confluent_kafka import Consumer, TopicPartition

_AT_ONCE = 1_000
_POLL_S = 0.05


class _WithId(msgspec.Struct, gc=False):
    id: str


class Arrival(NamedTuple):
    """A record, and when it came, in milliseconds since 1970."""

    partition: int
    value: bytes
    at_ms: float


_decode = msgspec.json.Decoder(_WithId).decode


class Arrivals:
    """Reads a topic from its present end, in a thread, until it is left."""

    def __init__(self, bootstrap: str, topic: str, ends: dict[int, int]) -> None:
        self.seen: list[Arrival] = []
        self._over = threading.Event()
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench-arrivals",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 50,
                "fetch.min.bytes": 1,
            }
        )
        self._consumer.assign([TopicPartition(topic, at, end) for at, end in ends.items()])
        self._thread = threading.Thread(target=self._watch, name=f"arrivals-{topic}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._consumer.close()

    def by_id(self) -> Iterator[tuple[str, float]]:
        """Each record's id, and when it arrived, in milliseconds since 1970."""
        for each in self.seen:
            yield _decode(each.value).id, each.at_ms

    def _watch(self) -> None:
        while not self._over.is_set():
            # Asked for several, it would wait for all of them.
            first = self._consumer.poll(_POLL_S)
            messages = [first, *self._consumer.consume(_AT_ONCE, 0)] if first is not None else []
            # Kafka's own times, with which these are compared, are the system clock's.
            at_ms = time.time_ns() / 1e6
            self.seen += [
                Arrival(message.partition() or 0, message.value() or b"", at_ms)
                for message in messages
            ]
