"""What the page shows of live pages."""

from bench.report import columns
from bench.report.conditions import condition
from bench.report.contestants import CONSCOPE
from bench.report.figures import by_parameter
from bench.report.quantities import (
    MEGABYTES,
    MICROSECONDS,
    MILLISECONDS,
    PERCENT,
    RECORDS_PER_S,
    TIMES,
)
from bench.report.tables import missing
from bench.run import Results

_AGES = ("p50", "p99", "max")


def live_clients(results: Results) -> str:
    """How old live pages are, and what they cost."""
    clients = by_parameter(results.of("live_clients", CONSCOPE), "clients")
    if not clients:
        return missing(results, "live_clients")
    shown = [
        *(columns.median(f"age, {each}", f"age_{each}_ms", MILLISECONDS) for each in _AGES),
        columns.median("CPU, %", "cpu_percent", PERCENT),
        columns.median("without, %", "cpu_percent_alone", PERCENT),
        columns.median("memory at first, MB", "memory_first_mb", MEGABYTES),
        columns.peak("at last, MB", "memory_last_mb", MEGABYTES),
        columns.repetitions(),
    ]
    lines = [((condition("clients", value),), runs) for value, runs in clients.items()]
    return columns.measured(("",), lines, shown)


def live_bursts(results: Results) -> str:
    """What detection does beside live pages."""
    clients = by_parameter(results.of("live_bursts", CONSCOPE), "clients")
    if not clients:
        return missing(results, "live_bursts")
    shown = [
        columns.median("records/s", "records_per_s", RECORDS_PER_S),
        columns.median("without", "records_per_s_alone", RECORDS_PER_S),
        columns.median("÷ without", "rate_ratio", TIMES),
        columns.median("CPU a record, µs", "cpu_us_per_record", MICROSECONDS),
        columns.median("without, µs", "cpu_us_per_record_alone", MICROSECONDS),
        columns.repetitions(),
    ]
    lines = [((condition("clients", value),), runs) for value, runs in clients.items()]
    return columns.measured(("",), lines, shown)
