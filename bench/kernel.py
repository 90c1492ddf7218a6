"""What detection's fold costs a record, in Python and natively: `python -m bench.kernel`.

Processor time of this process alone, over slabs as the worker has them, with no Kafka and no table
behind them. Both kinds of fold take turns, so that a machine that is busy is so for both.
"""

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median

from aiokafka.structs import ConsumerRecord

from bench.workload import Workload
from conscope_app.core.clock import to_epoch_ms, utc_now
from conscope_app.core.record import Record
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import Track
from conscope_app.domains.tickets.detection import DETECTION, track

RECORDS, SEATS, SLAB = 40_000, 2_000, 1_000
ROUNDS = 7

Change = Callable[[int, bytes], bytes]

# What part of the records the native kernel leaves to Python, and how they come.
FORMS: dict[str, Change] = {
    "every record plain": lambda _at, value: value,
    "one in ten with an escape": lambda at, value: value if at % 10 else _escaped(value),
    "every other one with an escape": lambda at, value: value if at % 2 else _escaped(value),
    "every record with an escape": lambda _at, value: _escaped(value),
    "no record is JSON": lambda _at, value: value[:-1],
}


def main() -> None:
    """Print a row for each form."""
    gc.set_threshold(50_000, 20, 50)  # as the worker does
    print(f"{DETECTION.said}\n")
    print("µs of processor time a record         Python  in use  ratio")
    for form, change in FORMS.items():
        records = _records(change)
        gc.collect()
        gc.freeze()
        measured = [
            (_cost_us(tracking.track, records), _cost_us(track, records)) for _ in range(ROUNDS)
        ]
        python, in_use = (median(column) for column in zip(*measured, strict=True))
        print(f"{form:36} {python:7.2f} {in_use:7.2f} {python / in_use:6.1f}")


def _records(change: Change) -> list[Record]:
    now = utc_now()
    prices = Workload(records=RECORDS - SEATS, seats=SEATS).prices(now)
    return [
        ConsumerRecord(
            topic="raw_prices",
            partition=0,
            offset=at,
            timestamp=to_epoch_ms(now),
            timestamp_type=1,
            key=price.key,
            value=change(at, price.value),
            checksum=None,
            serialized_key_size=len(price.key),
            serialized_value_size=len(price.value),
            headers=(),
        )
        for at, price in enumerate(prices)
    ]


def _cost_us(track: Track, records: list[Record]) -> float:
    """The median slab's processor time, over its records."""
    table: dict[bytes, bytes] = {}
    return median(_slab_costs_us(track, records, table))


def _slab_costs_us(
    track: Track, records: list[Record], table: dict[bytes, bytes]
) -> Iterator[float]:
    for begin in range(0, len(records), SLAB):
        slab = records[begin : begin + SLAB]
        began = time.process_time()
        tracked = track(slab, table.get, 0, lambda _key: 0)
        yield (time.process_time() - began) / len(slab) * 1e6
        table |= tracked.changes


def _escaped(value: bytes) -> bytes:
    return value.replace(b'"venue":"', b'"venue":"\\u0041 ', 1)


if __name__ == "__main__":
    main()
