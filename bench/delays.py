"""How long records took from their append to somewhere: what everything needs that tells it."""

import statistics
import time
from collections.abc import Mapping

from confluent_kafka import Consumer, TopicPartition

from bench.stage import RAW_PRICES

Times = Mapping[str, float]  # milliseconds since 1970, by record id

_WITHIN_S = 60.0
_WAIT_S = 0.5
_AT_ONCE = 10_000


def appended(bootstrap: str, ends: Mapping[int, int]) -> Times:
    """When Kafka appended each raw price."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(RAW_PRICES, at, 0) for at in ends])
    times: dict[str, float] = {}
    until = time.monotonic() + _WITHIN_S
    try:
        while len(times) < sum(ends.values()):
            messages = consumer.consume(min(_AT_ONCE, sum(ends.values()) - len(times)), _WAIT_S)
            if not messages and time.monotonic() > until:
                raise RuntimeError(f"{len(times)} raw prices were read of {sum(ends.values())}")
            for message in messages:
                record_id = f"{RAW_PRICES}-{message.partition()}-{message.offset()}"
                times[record_id] = message.timestamp()[1]
    finally:
        consumer.close()
    return times


def centiles(begins: Times, seen: Times) -> dict[str, float]:
    """Of those that were seen; nothing of fewer than two."""
    took = sorted(seen[key] - at for key, at in begins.items() if key in seen)
    if len(took) < 2:
        return {}
    hundredths = statistics.quantiles(took, n=100)
    return {
        "p50_ms": round(hundredths[49], 1),
        "p90_ms": round(hundredths[89], 1),
        "p99_ms": round(hundredths[98], 1),
        "max_ms": round(took[-1], 1),
        "count": len(took),
    }
