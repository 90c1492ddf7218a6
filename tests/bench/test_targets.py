"""What was aimed at is judged by the runs with a right outcome, and by nothing else."""

import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.report.target import Target, Verdict
from bench.report.targets import TARGETS
from bench.run import Results, Run
from tests.bench import a_run, a_whole_benchmark, gone_wrong, results_of

MET, NOT_MET, NOT_MEASURED = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_MEASURED
KAFKA_STREAMS = "Kafka Streams, exactly once"
QUIX_STREAMS = "Quix Streams, exactly once"
LOOP = "confluent-kafka loop"


def the(name: str, compared: str = "") -> Target:
    """The one target of this name that compares this."""
    (found,) = [t for t in TARGETS if t.name == name and compared in t.compared]
    return found


def detected(contestant: str, rate: float) -> Run:
    return a_run("detection", contestant, records_per_s=rate)


def with_seats(seats: int, **figures: float) -> Run:
    return a_run("seats", "ConScope", {"seats": seats}, **figures)


def with_workers(workers: int, cpu_us: float) -> Run:
    return a_run("scaling", "ConScope", {"workers": workers}, cpu_us_per_record=cpu_us)


def told_of_watches(rate: int = 500, **figures: float) -> Run:
    return a_run("watch_latency", "ConScope", {"rate": rate}, **figures)


def watched(caught_up_s: float, watches: int = 100_000, rate: int = 5_000) -> Run:
    parameters = {"watches": watches, "rate": rate}
    return a_run("watch_scale", "ConScope", parameters, caught_up_s=caught_up_s)


def delayed(rate: int, figure: str, ms: float) -> Run:
    return a_run("latency", "ConScope", {"rate": rate}, **{figure: ms})


def listened(**figures: float) -> Run:
    parameters = {"clients": 500, "rate": 500, "seconds": 600}
    return a_run("live_clients", "ConScope", parameters, **figures)


def beside_pages(rate_ratio: float) -> Run:
    return a_run("live_bursts", "ConScope", {"clients": 500}, rate_ratio=rate_ratio)


def asked_of(**figures: float) -> Run:
    return a_run("market", "ConScope", {"rows": 10_000_000}, **figures)


EDGES = [
    pytest.param(
        the(f"Detection beside {KAFKA_STREAMS}"),
        [detected("ConScope", 30_000), detected(KAFKA_STREAMS, 20_000)],
        [detected("ConScope", 29_990), detected(KAFKA_STREAMS, 20_000)],
        id="1.5 x Kafka Streams",
    ),
    pytest.param(
        the(f"Detection beside {QUIX_STREAMS}"),
        [detected("ConScope", 30_000), detected(QUIX_STREAMS, 10_000)],
        [detected("ConScope", 29_990), detected(QUIX_STREAMS, 10_000)],
        id="3 x Quix Streams",
    ),
    pytest.param(
        the(f"Detection beside {LOOP}"),
        [detected("ConScope", 33_000), detected(LOOP, 60_000)],
        [detected("ConScope", 32_990), detected(LOOP, 60_000)],
        id="0.55 x the bare loop",
    ),
    pytest.param(
        the("Storage beside COPY + staging"),
        [a_run("storage", rows_per_s=40), a_run("storage", "COPY + staging", rows_per_s=80)],
        [a_run("storage", rows_per_s=39), a_run("storage", "COPY + staging", rows_per_s=80)],
        id="0.5 x COPY",
    ),
    pytest.param(
        the("Whole pipeline"),
        [a_run("pipeline", "ConScope", {"workers": 1}, records_per_s=15_000)],
        [a_run("pipeline", "ConScope", {"workers": 1}, records_per_s=14_999)],
        id="15,000 records/s through the pipeline",
    ),
    *(
        pytest.param(
            the(f"Latency at {rate:,} records/s", compared),
            [delayed(rate, figure, limit_ms - 1)],
            [delayed(rate, figure, limit_ms)],
            id=f"{figure} below {limit_ms} at {rate}",
        )
        for rate in (500, 5_000)
        for figure, compared, limit_ms in (
            ("processed_p99_ms", "processed record, p99", 100),
            ("row_p99_ms", "row in Postgres, p99", 500),
            ("told_p99_ms", "stand-in, p99", 1_000),
            ("told_p50_ms", "stand-in, p50", 250),
        )
    ),
    pytest.param(
        the("Watches at 500 records/s", "p50"),
        [told_of_watches(told_p50_ms=399)],
        [told_of_watches(told_p50_ms=400)],
        id="half of the messages of watches within 400 ms",
    ),
    pytest.param(
        the("Watches at 500 records/s", "p99"),
        [told_of_watches(told_p99_ms=1_499)],
        [told_of_watches(told_p99_ms=1_500)],
        id="nearly all messages of watches within 1.5 s",
    ),
    *(
        pytest.param(
            the("Ten million rows of history", compared),
            [asked_of(**{figure: limit_ms - 1})],
            [asked_of(**{figure: limit_ms})],
            id=f"{figure} below {limit_ms}",
        )
        for figure, compared, limit_ms in (
            ("overview_ms", "overview", 500),
            ("event_ms", "event page", 800),
            ("api_p95_ms", "API", 150),
        )
    ),
    pytest.param(
        the("A hundred thousand watches at 5,000 records/s"),
        [watched(1.9)],
        [watched(2)],
        id="caught up with 100,000 watches within 2 s",
    ),
    pytest.param(
        the("A million seats", "ten thousand"),
        [with_seats(1_000_000, records_per_s=80), with_seats(10_000, records_per_s=100)],
        [with_seats(1_000_000, records_per_s=79), with_seats(10_000, records_per_s=100)],
        id="0.8 x the rate at ten thousand seats",
    ),
    pytest.param(
        the("A million seats", "memory"),
        [with_seats(1_000_000, peak_memory_mb=400)],
        [with_seats(1_000_000, peak_memory_mb=401)],
        id="400 MB with a million seats",
    ),
    pytest.param(
        the("A million seats", "restart"),
        [with_seats(1_000_000, restart_s=9.9)],
        [with_seats(1_000_000, restart_s=10)],
        id="restart below 10 s",
    ),
    pytest.param(
        the("A million seats", "restore"),
        [with_seats(1_000_000, restore_seats_per_s=50_000)],
        [with_seats(1_000_000, restore_seats_per_s=49_999)],
        id="50,000 seats/s restored",
    ),
    *(
        pytest.param(
            the(f"Scaling out to {workers} workers"),
            [with_workers(1, 20), with_workers(workers, 21.9)],
            [with_workers(1, 20), with_workers(workers, 22.1)],
            id=f"CPU a record with {workers} workers",
        )
        for workers in (2, 4)
    ),
    pytest.param(
        the("500 live pages at 500 records/s", "oldest"),
        [listened(age_max_ms=2_000)],
        [listened(age_max_ms=2_001)],
        id="live pages at most 2 s old",
    ),
    pytest.param(
        the("500 live pages at 500 records/s", "records/s ÷"),
        [beside_pages(0.9)],
        [beside_pages(0.899)],
        id="live pages take a tenth of detection at most",
    ),
    pytest.param(
        the("500 live pages at 500 records/s", "memory"),
        [listened(memory_first_mb=200, memory_last_mb=210)],
        [listened(memory_first_mb=200, memory_last_mb=211)],
        id="memory flat with live pages",
    ),
    pytest.param(
        the("Idle worker", "core"),
        [a_run("idle", cpu_percent=1.9)],
        [a_run("idle", cpu_percent=2)],
        id="idle below 2 % of a core",
    ),
    pytest.param(
        the("Idle worker", "memory"),
        [a_run("idle", memory_mb=149)],
        [a_run("idle", memory_mb=150)],
        id="idle below 150 MB",
    ),
]


