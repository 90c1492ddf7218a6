"""The published page: made from the published runs, and from nothing else."""

import json
from pathlib import Path
from typing import Any

from tests.chaos.publication import together, with_tables

DOCS = Path(__file__).parents[2] / "docs"


def a_run(kind: str, seed: int, **figures: Any) -> dict[str, Any]:
    row = {
        "name": "kill",
        "title": "SIGKILL",
        "times": 3,
        "records": 1000,
        "missing": 0,
        "doubled": 0,
        "wrong": 0,
        "alerts": 500,
        "alerts_missing": 0,
        "alerts_doubled": 2,
        "stall_s": 6.5,
        "caught_up_s": 3.0,
        "notes": ["2 messages told twice"],
        "broken": [],
        "skipped": None,
        "held": True,
    }
    return {"kind": kind, "seed": seed, "took_s": 600.0, "held": True, "rows": [row | figures]}


def test_the_page_holds_just_the_published_runs() -> None:
    page = (DOCS / "reliability.md").read_text()
    runs = json.loads((DOCS / "reliability.json").read_text())

    assert page == with_tables(page, runs)


def test_runs_are_summed_and_the_longest_time_counts() -> None:
    runs = [a_run("full", 1), a_run("full", 2, missing=1, stall_s=9.0, held=False)]

    (row,) = together(runs)

    assert (row["times"], row["records"], row["missing"], row["alerts_doubled"]) == (6, 2000, 1, 4)
    assert (row["stall_s"], row["caught_up_s"], row["held"]) == (9.0, 3.0, False)


def test_who_never_caught_up_once_never_caught_up() -> None:
    (row,) = together([a_run("full", 1, caught_up_s=None), a_run("full", 2)])

    assert row["caught_up_s"] is None


def test_a_soak_tells_its_remarks() -> None:
    page = "a <!-- chaos --><!-- end of chaos --> b <!-- soak --><!-- end of soak --> c"

    told = with_tables(page, [a_run("soak", 41)])

    assert "1 run: seed 41 (10 minutes, everything held)." in told
    assert "In all 3 faults amid 1,000 records." in told
    assert "- 2 messages told twice" in told
    assert told.startswith(
        "a <!-- chaos -->\nNo whole run has been published yet.\n<!-- end of chaos --> b"
    )
    assert told.endswith("<!-- end of soak --> c")
