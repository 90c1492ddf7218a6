"""What the tables say of the runs."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.contestants import PEERS
from bench.report import summary, tables
from bench.report.conditions import condition
from bench.report.contestants import CONSCOPE, DETECTION
from bench.report.growth import VARIED, series, usual
from bench.report.markdown import plain, table
from bench.report.page import PLACES
from bench.run import Run
from tests.bench import a_run, a_whole_benchmark, gone_wrong, results_of


def cells(text: str, begins_with: str) -> list[str]:
    """The one line of a table that begins with this."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {begins_with}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def detected(contestant: str, rate: float) -> Run:
    return a_run("detection", contestant, records_per_s=rate, peak_memory_mb=rate / 100)


def test_detection_shows_median_spread_and_ratio() -> None:
    results = results_of(
        *(detected("ConScope", rate) for rate in (30_000, 36_000, 33_000)),
        *(detected("Kafka Streams, exactly once", rate) for rate in (19_000, 25_000, 22_000)),
    )

    assert cells(tables.detection(results), "Kafka Streams | exactly once") == [
        *("Kafka Streams", "exactly once", "22,000", "19,000–25,000", "1.50"),
        *("–", "–", "250", "3"),
    ]
    assert cells(tables.detection(results), "ConScope")[4] == "1.00"


def test_a_contestant_without_a_right_run_has_a_line_without_figures() -> None:
    """Its absence would not be noticed."""
    wrong = gone_wrong(detected("Quix Streams, exactly once", 99_000))

    told = tables.detection(results_of(detected("ConScope", 30_000), wrong))

    line = cells(told, "Quix Streams | exactly once")
    assert line[2:] == ["–", "–", "–", "–", "–", "–", "0"]


def test_a_contestant_that_nobody_knows_is_shown_without_a_guarantee() -> None:
    told = tables.detection(results_of(detected("Another | one", 10_000)))

    assert "| Another \\| one |  | 10,000 |" in told


def test_every_peer_is_known_with_its_guarantee() -> None:
    """The benchmark and its report are two programs that have to agree on names."""
    shown = [(each.name, each.guarantee) for each in DETECTION if each.name != CONSCOPE]

    assert sorted(shown) == sorted((peer.name, peer.guarantee) for peer in PEERS)


def test_left_out_runs_are_named_with_their_reason() -> None:
    wrong = gone_wrong(
        a_run("pipeline", "ConScope", {"workers": 2}), "it ended:\n  1 | 2 <!-- x -->"
    )

    told = summary.left_out(results_of(a_run("idle"), wrong))

    assert told.splitlines()[2:] == [
        "| pipeline | ConScope | 2 workers | it ended: 1 \\| 2 &lt;!-- x --> |"
    ]


def test_long_last_words_are_cut() -> None:
    told = summary.left_out(results_of(gone_wrong(a_run("idle"), "word " * 500)))

    assert 250 < len(told.splitlines()[2]) < 400
    assert told.endswith("… |")


def test_when_nothing_was_left_out_it_says_so() -> None:
    told = summary.left_out(results_of(a_run("idle"), a_run("idle")))

    assert told == "None: each of the 2 runs had the right outcome."


@pytest.mark.parametrize("name", sorted(PLACES.keys() - {"machine", "targets", "left out"}))
def test_a_scenario_says_when_it_was_not_measured(name: str) -> None:
    """And whether it was run at all."""
    told = PLACES[name]
    wrong = [gone_wrong(run) for run in a_whole_benchmark().runs]

    assert told(results_of()) == "Not measured in this run."
    assert told(results_of(*wrong)) == (
        "Not measured in this run: no run of it had the right outcome."
    )
    assert "Not measured" not in told(a_whole_benchmark())


def test_the_pipeline_says_what_a_second_worker_adds() -> None:
    rates = {1: 16_000, 2: 24_000}
    runs = [a_run("pipeline", "ConScope", {"workers": n}, records_per_s=rates[n]) for n in (2, 1)]

    told = tables.pipeline(results_of(*runs))

    assert cells(told, "1 worker ")[3] == "1.00"
    assert cells(told, "2 workers")[3] == "1.50"


