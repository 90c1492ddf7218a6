"""How long records took from their append to somewhere: what everything needs that tells it."""

import statistics
from collections.abc import Mapping

from bench.reading import messages
from bench.stage import RAW_PRICES

Times = Mapping[str, float]  # milliseconds since 1970, by record id


def appended(
    bootstrap: str, ends: Mapping[int, int], begins: Mapping[int, int] | None = None
) -> Times:
    """When Kafka appended each raw price that is there, or each after `begins`."""
    times: dict[str, float] = {}
    for message in messages(bootstrap, RAW_PRICES, ends, begins):
        record_id = f"{RAW_PRICES}-{message.partition()}-{message.offset()}"
        times[record_id] = message.timestamp()[1]
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
