"""What the page shows of each scenario."""

from collections.abc import Sequence

from bench.report import columns
from bench.report.conditions import condition, conditions
from bench.report.contestants import CONSCOPE, DETECTION, STORAGE, Contestant, lineup
from bench.report.figures import by_parameter, middle, ratio
from bench.report.growth import VARIED, runs_of, series, usual
from bench.report.markdown import plain
from bench.report.quantities import (
    MEGABYTES,
    MESSAGES_PER_S,
    MICROSECONDS,
    MILLISECONDS,
    PERCENT,
    RECORDS_PER_S,
    ROWS_PER_S,
    SEATS_PER_S,
    SECONDS,
)
from bench.report.targets import TEN_THOUSAND
from bench.run import Results, Run

_RATE = columns.median("records/s", "records_per_s", RECORDS_PER_S)
_RATES = columns.extent("records_per_s", RECORDS_PER_S)
_CPU = columns.median("CPU a record, µs", "cpu_us_per_record", MICROSECONDS)
_BROKER = columns.median("broker's, µs", "broker_cpu_us_per_record", MICROSECONDS)
_MEMORY = columns.peak("peak memory, MB", "peak_memory_mb", MEGABYTES)
_RUNS = columns.repetitions()


def missing(results: Results, scenario: str) -> str:
    """What stands in the place of a scenario without a run that counts."""
    if any(run.scenario == scenario for run in results.runs):
        return "Not measured in this run: no run of it had the right outcome."
    return "Not measured in this run."


def detection(results: Results) -> str:
    """Every contestant's rate beside ConScope's."""
    return _compared(
        results,
        "detection",
        DETECTION,
        ("contestant", "guarantee"),
        [
            _RATE,
            _RATES,
            columns.behind("ConScope ÷ it", "records_per_s", results.of("detection", CONSCOPE)),
            _CPU,
            _BROKER,
            _MEMORY,
            _RUNS,
        ],
    )


def storage(results: Results) -> str:
    """Rows a second into Postgres."""
    return _compared(
        results,
        "storage",
        STORAGE,
        ("contestant", "how"),
        [
            columns.median("rows/s", "rows_per_s", ROWS_PER_S),
            columns.extent("rows_per_s", ROWS_PER_S),
            columns.behind("ConScope ÷ it", "rows_per_s", results.of("storage", CONSCOPE)),
            columns.median("CPU a row, µs", "cpu_us_per_row", MICROSECONDS),
            columns.median("Postgres', µs", "postgres_cpu_us_per_row", MICROSECONDS),
            _MEMORY,
            _RUNS,
        ],
    )


def _compared(
    results: Results,
    scenario: str,
    known: Sequence[Contestant],
    names: Sequence[str],
    shown: Sequence[columns.Column],
) -> str:
    if not results.of(scenario):
        return missing(results, scenario)
    lines = [
        ((plain(each.title), plain(each.guarantee)), results.of(scenario, each.name))
        for each in lineup(known, results, scenario)
    ]
    return columns.measured(names, lines, shown)


def pipeline(results: Results) -> str:
    """Detection, storage and alerts together, and what a second worker adds."""
    workers = by_parameter(results.of("pipeline", CONSCOPE), "workers")
    if not workers:
        return missing(results, "pipeline")
    shown = [
        _RATE,
        _RATES,
        columns.beside("÷ one worker's", "records_per_s", workers.get(1, [])),
        _CPU,
        _BROKER,
        columns.median("Postgres', µs", "postgres_cpu_us_per_record", MICROSECONDS),
        _MEMORY,
        _RUNS,
    ]
    return _by_condition("workers", workers, shown)


def latency(results: Results) -> str:
    """From the append to the processed record, to the row, to Discord's stand-in."""
    rates = by_parameter(results.of("latency", CONSCOPE), "rate")
    if not rates:
        return missing(results, "latency")
    stations = (("processed", "processed"), ("row", "row"), ("Discord", "told"))
    shown = [each for station in stations for each in _centiles(*station)]
    return _by_condition("rate", rates, [*shown, _RUNS])


