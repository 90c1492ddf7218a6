"""What a record costs in Python and natively: `python -m bench.kernel`.

Detection's fold of raw prices, and the rows of `price_history` that storage makes of processed
ones. Processor time of this process alone, over slabs as the worker has them, with no Kafka, no
table and no database behind them. Python and what is in use take turns, so that a machine that is
busy is so for both.
"""

import gc
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

from aiokafka.structs import ConsumerRecord

from bench.workload import Workload
from conscope_app.core.clock import to_epoch_ms, utc_now
from conscope_app.core.record import Record
from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import Track
from conscope_app.domains.tickets.detection import DETECTION, track
from conscope_app.store.tickets.rows import translate_processed

RECORDS, SEATS, SLAB = 40_000, 2_000, 1_000
ROUNDS = 7

Change = Callable[[int, bytes], bytes]
# Works on one slab after the other.
Work = Callable[[list[Record]], Any]

# What part of the records the native kernel leaves to Python, and how they come.
FORMS: dict[str, Change] = {
    "every record plain": lambda _at, value: value,
    "one in ten with an escape": lambda at, value: value if at % 10 else _escaped(value),
    "every other one with an escape": lambda at, value: value if at % 2 else _escaped(value),
    "every record with an escape": lambda _at, value: _escaped(value),
    "no record is JSON": lambda _at, value: value[:-1],
}


def main() -> None:
    """Print a row for each stage and form."""
    gc.set_threshold(50_000, 20, 50)  # as the worker does
    print(f"{DETECTION.said}\n")
    _compare("detection", _raw, partial(_folding, tracking.track), partial(_folding, track))
    _compare(
        "rows of price_history",
        _processed,
        lambda: partial(translate_processed, kernel=None),
        lambda: translate_processed,
    )


def _compare(
    stage: str,
    records_of: Callable[[Change], list[Record]],
    python: Callable[[], Work],
    in_use: Callable[[], Work],
) -> None:
    print(f"{stage + ', µs of processor time a record':52} Python  in use  ratio")
    for form, change in FORMS.items():
        records = records_of(change)
        gc.collect()
        gc.freeze()
        measured = [
            (_cost_us(python(), records), _cost_us(in_use(), records)) for _ in range(ROUNDS)
        ]
        slow, fast = (median(column) for column in zip(*measured, strict=True))
        print(f"{form:51} {slow:7.2f} {fast:7.2f} {slow / fast:6.1f}")
    print()


def _raw(change: Change) -> list[Record]:
    now = utc_now()
    prices = Workload(records=RECORDS - SEATS, seats=SEATS).prices(now)
    return [
        _record("raw_prices", at, to_epoch_ms(now), price.key, change(at, price.value))
        for at, price in enumerate(prices)
    ]


def _processed(change: Change) -> list[Record]:
    raw = _raw(lambda _at, value: value)
    sent: Sequence[tuple[bytes | None, bytes | None, Any]]
    sent = track(raw, lambda _key: None, 0, lambda _key: 0).processed
    return [
        _record("processed_prices", at, raw[at].timestamp, key, change(at, value or b""))
        for at, (key, value, _) in enumerate(sent)
    ]


def _record(topic: str, offset: int, timestamp: int, key: bytes | None, value: bytes) -> Record:
    record: Record = ConsumerRecord(
        topic=topic,
        partition=0,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=1,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key or b""),
        serialized_value_size=len(value),
        headers=(),
    )
    return record


def _folding(track: Track) -> Work:
    table: dict[bytes, bytes] = {}

    def fold(slab: list[Record]) -> Any:
        tracked = track(slab, table.get, 0, lambda _key: 0)
        table.update(tracked.changes)
        return tracked

    return fold


def _cost_us(work: Work, records: list[Record]) -> float:
    """The median slab's processor time, over its records."""
    return median(
        _slab_cost_us(work, records[begin : begin + SLAB]) for begin in range(0, len(records), SLAB)
    )


def _slab_cost_us(work: Work, slab: list[Record]) -> float:
    began = time.process_time()
    work(slab)
    return (time.process_time() - began) / len(slab) * 1e6


def _escaped(value: bytes) -> bytes:
    return value.replace(b'"venue":"', b'"venue":"\\u0041 ', 1)


if __name__ == "__main__":
    main()
