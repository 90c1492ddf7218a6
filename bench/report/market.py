"""What the page shows of a large market's pages."""

from bench.report import columns
from bench.report.conditions import condition
from bench.report.contestants import CONSCOPE
from bench.report.figures import by_parameter
from bench.report.quantities import MICROSECONDS, MILLISECONDS
from bench.report.tables import missing
from bench.run import Results


def market(results: Results) -> str:
    """How soon pages and answers come, and what was done for that before."""
    rows = by_parameter(results.of("market", CONSCOPE), "rows")
    if not rows:
        return missing(results, "market")
    shown = [
        columns.median("overview, ms", "overview_ms", MILLISECONDS),
        columns.median("event page, ms", "event_ms", MILLISECONDS),
        columns.median("API, p50, ms", "api_p50_ms", MILLISECONDS),
        columns.median("API, p95, ms", "api_p95_ms", MILLISECONDS),
        columns.median("rolling up a row, µs", "fold_cpu_us_per_row", MICROSECONDS),
        columns.median("its quartiles, µs", "count_cpu_us_per_row", MICROSECONDS),
        columns.repetitions(),
    ]
    lines = [((condition("rows", value),), runs) for value, runs in rows.items()]
    return columns.measured(("",), lines, shown)
