import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from conscope_app.stream.progress import POSITION_KEY, Progress, encode_progress
from conscope_app.stream.table_partition import TablePartition

LARGE = 120_000  # rows: more than one write buffer


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


# Damage


def a_large_table(path: Path) -> None:
    """A database of several files whose rows cannot be compressed away."""
    dice = random.Random(5)
    rows = TablePartition(path)
    for begin in range(0, LARGE, 1_000):
        keys = range(begin, begin + 1_000)
        rows.write([(b"%08d" % key, dice.randbytes(80)) for key in keys], begin + 1_000)
    rows.close()


def largest(path: Path, pattern: str) -> Path:
    return max(path.glob(pattern), key=lambda file: file.stat().st_size)


def overwrite_the_middle(path: Path) -> None:
    """Garbage in a block of an SST file, which opening does not look at."""
    file = largest(path, "*.sst")
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(b"garbage" * 2_000)


def replace_with_garbage(path: Path) -> None:
    file = largest(path, "*.sst")
    file.write_bytes(b"garbage" * (file.stat().st_size // 7))


def cut(path: Path, pattern: str) -> None:
    os.truncate(largest(path, pattern), 20)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(replace_with_garbage, id="an SST file is garbage"),
        pytest.param(lambda path: largest(path, "*.sst").unlink(), id="an SST file is gone"),
        pytest.param(lambda path: cut(path, "*.sst"), id="an SST file is cut"),
        pytest.param(lambda path: cut(path, "MANIFEST*"), id="the MANIFEST is cut"),
        pytest.param(lambda path: largest(path, "MANIFEST*").unlink(), id="the MANIFEST is gone"),
        pytest.param(lambda path: (path / "CURRENT").write_bytes(b"x"), id="CURRENT is garbage"),
        pytest.param(lambda path: (path / "CURRENT").unlink(), id="CURRENT is gone"),
    ],
)
def test_a_damaged_database_is_begun_anew_when_it_is_opened(
    tmp_path: Path, damage: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    """Its rows are in the changelog; the log says loudly what happened."""
    path = tmp_path / "table-0"
    a_large_table(path)
    damage(path)

    rows = TablePartition(path)

    assert (rows.changelog_offset, list(rows.items())) == (0, [])
    rows.write([(b"a", b"1")], 1)
    assert rows.get(b"a") == b"1"
    (line,) = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert f"{path} is damaged and begun anew" in line.getMessage()


READS = {
    "get": lambda rows: [rows.get(b"%08d" % key) for key in range(LARGE)],
    "items": lambda rows: list(rows.items()),
    "page": lambda rows: rows.page(None, LARGE),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_damage_that_shows_later_is_raised_and_repaired_by_the_next_opening(
    tmp_path: Path, read: Callable[[TablePartition], object]
) -> None:
    """Nothing is read short; without the mark, the next process would meet the same again."""
    path = tmp_path / "table-0"
    a_large_table(path)
    overwrite_the_middle(path)
    rows = TablePartition(path)
    assert rows.changelog_offset == LARGE

    with pytest.raises(Exception, match="Corruption"):
        read(rows)
    rows.close()

    again = TablePartition(path)
    assert (again.changelog_offset, list(again.items())) == (0, [])
    again.write([(b"a", b"1")], 1)
    again.close()
    assert TablePartition(path).get(b"a") == b"1"  # once is enough


def test_a_database_that_another_holds_is_not_touched(tmp_path: Path) -> None:
    """That is no damage: the other one goes on."""
    path = tmp_path / "table-0"
    holder = TablePartition(path)
    holder.write([(b"a", b"1")], 1)

    with pytest.raises(Exception, match="lock"):
        TablePartition(path)

    assert holder.get(b"a") == b"1"
