"""A steady stream into `raw_prices`, as a process of its own: so many records a second, evenly."""

import argparse
import sys
from itertools import islice

from confluent_kafka import Producer

from bench.stage import RAW_PRICES
from bench.workload import Workload
from conscope_app.core.clock import monotonic_s, utc_now

_TICK_S = 0.01

# A source sends what has come up in some milliseconds together (conscope_app/sources/pacing.py: up
# to 50 ms); with librdkafka's 5 ms the broker would work most for requests of three records.
_LINGER_MS = 20


def main() -> int:
    """Send for so long, and print how many went out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--rate", type=float, required=True, help="records a second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seats", type=int, default=10_000)
    parser.add_argument("--seats-an-event", type=int, default=500)
    parser.add_argument(
        "--seen", action="store_true", help="each seat has been sent already: go on from there"
    )
    parser.add_argument("--drop-share", type=float, required=True)
    options = parser.parse_args()
    records = round(options.rate * options.seconds)
    workload = Workload(
        records=records,
        seats=options.seats,
        seats_an_event=options.seats_an_event,
        drop_share=options.drop_share,
    )
    producer = Producer(
        {
            "bootstrap.servers": options.bootstrap,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": _LINGER_MS,
        }
    )
    prices = workload.prices(utc_now())
    for price in islice(prices, options.seats):
        if options.seen:
            continue
        producer.produce(RAW_PRICES, price.value, price.key)
        producer.poll(0)
    producer.flush(60)
    began_s, sent = monotonic_s(), 0
    print(f"seats are seen: {options.seats}", flush=True)
    for price in prices:
        while sent > (monotonic_s() - began_s) * options.rate:
            producer.poll(_TICK_S)
        producer.produce(RAW_PRICES, price.value, price.key)
        sent += 1
    left = producer.flush(60)
    print(f"sent: {sent - left}", flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
