"""Tests of the benchmarks' own parts, and the runs that they are given."""

from collections.abc import Iterable, Mapping

import msgspec

from bench.report.contestants import DETECTION, STORAGE
from bench.run import Machine, Results, Run

RATES = (38_100, 22_400, 11_900, 27_300, 14_800, 1_020, 57_200)
ROW_RATES = (52_000, 81_000, 24_500)


def a_run(
    scenario: str,
    contestant: str = "ConScope",
    parameters: Mapping[str, float] | None = None,
    **figures: float,
) -> Run:
    """One with a right outcome."""
    return Run(
        scenario=scenario,
        contestant=contestant,
        parameters=parameters or {},
        figures=figures,
    )


def gone_wrong(run: Run, wrong: str = "alerts: 9, not 10") -> Run:
    return msgspec.structs.replace(run, wrong=wrong)


def results_of(*runs: Run) -> Results:
    return Results(
        began="2026-11-22T08:00:00Z",
        form="full",
        commit="0123abc",
        machine=Machine(processor="A processor", cores=2, memory_gb=24.0, system="Linux 6.1"),
        versions={"kafka": "4.1.1", "python": "3.11.2"},
        runs=tuple(runs),
    )


def a_whole_benchmark() -> Results:
    """Three repetitions of everything, in figures that somebody made up."""
    drift = (0.94, 1.0, 1.05)
    return results_of(*(run for speed in drift for run in _once(speed)))


def _once(speed: float) -> Iterable[Run]:
    for each, rate in zip(DETECTION, RATES, strict=True):
        yield _worked("detection", rate * speed, each.name)
    for each, rate in zip(STORAGE, ROW_RATES, strict=True):
        yield a_run(
            "storage",
            each.name,
            rows_per_s=rate * speed,
            cpu_us_per_row=900_000 / rate,
            postgres_cpu_us_per_row=9.5,
            peak_memory_mb=120,
        )
    for workers, rate in ((1, 17_200), (2, 24_100)):
        yield _worked("pipeline", rate * speed, parameters={"workers": workers})
    for load in (500, 5_000):
        centiles = {"processed": (9, 38), "row": (31, 120), "told": (140, 610)}
        waits = {
            f"{station}_{name}_ms": ms / speed
            for station, pair in centiles.items()
            for name, ms in zip(("p50", "p99"), pair, strict=True)
        }
        yield a_run("latency", "ConScope", {"rate": load}, **waits)
    yield a_run(
        "watch_latency",
        parameters={"rate": 500, "watches": 20},
        messages_per_s=6.4,
        decided_p50_ms=150 / speed,
        decided_p99_ms=320 / speed,
        told_p50_ms=230 / speed,
        told_p99_ms=700 / speed,
    )
    yield _worked(
        "watch_scale",
        5_000,
        parameters={"watches": 100_000, "events": 10_000, "rate": 5_000},
        caught_up_s=0.4 / speed,
        decided_p50_ms=210 / speed,
        decided_p99_ms=600 / speed,
        decisions_per_s=420,
        taken_in_s=11 / speed,
        published_per_s=600 * speed,
    )
    for count, rate in ((10_000, 38_000), (1_000_000, 33_500)):
        yield _worked(
            "seats",
            rate * speed,
            parameters={"seats": count},
            restart_s=3.1,
            restore_seats_per_s=91_000 * speed,
        )
    yield a_run(
        "seats",
        "Kafka Streams, exactly once",
        {"seats": 1_000_000},
        restore_seats_per_s=240_000 * speed,
    )
    yield from _growing(speed)
    for workers in (1, 2, 4):
        yield a_run(
            "scaling",
            parameters={"workers": workers},
            cpu_us_per_record=24 + 0.3 * workers,
            records_per_s=38_000 * speed,
        )
    yield a_run(
        "live_clients",
        parameters={"clients": 500, "rate": 500, "seconds": 600},
        age_p50_ms=540,
        age_p99_ms=1_060,
        age_max_ms=1_200 / speed,
        cpu_percent=16 / speed,
        cpu_percent_alone=11 / speed,
        memory_first_mb=190,
        memory_last_mb=191,
    )
    yield a_run(
        "live_bursts",
        parameters={"clients": 500, "burst": 300_000},
        rate_ratio=0.96,
        records_per_s=48_000 * speed,
        records_per_s_alone=50_000 * speed,
        cpu_us_per_record=9.5,
        cpu_us_per_record_alone=8.9,
    )
    yield a_run(
        "market",
        parameters={"rows": 10_000_000, "events": 2_000, "seats": 200_000},
        overview_ms=240 / speed,
        event_ms=130 / speed,
        api_p50_ms=11 / speed,
        api_p95_ms=27 / speed,
        fold_cpu_us_per_row=51.0,
        count_cpu_us_per_row=17.0,
    )
    yield a_run("idle", cpu_percent=1.1 / speed, memory_mb=104)


def _growing(speed: float) -> Iterable[Run]:
    usual = {"seats": 10_000.0, "partitions": 8.0, "record_bytes": 490.0, "drop_share": 0.6}
    yield _grown(usual, 38_000 * speed)
    for seats, rate, size in (
        (1_000, 39_500, 488),
        (100_000, 36_000, 491),
        (1_000_000, 33_500, 493),
    ):
        yield _grown({**usual, "seats": seats, "record_bytes": size}, rate * speed)
    for partitions, rate in ((1, 35_000), (2, 37_000), (4, 38_200), (16, 38_100), (64, 36_000)):
        yield _grown({**usual, "partitions": partitions}, rate * speed)
    for size, rate in ((1_000, 31_000), (2_000, 24_000), (8_000, 9_500)):
        yield _grown({**usual, "record_bytes": size}, rate * speed)
    for share, rate in ((0.0, 46_000), (0.3, 41_000), (1.0, 33_000)):
        yield _grown({**usual, "drop_share": share}, rate * speed)


def _grown(parameters: Mapping[str, float], rate: float) -> Run:
    return a_run(
        "growth", parameters=parameters, records_per_s=rate, cpu_us_per_record=900_000 / rate
    )


def _worked(
    scenario: str,
    rate: float,
    contestant: str = "ConScope",
    parameters: Mapping[str, float] | None = None,
    **more: float,
) -> Run:
    return a_run(
        scenario,
        contestant,
        parameters,
        records_per_s=rate,
        cpu_us_per_record=950_000 / rate,
        broker_cpu_us_per_record=8.2,
        postgres_cpu_us_per_record=14.1,
        peak_memory_mb=210,
        **more,
    )
