"""What the page shows of live pages."""

from bench.report import columns
from bench.report.conditions import condition
from bench.report.contestants import CONSCOPE
from bench.report.figures import by_parameter
from bench.report.quantities import MEGABYTES, MILLISECONDS, PERCENT, TIMES
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
        columns.median("detection ÷ without", "rate_ratio", TIMES),
        columns.median("CPU, %", "cpu_percent", PERCENT),
        columns.median("without, %", "cpu_percent_alone", PERCENT),
        columns.median("memory at first, MB", "memory_first_mb", MEGABYTES),
        columns.peak("at last, MB", "memory_last_mb", MEGABYTES),
        columns.repetitions(),
    ]
    lines = [((condition("clients", value),), runs) for value, runs in clients.items()]
    return columns.measured(("",), lines, shown)
