"""A file of prices as rows, whatever its format; readable as often as needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from conscope_app.sources.files.cells import Row, UnreadableRow
from conscope_app.sources.files.csv_rows import csv_header, csv_rows, find_delimiter
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.json_rows import json_array_rows, json_line_rows
from conscope_app.sources.files.opening import TextFile, open_text
from conscope_app.sources.files.parquet_rows import MAGIC, open_parquet

# JSON has no header: the columns are those of the first rows.
_ROWS_WITH_COLUMNS = 1_000


class PriceFile(Protocol):
    """A file of prices, readable as often as needed."""

    @property
    def path(self) -> Path: ...
    @property
    def size(self) -> int: ...
    @property
    def position(self) -> int:
        """How many bytes of it have been read, for a progress bar."""

    @property
    def described(self) -> str:
        """What kind of file it is, for people."""

    def rows(self) -> Iterator[Row | UnreadableRow]:
        """All rows in file order; a row that cannot be read comes as such, and the rest follows."""

    def columns(self) -> list[str]:
        """The names of the columns."""


@dataclass(frozen=True, slots=True)
class TextPriceFile:
    """A file of text, its format, and for CSV its delimiter."""

    text: TextFile
    format: Literal["CSV", "JSON Lines", "JSON array"]
    delimiter: str

    @property
    def path(self) -> Path:
        return self.text.path

    @property
    def size(self) -> int:
        return self.text.size

    @property
    def position(self) -> int:
        return self.text.position

    @property
    def described(self) -> str:
        kind = f"{self.format}, {self.text.encoding}" + (", gzip" if self.text.is_gzip else "")
        return f"{kind}, separated by {self.delimiter!r}" if self.delimiter else kind

    def rows(self) -> Iterator[Row | UnreadableRow]:
        """All rows in file order; a row that cannot be read comes as such, and the rest follows."""
        with self.text.open() as text:
            match self.format:
                case "CSV":
                    yield from csv_rows(text, self.delimiter)
                case "JSON Lines":
                    yield from json_line_rows(text)
                case "JSON array":
                    yield from json_array_rows(text)

    def columns(self) -> list[str]:
        """The names of the columns: the CSV header, or the keys of the first thousand objects."""
        if self.format == "CSV":
            with self.text.open() as text:
                return csv_header(text, self.delimiter)
        names: dict[str, None] = {}
        for row in islice(self.rows(), _ROWS_WITH_COLUMNS):
            if isinstance(row, Row):
                names.update(dict.fromkeys(row.cells))
        return list(names)


def open_prices(path: Path, *, encoding: str | None, delimiter: str | None) -> PriceFile:
    """The file, once it has shown what it is; raises `UnusableFileError`."""
    if _is_parquet(path):
        if encoding is not None or delimiter is not None:
            raise UnusableFileError(f"{path} is a Parquet file: it has no encoding or delimiter")
        return open_parquet(path)
    text = open_text(path, encoding)
    start = "".join(text.sample[:1_000].lstrip("\ufeff").split())
    if start.startswith("{"):
        return TextPriceFile(text, "JSON Lines", "")
    if start.startswith(("[{", "[]")):
        return TextPriceFile(text, "JSON array", "")
    return TextPriceFile(text, "CSV", delimiter or find_delimiter(text.sample))


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as raw:
            return raw.read(len(MAGIC)) == MAGIC
    except OSError:
        return False  # whoever opens it as text says why