def test_every_target_is_tried_at_its_edge() -> None:
    """So that none can be added whose limit nothing holds."""
    tried = [edge.values[0] for edge in EDGES]

    assert len(tried) == len(TARGETS)
    assert all(target in tried for target in TARGETS)


@pytest.mark.parametrize(("target", "enough", "too_little"), EDGES)
def test_a_target_is_met_up_to_its_limit(
    target: Target, enough: list[Run], too_little: list[Run]
) -> None:
    assert target.verdict(results_of(*enough)) is MET
    assert target.verdict(results_of(*too_little)) is NOT_MET


@pytest.mark.parametrize(("target", "enough", "too_little"), EDGES)
def test_a_target_without_one_of_its_runs_is_not_measured(
    target: Target, enough: list[Run], too_little: list[Run]
) -> None:
    """Neither met nor missed, whichever of its runs there is not."""
    for missing in enough:
        others = [run for run in enough if run is not missing]

        assert target.verdict(results_of(*others)) is NOT_MEASURED
        assert target.verdict(results_of(*others, gone_wrong(missing))) is NOT_MEASURED


def test_a_run_with_a_wrong_outcome_counts_for_nothing() -> None:
    """However fast it was."""
    runs = [detected("ConScope", 20_000), detected(KAFKA_STREAMS, 20_000)]
    fast_but_wrong = [gone_wrong(detected("ConScope", 90_000))] * 3

    target = the(f"Detection beside {KAFKA_STREAMS}")

    assert target.measured(results_of(*runs, *fast_but_wrong)) == 1.0


def test_the_median_of_the_repetitions_counts_but_of_a_peak_the_largest() -> None:
    runs = [
        with_seats(1_000_000, restart_s=restart_s, peak_memory_mb=memory_mb)
        for restart_s, memory_mb in ((3.0, 200), (40.0, 410), (4.0, 210))
    ]

    assert the("A million seats", "restart").measured(results_of(*runs)) == 4.0
    assert the("A million seats", "memory").verdict(results_of(*runs)) is NOT_MET


def test_few_watches_or_prices_say_nothing_of_many() -> None:
    target = the("A hundred thousand watches at 5,000 records/s")

    assert target.verdict(results_of(watched(0, watches=1_000))) is NOT_MEASURED
    assert target.verdict(results_of(watched(0, rate=500))) is NOT_MEASURED


def test_a_benchmark_without_runs_meets_nothing() -> None:
    assert {target.verdict(results_of()) for target in TARGETS} == {NOT_MEASURED}


def test_a_whole_benchmark_measures_everything() -> None:
    results = a_whole_benchmark()

    assert NOT_MEASURED not in {target.verdict(results) for target in TARGETS}


def test_no_two_targets_look_the_same() -> None:
    shown = sorted((target.name, target.compared) for target in TARGETS)

    assert [key for key, group in groupby(shown) if len(list(group)) > 1] == []


@given(target=st.sampled_from(TARGETS), share=st.floats(0.98, 1.02), far=st.floats(0, 1e7))
def test_a_figure_is_shown_on_its_side_of_the_limit(
    target: Target, share: float, far: float
) -> None:
    """Rounding never makes a missed target look met, nor the other way round."""
    for value in (target.limit * share, far):
        number = re.match(r"[\d,.]+", target.shown(value))
        assert number

        assert target.holds(float(number[0].replace(",", ""))) == target.holds(value)


def test_results_with_other_runs_in_another_order_say_the_same() -> None:
    results = a_whole_benchmark()
    turned = results_of(*reversed(results.runs))

    assert _measured(turned) == _measured(results)


def _measured(results: Results) -> list[float | None]:
    return [target.measured(results) for target in TARGETS]
