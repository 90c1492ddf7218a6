"""The published page: made from the published runs, and from nothing else."""

import re
from pathlib import Path

import msgspec
import pytest

from bench.report.__main__ import main
from bench.report.gallery import pictures
from bench.report.page import NOT_RUN, PLACES, PlaceMissing, load, publish, with_tables
from bench.run import Results
from tests.bench import a_run, a_whole_benchmark, results_of

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BY_HAND = "profile"


def published() -> Results | None:
    return load(RESULTS) if RESULTS.exists() else None


def pictures_in(docs: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (docs / "images").glob("performance-*.svg")}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The page as it is, beside an empty folder for pictures."""
    (tmp_path / "images").mkdir()
    (tmp_path / "performance.md").write_text(PAGE.read_text())
    return tmp_path


def test_the_page_holds_just_the_published_runs() -> None:
    page = PAGE.read_text()

    assert page == with_tables(page, published())


def test_the_pictures_show_just_the_published_runs() -> None:
    results = published()

    assert pictures_in(PAGE.parent) == (pictures(results) if results else {})


def test_the_page_has_every_marked_place_once() -> None:
    """And one more, for the profile, which is written by hand."""
    page = PAGE.read_text()

    assert sorted(re.findall(r"<!-- (?!end of )(.+) -->", page)) == sorted([*PLACES, BY_HAND])
    assert sorted(re.findall(r"<!-- end of (.+) -->", page)) == sorted([*PLACES, BY_HAND])


def test_a_page_without_a_place_is_refused() -> None:
    """Or a table would be lost, and nobody would notice."""
    page = PAGE.read_text().replace("<!-- end of storage -->", "")

    with pytest.raises(PlaceMissing, match="storage"):
        with_tables(page, a_whole_benchmark())


def test_only_the_marked_places_are_written(docs: Path) -> None:
    before = (docs / "performance.md").read_text()

    publish(a_whole_benchmark(), docs)
    publish(None, docs)

    assert (docs / "performance.md").read_text() == with_tables(before, None)


def test_without_results_the_page_says_so(docs: Path) -> None:
    publish(a_whole_benchmark(), docs)

    publish(None, docs)

    assert (docs / "performance.md").read_text().count(NOT_RUN) == len(PLACES)
    assert pictures_in(docs) == {}


def test_a_scenario_that_was_not_run_says_so_and_loses_its_picture(docs: Path) -> None:
    """A picture of an earlier run would look like one of this run."""
    publish(a_whole_benchmark(), docs)

    publish(results_of(a_run("idle", cpu_percent=1.0, memory_mb=90)), docs)

    page = (docs / "performance.md").read_text()
    assert "<!-- storage -->\nNot measured in this run.\n<!-- end of storage -->" in page
    assert pictures_in(docs) == {}


def test_every_picture_is_shown_on_the_page(docs: Path) -> None:
    publish(a_whole_benchmark(), docs)

    shown = re.findall(r"!\[.+\]\(images/(.+)\)", (docs / "performance.md").read_text())
    assert sorted(shown) == sorted(pictures_in(docs))
    assert len(shown) == 3


def test_results_read_from_the_file_give_the_same_page(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though JSON makes no difference between 8 and 8.0."""
    results = a_whole_benchmark()
    expected = with_tables(PAGE.read_text(), results)
    file = tmp_path / "results.json"
    file.write_bytes(msgspec.json.encode(results))

    assert main([str(file), "--docs", str(docs)]) == 0

    assert (docs / "performance.md").read_text() == expected
    assert pictures_in(docs) == pictures(results)
    assert "| Whole pipeline |" in capsys.readouterr().out


def test_a_scenario_measured_anew_takes_the_place_of_its_earlier_runs(
    docs: Path, tmp_path: Path
) -> None:
    """The page says which, and on which commit; the file keeps it."""
    file, later = tmp_path / "results.json", tmp_path / "later.json"
    file.write_bytes(msgspec.json.encode(a_whole_benchmark()))
    idle = a_run("idle", cpu_percent=1.25, memory_mb=70.5)
    part = msgspec.structs.replace(results_of(idle), commit="4567def")
    later.write_bytes(msgspec.json.encode(part))

    assert main([str(file), "--anew", str(later), "--docs", str(docs)]) == 0

    page, kept = (docs / "performance.md").read_text(), load(file)
    assert [run.figures["cpu_percent"] for run in kept.of("idle")] == [1.25]
    assert len(kept.of("detection")) == len(a_whole_benchmark().of("detection"))
    assert "| idle, measured anew | 4567def, 2026-11-22T08:00:00Z |" in page


def test_a_results_file_that_is_not_there_changes_nothing(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (docs / "performance.md").read_text()

    with pytest.raises(SystemExit):
        main([str(tmp_path / "results.json"), "--docs", str(docs)])

    assert "there is no" in capsys.readouterr().err
    assert (docs / "performance.md").read_text() == before