def test_scaling_accounts_a_whole_core_to_each_worker() -> None:
    runs = [
        a_run("scaling", "ConScope", {"workers": n}, cpu_us_per_record=cpu, records_per_s=30_000)
        for n, cpu in ((1, 20), (4, 25))
    ]

    told = tables.scaling(results_of(*runs))

    assert cells(told, "1 worker ") == ["1 worker", "20.0", "1.00", "50,000", "30,000", "1"]
    assert cells(told, "4 workers") == ["4 workers", "25.0", "1.25", "160,000", "30,000", "1"]


def test_seats_show_a_peer_with_what_was_measured_of_it() -> None:
    told = tables.seats(a_whole_benchmark())

    assert cells(told, "Kafka Streams, exactly once")[1:3] == ["1,000,000 seats", "–"]
    assert cells(told, "ConScope | 1,000,000 seats")[3] == "0.88"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        pytest.param("seats", 1_000_000.0, "1,000,000 seats", id="many"),
        pytest.param("partitions", 1, "1 partition", id="one"),
        pytest.param("drop_share", 0.29, "29 % drops", id="a share"),
        pytest.param("padding", 2.5, "2.5 padding", id="one that nobody knows"),
    ],
)
def test_a_condition_in_words(name: str, value: float, said: str) -> None:
    assert condition(name, value) == said


# Growth

values = st.lists(st.integers(1, 10**6), min_size=1, max_size=4, unique=True)


@given(
    base=st.fixed_dictionaries({name: st.just(2_000_000) for name in VARIED}),
    others=st.fixed_dictionaries(dict.fromkeys(VARIED, values)),
    order=st.randoms(use_true_random=False),
)
def test_growth_finds_what_was_varied(
    base: dict[str, float], others: dict[str, list[int]], order: Random
) -> None:
    """From the runs alone, in whatever order they were made."""
    runs = [a_run("growth", parameters=base)]
    for name in VARIED:
        runs += [a_run("growth", parameters={**base, name: value}) for value in others[name]]
    order.shuffle(runs)

    assert usual(runs) == base
    for name in VARIED:
        assert list(series(runs, name)) == sorted([*others[name], base[name]])


def test_records_of_about_the_usual_size_are_of_the_usual_size() -> None:
    """With more seats, their numbers have more digits."""
    usually = {"seats": 10_000, "partitions": 8, "record_bytes": 490, "drop_share": 0.6}
    changes: list[dict[str, float]] = [
        {},
        {"seats": 1_000, "record_bytes": 488},
        {"seats": 10**6, "record_bytes": 494},
        {"partitions": 1},
        {"record_bytes": 4_000},
    ]
    runs = [a_run("growth", parameters={**usually, **change}) for change in changes]

    assert list(series(runs, "seats")) == [1_000, 10_000, 10**6]
    assert list(series(runs, "record_bytes")) == [490, 4_000]


# Markdown


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_no_text_breaks_out_of_its_cell(rows: list[list[str]]) -> None:
    told = table(("a", "b"), [[plain(cell) for cell in row] for row in rows])

    lines = told.split("\n")
    assert len(told.splitlines()) == len(lines) == len(rows) + 2
    for line in lines:
        assert line.replace("\\\\", "").replace("\\|", "").count("|") == 3
    assert "<!--" not in told


def test_growth_takes_what_was_measured_with_a_million_seats() -> None:
    conditions = {"seats": 10_000.0, "partitions": 8.0, "record_bytes": 467.0, "drop_share": 0.6}
    many = {**conditions, "seats": 1_000_000.0}
    told = tables.growth(
        results_of(
            a_run("growth", parameters=conditions, records_per_s=40_000),
            a_run("seats", parameters=many, records_per_s=35_000),
            a_run("seats", "Kafka Streams, exactly once", many, records_per_s=20_000),
        )
    )

    assert "| 1,000,000 seats | 35,000 | 35,000–35,000 | – | 1 |" in told
