from pathlib import Path
from random import Random

from bench.watched_market import watches
from bench.watches import run, run_partition


def test_every_price_is_looked_at_by_the_watches_of_its_event() -> None:
    """Ten watches about each of ten events, and four about everything."""
    result = run(count=104, events=10, about_all=4, records=200, seats=20)

    assert (result.records, result.events) == (200, 10)
    assert 13 * 200 <= result.evaluations <= 15 * 200 + result.decisions
    assert result.decisions > 0
    assert result.changed_rows > 200


def test_a_partition_keeps_what_each_price_changes(tmp_path: Path) -> None:
    """Of every price at least the item and how far its book has come."""
    result = run_partition(
        tmp_path / "rows", count=104, events=10, about_all=4, records=1_000, seats=20
    )

    assert (result.records, result.watches) == (1_000, 104)
    assert result.decisions > 0
    assert result.changed_rows >= 20 * 10
    assert result.cpu_us_per_record > 0


def test_watches_are_about_the_events_and_sections_that_are_named() -> None:
    made = list(watches(24, 5, 4, Random(1), event="event_{}", sections=("A", "B")))

    assert [each.what.subjects for each in made[:4]] == [()] * 4
    assert {each.what.subjects for each in made[4:]} == {(f"event_{at}",) for at in range(5)}
    assert {each.what.only.get("section") for each in made} == {None, ("A",), ("B",)}
