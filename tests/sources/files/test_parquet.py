"""Parquet files: the values as they are stored, in batches; and what is said of bad ones."""

import gzip
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from conscope_app.sources.files.cells import Row
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.plan import Choices, ImportPlan, Ready, RefusedRow, make_plan
from conscope_app.sources.files.reader import open_prices
from tests.sources.files.test_plan import unwatched

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table of these columns."""

    def written(columns: dict[str, Any], **options: Any) -> Path:
        path = tmp_path / "prices.parquet"
        parquet.write_table(pa.table(columns), path, **options)
        return path

    return written


def cells(path: Path) -> list[dict[str, str]]:
    """The rows as text."""
    rows = open_prices(path, encoding=None, delimiter=None).rows()
    return [row.cells for row in rows if isinstance(row, Row)]


def plan(path: Path, *maps: str) -> ImportPlan:
    return make_plan(path, Choices(maps=maps), unwatched)


def test_decimals_and_moments_are_exact(write: Write) -> None:
    """Of any precision, in any unit, with a zone and without."""
    path = write(
        {
            "symbol": ["A", "B"],
            "close": pa.array([Decimal("0.100000000000000001"), None], pa.decimal128(38, 18)),
            "date": pa.array([1_700_000_000_123_456_789, 0], pa.timestamp("ns", "Europe/Berlin")),
        }
    )
    first, second = plan(path).items(NOW, unwatched)
    assert isinstance(first, Ready)
    assert isinstance(second, RefusedRow)

    assert first.event.price == Decimal("0.100000000000000001")
    assert first.event.timestamp == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert (second.number, second.column, second.message) == (2, "close", "no price")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        pytest.param(pa.array([0.1], pa.float64()), "0.1", id="double"),
        pytest.param(pa.array([0.1], pa.float32()), "0.1", id="single"),
        pytest.param(pa.array([16777215.0], pa.float32()), "16777215", id="whole single"),
        pytest.param(pa.array([1 / 3], pa.float32()), "0.33333334", id="long single"),
        pytest.param(pa.array([2**64 - 1], pa.uint64()), str(2**64 - 1), id="large"),
        pytest.param(pa.array([Decimal("1E+2")], pa.decimal256(50, 2)), "100.00", id="decimal256"),
        pytest.param(pa.array(["ü"]).dictionary_encode(), "ü", id="dictionary"),
        pytest.param(pa.array([b"text", b"\xff"][:1]), "text", id="text without its mark"),
        pytest.param(pa.array([True]), "true", id="boolean"),
        pytest.param(pa.array([date(2024, 2, 29)]), "2024-02-29", id="date"),
        pytest.param(
            pa.array([1], pa.timestamp("ms")), "1970-01-01T00:00:00.001000+00:00", id="naive"
        ),
        pytest.param(pa.array([-1], pa.timestamp("s")), "1969-12-31T23:59:59+00:00", id="before"),
        pytest.param(pa.array([2**62], pa.timestamp("us")), f"{2**62} us from 1970", id="beyond"),
        pytest.param(pa.array([None], pa.int32()), "", id="nothing"),
        pytest.param(pa.array([["a"]]), "['a']", id="list"),
    ],
)
def test_every_type_has_its_text(write: Write, column: Any, text: str) -> None:
    assert cells(write({"x": column})) == [{"x": text}]


def test_older_moments_reach_far(write: Write) -> None:
    """INT96, as Spark and Impala wrote it."""
    moment = datetime(2500, 1, 1)  # noqa: DTZ001 they have no zone
    path = write({"x": pa.array([moment])}, use_deprecated_int96_timestamps=True)

    assert cells(path) == [{"x": "2500-01-01T00:00:00+00:00"}]


def test_what_lies_within_has_a_name_with_dots(write: Write) -> None:
    """As in JSON; null where the whole is null."""
    column = pa.array([{"amount": {"value": 1}, "currency": "EUR"}, None])

    assert cells(write({"price": column})) == [
        {"price.amount.value": "1", "price.currency": "EUR"},
        {"price.amount.value": "", "price.currency": ""},
    ]


def test_a_file_of_many_batches(write: Write) -> None:
    """All rows, in order; the progress bar reaches its end."""
    seen: list[tuple[int, int]] = []
    days = [NOW - timedelta(days=number) for number in range(2_500)]
    path = write(
        {"symbol": [str(number) for number in range(2_500)], "price": [1.5] * 2_500, "date": days},
        row_group_size=700,
    )
    ready = list(plan(path).items(NOW, lambda at, size: seen.append((at, size))))

    assert [row.number for row in ready] == list(range(1, 2_501))
    assert [row.event.event_id for row in ready if isinstance(row, Ready)] == [
        str(number) for number in range(2_500)
    ]
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] == path.stat().st_size


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "two.parquet"
    parquet.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"]), path)

    assert cells(path) == [{"x": "1", "x (2)": "2"}]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(lambda content: content[:-20], "cannot be read as a Parquet", id="cut off"),
        pytest.param(lambda content: content[:4], "cannot be read as a Parquet", id="only begun"),
        pytest.param(
            lambda content: content[:4] + b"\xff" * 40 + content[44:],
            "cannot be read as a Parquet",
            id="garbled",
        ),
        pytest.param(gzip.compress, "within gzip: unpack it first", id="packed"),
    ],
)
def test_a_file_that_cannot_be_used(
    write: Write, spoil: Callable[[bytes], bytes], said: str
) -> None:
    """One sentence, and no traceback."""
    path = write({"symbol": ["A"], "price": [1.5], "date": [NOW]}, compression="none")
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(UnusableFileError, match=said):
        plan(path)


def test_it_has_no_delimiter(write: Write) -> None:
    with pytest.raises(UnusableFileError, match="no encoding or delimiter"):
        open_prices(write({"x": [1]}), encoding=None, delimiter=";")


def test_without_the_extra_it_is_said_how_to_get_it(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write({"x": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(UnusableFileError, match=r"pip install 'conscope\[parquet\]'"):
        open_prices(path, encoding=None, delimiter=None)