def watch_latency(results: Results) -> str:
    """From the append to the decision of a watch, and to Discord's stand-in."""
    rates = by_parameter(results.of("watch_latency", CONSCOPE), "rate")
    if not rates:
        return missing(results, "watch_latency")
    shown = [
        columns.median("messages/s", "messages_per_s", MESSAGES_PER_S),
        *_centiles("decision", "decided"),
        *_centiles("Discord", "told"),
    ]
    return _by_condition("rate", rates, [*shown, _RUNS])


def watch_scale(results: Results) -> str:
    """Whether a worker keeps up with as many watches, and what it takes."""
    watches = by_parameter(results.of("watch_scale", CONSCOPE), "watches")
    if not watches:
        return missing(results, "watch_scale")
    shown = [
        columns.median("caught up after, s", "caught_up_s", SECONDS),
        *_centiles("decision", "decided"),
        columns.median("decisions/s", "decisions_per_s", RECORDS_PER_S),
        _CPU,
        _BROKER,
        columns.median("Postgres', µs", "postgres_cpu_us_per_record", MICROSECONDS),
        _MEMORY,
        columns.median("start, s", "taken_in_s", SECONDS),
        columns.median("published/s", "published_per_s", RECORDS_PER_S),
    ]
    return _by_condition("watches", watches, [*shown, _RUNS])


def _centiles(station: str, figure: str) -> list[columns.Column]:
    return [
        columns.median(f"{station}, {centile}", f"{figure}_{centile}_ms", MILLISECONDS)
        for centile in ("p50", "p99")
    ]


def _by_condition(
    parameter: str, groups: dict[float, list[Run]], shown: Sequence[columns.Column]
) -> str:
    lines = [((condition(parameter, value),), runs) for value, runs in groups.items()]
    return columns.measured(("",), lines, shown)


def seats(results: Results) -> str:
    """How the size of the state tells: while it runs, at a restart, and when it is restored."""
    if not results.of("seats"):
        return missing(results, "seats")
    few = results.of("seats", CONSCOPE, seats=TEN_THOUSAND)
    lines = [
        ((plain(each.name), condition("seats", value)), runs)
        for each in lineup(DETECTION[:1], results, "seats")
        for value, runs in by_parameter(results.of("seats", each.name), "seats").items()
    ]
    return columns.measured(
        ("contestant", ""),
        lines,
        [
            _RATE,
            columns.beside("÷ ConScope's at 10,000", "records_per_s", few),
            _CPU,
            _MEMORY,
            columns.median("restart, s", "restart_s", SECONDS),
            columns.median("restore, seats/s", "restore_seats_per_s", SEATS_PER_S),
            _RUNS,
        ],
    )


def growth(results: Results) -> str:
    """One condition varied at a time."""
    runs = runs_of(results, CONSCOPE)
    if not runs:
        return missing(results, "growth")
    lines = [
        ((condition(varied, value),), found)
        for varied in VARIED
        for value, found in series(runs, varied).items()
    ]
    told = columns.measured(("",), lines, [_RATE, _RATES, _CPU, _RUNS])
    return f"As usual means {conditions(usual(runs))}.\n\n{told}"


def scaling(results: Results) -> str:
    """What more workers cost a record."""
    workers = by_parameter(results.of("scaling", CONSCOPE), "workers")
    if not workers:
        return missing(results, "scaling")
    shown = [
        _CPU,
        columns.beside("÷ one worker's", "cpu_us_per_record", workers.get(1, [])),
        columns.Column("records/s by CPU", lambda runs: RECORDS_PER_S.bare(_by_accounting(runs))),
        columns.median("records/s here", "records_per_s", RECORDS_PER_S),
        _RUNS,
    ]
    return _by_condition("workers", workers, shown)


def _by_accounting(runs: Sequence[Run]) -> float | None:
    """What so many workers would do with a whole core each."""
    return ratio(1_000_000 * runs[0].parameters["workers"], middle(runs, "cpu_us_per_record"))


def idle(results: Results) -> str:
    """What a worker takes that has nothing to do."""
    runs = results.of("idle", CONSCOPE)
    if not runs:
        return missing(results, "idle")
    shown = [
        columns.median("of one core, %", "cpu_percent", PERCENT),
        columns.peak("memory, MB", "memory_mb", MEGABYTES),
        _RUNS,
    ]
    return columns.measured(("",), [(("one worker",), runs)], shown)
