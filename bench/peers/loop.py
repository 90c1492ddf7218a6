"""A bare confluent-kafka loop: what Python can do at most when it keeps nothing.

It decodes and encodes the same types as ConScope, with the same library; its state is a dictionary
that dies with it, it commits no position, and it asks for no confirmation.
"""

import signal
from decimal import Decimal

import msgspec
from confluent_kafka import Consumer, KafkaException, Message, Producer

from bench.peers.options import Options, read_options
from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.money import difference, percent_of
from conscope_app.domains.tickets.records import Drop, Movement, PriceEvent, encode, joined

_AT_ONCE = 2_000
_WAIT_S = 0.1

_decode = msgspec.json.Decoder(PriceEvent).decode


class Loop:
    """Reads, compares, writes, until it is told to stop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._running = True
        self._last_prices: dict[bytes, Decimal] = {}
        self._consumer = Consumer(
            {
                "bootstrap.servers": options.bootstrap,
                "group.id": options.group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )
        # librdkafka's own advice for throughput: wait longer for larger batches, and queue more.
        # https://github.com/confluentinc/librdkafka/blob/master/INTRODUCTION.md#high-throughput
        self._producer = Producer(
            {
                "bootstrap.servers": options.bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 100,
                "batch.num.messages": 10_000,
                "queue.buffering.max.messages": 1_000_000,
            }
        )

    def stop(self, *_: object) -> None:
        """End after the records at hand; a signal's handler."""
        self._running = False

    def run(self) -> None:
        """Until `stop`."""
        self._consumer.subscribe([self._options.input])
        while self._running:
            for message in self._consumer.consume(_AT_ONCE, _WAIT_S):
                self._take(message)
            self._producer.poll(0)
        self._consumer.close()
        self._producer.flush()

    def _take(self, message: Message) -> None:
        error, key, value = message.error(), message.key(), message.value()
        if error is not None:
            raise KafkaException(error)
        assert isinstance(key, bytes) and isinstance(value, bytes), "neither key nor value is null"
        event = _decode(value)
        record_id = f"{message.topic()}-{message.partition()}-{message.offset()}"
        move = _movement(event.price, self._last_prices.get(key), record_id)
        self._last_prices[key] = event.price
        encoded = encode(event)
        self._produce(self._options.processed, joined(encoded, move), key)
        if move.kind == "drop":
            drop = _drop(event.price, move, message.timestamp()[1])
            self._produce(self._options.alerts, joined(encoded, drop), key)

    def _produce(self, topic: str, value: bytes, key: bytes) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key)
            except BufferError:
                self._producer.poll(_WAIT_S)  # the queue is full
            else:
                return


def _movement(price: Decimal, old_price: Decimal | None, record_id: str) -> Movement:
    if old_price is None:
        return Movement(id=record_id, kind="new", old_price=None, change=None, change_percent=None)
    change = difference(price, old_price)
    return Movement(
        id=record_id,
        kind="drop" if change < 0 else "rise" if change else "same",
        old_price=old_price,
        change=change,
        change_percent=percent_of(change, old_price),
    )


def _drop(price: Decimal, move: Movement, appended_at_ms: int) -> Drop:
    assert move.old_price is not None, "a drop compares with a price"
    assert move.change is not None and move.change_percent is not None, "and so it has a change"
    return Drop(
        id=move.id,
        old_price=move.old_price,
        new_price=price,
        drop_amount=move.change.copy_negate(),
        drop_percent=move.change_percent.copy_negate(),
        alert_timestamp=from_epoch_ms(appended_at_ms),
    )


if __name__ == "__main__":
    loop = Loop(read_options())
    signal.signal(signal.SIGTERM, loop.stop)
    loop.run()
