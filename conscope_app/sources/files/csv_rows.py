"""Rows of a CSV file: the delimiter found out, ragged and overlong rows told apart."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from conscope_app.core.refusal import Reason
from conscope_app.sources.files.cells import RAGGED, UNREADABLE, Row, UnreadableRow
from conscope_app.sources.files.errors import UnusableFileError
from conscope_app.sources.files.opening import bounded_lines

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|")
_SHOWN = 200


def find_delimiter(sample: str) -> str:
    """The delimiter that cuts the first lines into the same number of cells as the header."""
    declared = _declared_delimiter(sample)
    if declared is not None:
        return declared
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > 1 else lines  # the sample may end in the middle of a line

    def fitness(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in csv.reader(whole[:200], delimiter=delimiter) if cells]
        if not widths or widths[0] == 1:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(DELIMITERS, key=fitness)


def csv_rows(text: TextIO, delimiter: str) -> Iterator[Row | UnreadableRow]:
    """The rows after the header, in file order."""
    too_long: list[int] = []
    reader = csv.reader(bounded_lines(text, too_long), delimiter=delimiter)
    header = _header(reader)
    for number, parsed in _parsed(reader):
        yield from _drain(too_long)
        if isinstance(parsed, csv.Error):
            yield UnreadableRow(number, "", UNREADABLE, str(parsed))
        elif parsed:
            yield _row(number, header, parsed)
    yield from _drain(too_long)


def _parsed(reader: "Reader") -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Each row with the line on which it begins; after an error the reader goes on."""
    while True:
        first_line = reader.line_num + 1
        try:
            yield first_line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first_line, error


def _drain(too_long: list[int]) -> Iterator[UnreadableRow]:
    while too_long:
        yield UnreadableRow(too_long.pop(0), "", Reason.TOO_LONG, "the line is too long")


def csv_header(text: TextIO, delimiter: str) -> list[str]:
    """The names of the columns."""
    return _header(csv.reader(bounded_lines(text, []), delimiter=delimiter))


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not _is_declaration(cells):
                return distinct([cell.strip() for cell in cells])
    except csv.Error as error:
        raise UnusableFileError(f"the first line is no header of a CSV file: {error}") from error
    raise UnusableFileError("the file has no header")


def distinct(names: list[str]) -> list[str]:
    """The names, with ` (2)`, ` (3)` after those that were there before."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _row(number: int, header: list[str], cells: list[str]) -> Row | UnreadableRow:
    surplus = cells[len(header) :]
    if len(cells) < len(header) or any(cell.strip() for cell in surplus):
        return UnreadableRow(
            number,
            ",".join(cells)[:_SHOWN],
            RAGGED,
            f"the row has {len(cells)} cells, and the header {len(header)}",
        )
    return Row(number, dict(zip(header, cells, strict=False)))


def _declared_delimiter(sample: str) -> str | None:
    """Excel writes `sep=;` above the header where the delimiter is not the usual one."""
    first = sample.lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    return first[4] if len(first) == 5 and first.startswith("sep=") else None


def _is_declaration(cells: list[str]) -> bool:
    return cells[0].startswith("sep=") and not any(cells[1:])
