from pathlib import Path

import pytest

from conscope_app.stream.progress import POSITION_KEY, Progress, encode_progress
from conscope_app.stream.table_partition import TablePartition


@pytest.fixture
def rows(tmp_path: Path) -> TablePartition:
    return TablePartition(tmp_path / "table-0")


def test_changes_and_offsets_survive_a_reopening(tmp_path: Path, rows: TablePartition) -> None:
    """What was written is there when the next process opens the folder."""
    rows.write([(b"a", b"1"), (POSITION_KEY, encode_progress(Progress(7)))], 42)
    rows.close()

    again = TablePartition(tmp_path / "table-0")

    assert again.get(b"a") == b"1"
    assert again.changelog_offset == 42
    assert again.progress == Progress(7)


def test_a_change_to_none_deletes(rows: TablePartition) -> None:
    """A tombstone removes the row."""
    rows.write([(b"a", b"1")], 1)
    rows.write([(b"a", None)], 2)

    assert rows.get(b"a") is None


def test_reserved_rows_are_not_listed(rows: TablePartition) -> None:
    """Position and changelog offset are no rows of the table."""
    rows.write([(b"b", b"2"), (b"a", b"1"), (POSITION_KEY, encode_progress(Progress(7)))], 42)

    assert list(rows.items()) == [(b"a", b"1"), (b"b", b"2")]


def test_pages_cover_every_row_once(rows: TablePartition) -> None:
    """Page after page, each row comes once, whatever the size of a page."""
    everything = [(f"{at:03}".encode(), b"x") for at in range(10)]
    rows.write([*everything, (POSITION_KEY, b"")], 1)

    seen: list[tuple[bytes, bytes]] = []
    while page := rows.page(seen[-1][0] if seen else None, 3):
        seen += page

    assert seen == everything


def test_a_wiped_partition_is_new(rows: TablePartition) -> None:
    """After a wipe nothing is known, and writing goes on."""
    rows.write([(b"a", b"1")], 5)

    rows.wipe()

    assert rows.get(b"a") is None
    assert rows.changelog_offset == 0
    assert rows.progress is None
