"""What was aimed at, as values: each is computed from the runs, and from nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

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
from bench.run import Results

Measure = Callable[[Results], float | None]

MILLION, TEN_THOUSAND = 1_000_000, 10_000
MANY_WATCHES = 100_000


class Bound(Enum):
    """On which side of its limit a figure has to be."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    BELOW = "<"


class Verdict(Enum):
    """What the runs say of a target. Without runs nothing is met."""

    MET = "met"
    NOT_MET = "**not met**"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """One figure with its limit. `measured` gives None where the runs for it are missing."""

    name: str
    compared: str
    bound: Bound
    limit: float
    unit: Unit
    measured: Measure

    def verdict(self, results: Results) -> Verdict:
        """Whether these runs meet it."""
        value = self.measured(results)
        if value is None:
            return Verdict.NOT_MEASURED
        return Verdict.MET if self.holds(value) else Verdict.NOT_MET

    def holds(self, value: float) -> bool:
        """Whether the value is on the right side."""
        match self.bound:
            case Bound.AT_LEAST:
                return value >= self.limit
            case Bound.AT_MOST:
                return value <= self.limit
            case Bound.BELOW:
                return value < self.limit

    def asked(self) -> str:
        """The limit in signs, with as many decimals as it needs."""
        return f"{self.bound.value} {self.limit:,g} {self.unit.name}"

    def shown(self, value: float) -> str:
        """The value, with as many decimals as it takes to be seen on its side of the limit."""
        decimals = self.unit.decimals
        while self.holds(round(value, decimals)) != self.holds(value):
            decimals += 1
        return self.unit.full(value, decimals)


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
    Target("Idle worker", "of one core", Bound.BELOW, 2, PERCENT, _own("cpu_percent", "idle")),
    Target("Idle worker", "memory", Bound.BELOW, 150, MEGABYTES, _largest("memory_mb", "idle")),
)
