"""Rows of a Parquet file, batch by batch; decimals and moments exactly as they are stored.

It needs pyarrow, which is an extra: `pip install 'conscope[parquet]'`.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from conscope_app.core.clock import EPOCH
from conscope_app.sources.files.cells import JsonNumber, Row, UnreadableRow
from conscope_app.sources.files.csv_rows import distinct
from conscope_app.sources.files.errors import UnusableFileError

MAGIC = b"PAR1"
_ROWS_A_BATCH = 1_000
_UNITS_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

ToText = Callable[[Any], str]


@dataclass(slots=True)
class ParquetFile:
    """A Parquet file, readable as often as needed. Its `read_rows` are those of the last reading.

    What lies within a struct is a column named with dots, as in JSON.
    """

    path: Path
    size: int
    row_count: int
    read_rows: int = 0

    @property
    def described(self) -> str:
        return "Parquet"

    @property
    def position(self) -> int:
        """About how many bytes have been read, for a progress bar."""
        return self.size * self.read_rows // self.row_count if self.row_count else self.size

    def columns(self) -> list[str]:
        """The names of the columns."""
        with _opened(self.path) as file:
            return distinct(_flat(file.schema_arrow.empty_table()).column_names)

    def rows(self) -> Iterator[Row | UnreadableRow]:
        """All rows in file order."""
        self.read_rows = 0
        with _opened(self.path) as file:
            for batch in file.iter_batches(_ROWS_A_BATCH, use_threads=False):
                for cells in _cells(batch):
                    self.read_rows += 1
                    yield Row(self.read_rows, cells)


def open_parquet(path: Path) -> ParquetFile:
    """The file, once its end has told what is in it; raises `UnusableFileError`."""
    with _opened(path) as file:
        return ParquetFile(path, path.stat().st_size, file.metadata.num_rows)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise UnusableFileError(
            f"{path} is a Parquet file, and pyarrow is not installed: "
            "pip install 'conscope[parquet]'"
        ) from None
    try:
        # The moments of older files (INT96) reach further than 64 bits of nanoseconds.
        with parquet.ParquetFile(path, coerce_int96_timestamp_unit="us") as file:
            yield file
    except (arrow.ArrowException, OSError) as error:
        raise UnusableFileError(f"{path} cannot be read as a Parquet file: {error}") from error


def _cells(batch: Any) -> Iterator[dict[str, str]]:
    import pyarrow as arrow

    flat = _flat(arrow.Table.from_batches([batch]))
    names = distinct(flat.column_names)
    texts = [_texts(column) for column in flat.columns]
    for row in zip(*texts, strict=True):
        yield dict(zip(names, row, strict=True))


def _flat(table: Any) -> Any:
    """The table with the fields of structs as columns of their own."""
    from pyarrow import types

    while any(types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _texts(column: Any) -> list[str]:
    """A column's values as text; what is not there is empty."""
    import pyarrow as arrow
    from pyarrow import types

    kind = column.type
    to_text: ToText = str
    if types.is_timestamp(kind):
        # As numbers: Python's own moments have no nanoseconds, and pyarrow refuses those.
        column, to_text = column.cast(arrow.int64()), partial(_moment, unit=kind.unit)
    elif types.is_float32(kind):
        to_text = _single
    elif types.is_integer(kind) or types.is_decimal(kind) or types.is_floating(kind):
        to_text = JsonNumber
    elif types.is_boolean(kind):
        to_text = _boolean
    elif types.is_binary(kind) or types.is_large_binary(kind):
        to_text = _bytes
    return ["" if value is None else to_text(value) for value in column.to_pylist()]


def _moment(count: int, unit: str) -> str:
    """RFC 3339; stored moments are in UTC, or without a zone, which is taken as UTC."""
    try:
        return (EPOCH + timedelta(microseconds=count * 10**6 // _UNITS_A_SECOND[unit])).isoformat()
    except OverflowError:
        return f"{count} {unit} from 1970"


def _single(value: float) -> str:
    """The shortest number that is stored as this one: 0.1, and not 0.10000000149011612."""
    for digits in (6, 7, 8):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return JsonNumber(text)
    return JsonNumber(f"{value:.9g}")


def _boolean(value: bool) -> str:  # noqa: FBT001 the value itself
    return "true" if value else "false"


def _bytes(value: bytes) -> str:
    """Text, as older programs store it."""
    return value.decode("utf-8", "backslashreplace")
