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


def test_its_size_grows_with_what_it_holds(rows: TablePartition) -> None:
    """About: RocksDB says it without reading."""
    empty = rows.size()

    rows.write([(b"%d" % number, b"x" * 1_000) for number in range(500)], 1)

    assert rows.size().rows >= empty.rows + 500
    assert rows.size().bytes >= empty.bytes + 500_000


def test_a_wiped_partition_is_new(rows: TablePartition) -> None:
    """After a wipe nothing is known, and writing goes on."""
    rows.write([(b"a", b"1")], 5)

    rows.wipe()

    assert rows.get(b"a") is None
    assert rows.changelog_offset == 0
    assert rows.progress is None


@pytest.mark.parametrize("hot_bytes", [0, 1_000, 1_000_000])
def test_rows_held_in_memory_are_what_the_disk_holds(tmp_path: Path, hot_bytes: int) -> None:
    """Read, written, deleted in any order: `get` says what a reading of the disk says."""
    dice = random.Random(5)
    rows = TablePartition(tmp_path / "table-0", hot_bytes=hot_bytes)
    for offset in range(1, 500):
        keys = {b"%d" % dice.randrange(20) for _ in range(3)}
        rows.write([(key, dice.choice([None, b"%d" % offset])) for key in keys], offset)
        if dice.random() < 0.02:
            rows.wipe()

        disk = dict(rows.items())
        for key in dice.sample(range(20), 5):
            assert rows.get(b"%d" % key) == disk.get(b"%d" % key)
        assert rows.changelog_offset in (0, offset)


def test_the_reserved_rows_are_read_as_they_are_now(rows: TablePartition) -> None:
    """Position and changelog offset move with each write, whoever read them before."""
    for at in (1, 2):
        rows.write([(POSITION_KEY, encode_progress(Progress(at)))], at)

        assert (rows.changelog_offset, rows.progress) == (at, Progress(at))


def test_a_closed_partition_knows_nothing(rows: TablePartition) -> None:
    """Its next owner may have written since: what is held in memory is not answered any more."""
    rows.write([(b"a", b"1")], 1)
    assert rows.get(b"a") == b"1"

    rows.close()

    with pytest.raises(Exception, match="closed"):
        rows.get(b"a")


def test_a_write_that_fails_leaves_nothing_in_memory(rows: TablePartition) -> None:
    """What the disk did not take is not answered."""
    rows.write([(b"a", b"1")], 1)

    with pytest.raises(ValueError, match="bytes"):
        rows.write([(b"a", b"2"), (b"b", "text")], 2)  # type: ignore[list-item]  # what RocksDB refuses

    assert (rows.get(b"a"), rows.get(b"b"), rows.changelog_offset) == (b"1", None, 1)


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
