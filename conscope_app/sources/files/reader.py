"""A file of prices as rows, whatever its format; readable as often as needed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from conscope_app.sources.files.cells import Row, UnreadableRow
from conscope_app.sources.files.csv_rows import csv_header, csv_rows, find_delimiter
from conscope_app.sources.files.json_rows import json_array_rows, json_line_rows
from conscope_app.sources.files.opening import TextFile, open_text

# JSON has no header: the columns are those of the first rows.
_ROWS_WITH_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class PriceFile:
    """A file, its format, and for CSV its delimiter."""

    text: TextFile
    format: Literal["CSV", "JSON Lines", "JSON array"]
    delimiter: str

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
    text = open_text(path, encoding)
    start = "".join(text.sample[:1_000].lstrip("\ufeff").split())
    if start.startswith("{"):
        return PriceFile(text, "JSON Lines", "")
    if start.startswith(("[{", "[]")):
        return PriceFile(text, "JSON array", "")
    return PriceFile(text, "CSV", delimiter or find_delimiter(text.sample))
