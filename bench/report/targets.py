"""What was aimed at, as values: each is computed from the runs, and from nothing else."""

from bench.report.contestants import BARE_LOOP, CONSCOPE, COPY, KAFKA_STREAMS, QUIX_STREAMS
from bench.report.figures import middle, most, ratio
from bench.report.quantities import (
    MEGABYTES,
    MILLISECONDS,
    PERCENT,
    RECORDS_PER_S,
    SEATS_PER_S,
    SECONDS,
    TIMES,
    Unit,
)
from bench.report.target import Bound, Measure, Target

MILLION, TEN_THOUSAND = 1_000_000, 10_000
MANY_WATCHES = 100_000
MANY_ROWS = 10_000_000


def _beside(contestant: str, figure: str, scenario: str) -> Measure:
    """ConScope's figure in units of the other's."""
    return lambda results: ratio(
        middle(results.of(scenario, CONSCOPE), figure),
        middle(results.of(scenario, contestant), figure),
    )


def _own(figure: str, scenario: str, **parameters: float) -> Measure:
    return lambda results: middle(results.of(scenario, CONSCOPE, **parameters), figure)


def _largest(figure: str, scenario: str, **parameters: float) -> Measure:
    return lambda results: most(results.of(scenario, CONSCOPE, **parameters), figure)


def _grown(figure: str, scenario: str, parameter: str, value: float, base: float) -> Measure:
    """ConScope's figure under one condition in units of its figure under another."""
    return lambda results: ratio(
        middle(results.of(scenario, CONSCOPE, **{parameter: value}), figure),
        middle(results.of(scenario, CONSCOPE, **{parameter: base}), figure),
    )


def _flat(scenario: str, **parameters: float) -> Measure:
    """The last memory in units of the first."""
    return lambda results: ratio(
        _largest("memory_last_mb", scenario, **parameters)(results),
        _own("memory_first_mb", scenario, **parameters)(results),
    )


def _ahead(contestant: str, limit: float) -> Target:
    return Target(
        f"Detection beside {contestant}",
        "ConScope's records/s ÷ the other's",
        Bound.AT_LEAST,
        limit,
        TIMES,
        _beside(contestant, "records_per_s", "detection"),
    )


def _soon(figure: str, compared: str, limit_ms: float, rate: float) -> Target:
    return Target(
        f"Latency at {rate:,g} records/s",
        compared,
        Bound.BELOW,
        limit_ms,
        MILLISECONDS,
        _own(figure, "latency", rate=rate),
    )


def _all_soon(rate: float) -> tuple[Target, ...]:
    return (
        _soon("processed_p99_ms", "append to processed record, p99", 100, rate),
        _soon("row_p99_ms", "append to row in Postgres, p99", 500, rate),
        _soon("told_p99_ms", "append to Discord's stand-in, p99", 1_000, rate),
        _soon("told_p50_ms", "append to Discord's stand-in, p50", 250, rate),
    )


def _told_soon(centile: str, limit_ms: float) -> Target:
    return Target(
        "Watches at 500 records/s",
        f"append to Discord's stand-in, {centile}",
        Bound.BELOW,
        limit_ms,
        MILLISECONDS,
        _own(f"told_{centile}_ms", "watch_latency", rate=500),
    )


def _seats(compared: str, bound: Bound, limit: float, unit: Unit, measured: Measure) -> Target:
    return Target("A million seats", compared, bound, limit, unit, measured)


def _live(compared: str, bound: Bound, limit: float, unit: Unit, measured: Measure) -> Target:
    return Target("500 live pages at 500 records/s", compared, bound, limit, unit, measured)


def _page(compared: str, limit_ms: float, figure: str) -> Target:
    return Target(
        "Ten million rows of history",
        compared,
        Bound.BELOW,
        limit_ms,
        MILLISECONDS,
        _own(figure, "market", rows=MANY_ROWS),
    )


def _no_dearer(workers: float) -> Target:
    return Target(
        f"Scaling out to {workers:g} workers",
        "CPU a record ÷ that of one worker",
        Bound.AT_MOST,
        1.1,
        TIMES,
        _grown("cpu_us_per_record", "scaling", "workers", workers, 1),
    )


TARGETS: tuple[Target, ...] = (
    _ahead(KAFKA_STREAMS, 1.5),
    _ahead(QUIX_STREAMS, 3),
    _ahead(BARE_LOOP, 0.55),
    Target(
        f"Storage beside {COPY}",
        "ConScope's rows/s ÷ the other's",
        Bound.AT_LEAST,
        0.5,
        TIMES,
        _beside(COPY, "rows_per_s", "storage"),
    ),
    Target(
        "Whole pipeline",
        "records/s through one worker process",
        Bound.AT_LEAST,
        15_000,
        RECORDS_PER_S,
        _own("records_per_s", "pipeline", workers=1),
    ),
    *_all_soon(500),
    *_all_soon(5_000),
    _told_soon("p50", 400),
    _told_soon("p99", 1_500),
    Target(
        "A hundred thousand watches at 5,000 records/s",
        "last price to the last decision",
        Bound.BELOW,
        2,
        SECONDS,
        _own("caught_up_s", "watch_scale", watches=MANY_WATCHES, rate=5_000),
    ),
    _seats(
        "records/s ÷ those with ten thousand seats",
        Bound.AT_LEAST,
        0.8,
        TIMES,
        _grown("records_per_s", "seats", "seats", MILLION, TEN_THOUSAND),
    ),
    _seats(
        "the worker's peak memory",
        Bound.AT_MOST,
        400,
        MEGABYTES,
        _largest("peak_memory_mb", "seats", seats=MILLION),
    ),
    _seats(
        "restart with its state on disk, until ready",
        Bound.BELOW,
        10,
        SECONDS,
        _own("restart_s", "seats", seats=MILLION),
    ),
    _seats(
        "restore from the changelog",
        Bound.AT_LEAST,
        50_000,
        SEATS_PER_S,
        _own("restore_seats_per_s", "seats", seats=MILLION),
    ),
    _no_dearer(2),
    _no_dearer(4),
    _live(
        "the oldest that any of them ever was",
        Bound.AT_MOST,
        2_000,
        MILLISECONDS,
        _largest("age_max_ms", "live_clients", clients=500, rate=500),
    ),
    _live(
        "detection's records/s ÷ those without them",
        Bound.AT_LEAST,
        0.9,
        TIMES,
        _own("rate_ratio", "live_bursts", clients=500),
    ),
    _live(
        "memory after ten minutes ÷ after one",
        Bound.AT_MOST,
        1.05,
        TIMES,
        _flat("live_clients", clients=500, rate=500, seconds=600),
    ),
    _page("overview, until its last byte", 500, "overview_ms"),
    _page("event page, until its last byte", 800, "event_ms"),
    _page("any API answer, p95", 150, "api_p95_ms"),
    Target("Idle worker", "of one core", Bound.BELOW, 2, PERCENT, _own("cpu_percent", "idle")),
    Target("Idle worker", "memory", Bound.BELOW, 150, MEGABYTES, _largest("memory_mb", "idle")),
)
