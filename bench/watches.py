"""What a price costs those who watch it: `python -m bench.watches`.

First the evaluator alone: 100,000 watches over 10,000 events, ten of each, with a few that are
about everything, and books that stay in memory. Then an eighth of that, as a worker has it in one
of its partitions: prices come as the topic's bytes, the rows that change are encoded and written to
a table on disk, and books that are not in memory are read from there.
"""

import argparse
import gc
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import msgspec

from bench.watched_market import log, signals, watches
from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.core.record import Record
from conscope_app.domains.tickets.watched import read_signal
from conscope_app.stream.books import Books
from conscope_app.stream.table_partition import TablePartition
from conscope_app.stream.watching import Watched, watch

EVALUATOR = {"count": 100_000, "events": 10_000, "about_all": 10, "seats": 100}
PARTITION = {"count": 12_500, "events": 1_250, "about_all": 2, "seats": 20}
RECORDS = 50_000
SLAB = 500


class Result(msgspec.Struct):
    """What a run of the evaluator came to."""

    watches: int
    events: int
    records: int
    evaluations: int
    decisions: int
    changed_rows: int
    records_per_s: float
    evaluations_per_s: float
    cpu_us_per_record: float


class PartitionResult(msgspec.Struct):
    """What a run of a partition came to."""

    watches: int
    events: int
    seats: int
    records: int
    decisions: int
    changed_rows: int
    records_per_s: float
    cpu_us_per_record: float
    slowest_slab_ms: float


def run(
    *, count: int, events: int, about_all: int, records: int, seats: int, moving: float = 1.0
) -> Result:
    """Make the watches, warm the books up, and time the rest."""
    chance = random.Random(7)
    index = WatchIndex(watches(count, events, about_all, chance))
    everything = list(signals(2 * records, events, seats, chance, moving=moving))
    books = {f"evt-{event}": Book(f"evt-{event}") for event in range(events)}
    for signal in everything[:records]:
        observe(books[signal.subject], index, signal, signal.recorded_at)
    evaluations = decisions = rows = 0
    began, began_cpu = perf_counter(), process_time()
    for signal in everything[records:]:
        outcome = observe(books[signal.subject], index, signal, signal.recorded_at)
        evaluations += len(outcome.traces)
        decisions += len(outcome.decisions)
        rows += len(outcome.changes)
    wall, cpu = perf_counter() - began, process_time() - began_cpu
    return Result(
        count,
        events,
        records,
        evaluations,
        decisions,
        rows,
        round(records / wall),
        round(evaluations / wall),
        round(cpu / records * 1e6, 1),
    )


def run_partition(
    folder: Path,
    *,
    count: int,
    events: int,
    about_all: int,
    records: int,
    seats: int,
    moving: float = 1.0,
) -> PartitionResult:
    """Make the watches, see as many prices as are timed afterwards, and time those."""
    chance = random.Random(7)
    made = list(watches(count, events, about_all, chance))
    everything = log(made, signals(2 * records, events, seats, chance, moving=moving))
    rows = TablePartition(folder)
    books = Books(rows)
    for slab in _slabs(everything[:-records]):
        _take(slab, books, rows)
    decisions = changed = 0
    slab_s = []
    gc.collect()
    began, began_cpu = perf_counter(), process_time()
    for slab in _slabs(everything[-records:]):
        slab_began = perf_counter()
        watched = _take(slab, books, rows)
        slab_s.append(perf_counter() - slab_began)
        decisions += len(watched.decisions)
        changed += len(watched.changes)
    wall, cpu = perf_counter() - began, process_time() - began_cpu
    rows.close()
    return PartitionResult(
        count,
        events,
        seats,
        records,
        decisions,
        changed,
        round(records / wall),
        round(cpu / records * 1e6, 1),
        round(max(slab_s) * 1e3, 1),
    )


def _take(slab: Sequence[Record], books: Books, rows: TablePartition) -> Watched:
    """What the agent does with a slab, but for Kafka."""
    watched = watch(slab, books, read_signal)
    rows.write(watched.changes.items(), 0)
    if watched.refused:
        raise RuntimeError(f"refused: {watched.refused[0]}")
    return watched


def _slabs(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[at : at + SLAB] for at in range(0, len(records), SLAB))


def main() -> None:
    """Print what the runs came to, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("evaluator", "partition"))
    parser.add_argument("--watches", type=int, dest="count")
    parser.add_argument("--events", type=int)
    parser.add_argument("--about-all", type=int, help="of the watches")
    parser.add_argument("--seats", type=int, help="of each event")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--moving", type=float, help="the share of prices that have moved")
    given = {name: each for name, each in vars(parser.parse_args()).items() if each is not None}
    only = given.pop("only", None)
    gc.set_threshold(50_000, 20, 50)  # as the worker does
    if only != "partition":
        _show(run(**{**EVALUATOR, **given}))
    if only != "evaluator":
        with TemporaryDirectory() as folder:
            _show(run_partition(Path(folder, "rows"), **{**PARTITION, **given}))


def _show(result: Result | PartitionResult) -> None:
    print(json.dumps(msgspec.to_builtins(result), indent=2), flush=True)


if __name__ == "__main__":
    main()
