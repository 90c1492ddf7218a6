"""`import` on the command line, as a person types it."""

from pathlib import Path

import pytest

from tests.commands.shell import conscope
from tests.sources.stocks import stocks_path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Three rows of a shop, the second without a price."""
    path = tmp_path / "shop.csv"
    path.write_text("sku,day,price\nA,2024-01-01,1.50\nB,2024-01-01,\nC,2024-01-01,2.50\n")
    return path


def test_dry_run_shows_the_mapping_and_the_first_rows() -> None:
    """Without Kafka: what each field comes from, the first rows as JSON, and that nothing went."""
    ended = conscope("import", str(stocks_path()), "--dry-run")

    assert ended.code == 0, ended.errors
    assert "column 'symbol'" in ended.output
    assert "'stocks', the file's name" in ended.output
    assert '"event_id":"MSFT"' in ended.output
    assert '"price":39.81' in ended.output
    assert "Nothing was sent; 560 of 560 rows can be." in ended.output


def test_refused_rows_are_reported_and_are_no_failure(shop: Path, tmp_path: Path) -> None:
    """The row, the column and the reason, on the screen and in the report."""
    report = tmp_path / "refused.csv"
    ended = conscope("import", str(shop), "--dry-run", "--report", str(report))

    assert ended.code == 0, ended.errors
    assert "Refused 1 rows: 1 missing_field." in ended.output
    assert "row 3 price: no price" in ended.output
    assert report.read_text().splitlines()[1] == "3,price,,missing_field,no price"


def test_strict_sends_nothing_where_a_row_is_refused(shop: Path) -> None:
    """Exit code 3, before Kafka is even asked."""
    ended = conscope("import", str(shop), "--strict")

    assert ended.code == 3
    assert "Nothing was sent; 2 of 3 rows can be." in ended.output


def test_impossible_mapping_is_a_usage_error(shop: Path) -> None:
    """Exit code 2 and what to do about it."""
    ended = conscope("import", str(shop), "--map", "price=prise")

    assert ended.code == 2
    assert "there is no column 'prise'" in ended.errors
    assert "Traceback" not in ended.errors


def test_kafka_that_is_away_is_one_sentence(shop: Path) -> None:
    """Exit code 1, and which setting to look at."""
    ended = conscope("import", str(shop))

    assert ended.code == 1
    assert "no Kafka answers at 127.0.0.1:1" in ended.errors


def test_terminal_is_not_at_the_mercy_of_the_file(tmp_path: Path) -> None:
    """Escape sequences in cells, headers and names are shown, not obeyed."""
    path = tmp_path / "evil.csv"
    path.write_text("sku,day,price\n[red]A\x1b[2J,2024-01-01,\x1b]0;owned\x07\n")
    ended = conscope("import", str(path), "--dry-run")

    assert ended.code == 0, ended.errors
    assert "\x1b" not in ended.output
    assert "\\x1b]0;owned" in ended.output
