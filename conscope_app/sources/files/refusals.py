"""The rows of a file that were not sent: counted by reason, the first kept, all written."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from conscope_app.sources.files.plan import RefusedRow

SHOWN = 20
# A spreadsheet runs a cell that begins like this; an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class Refusals:
    """What has been refused so far."""

    counts: Counter[str] = field(default_factory=Counter)
    first: list[RefusedRow] = field(default_factory=list)
    _file: TextIO | None = None

    def write_to(self, file: TextIO) -> None:
        """Write each row that is refused from now on to this file, as CSV."""
        self._file = file
        csv.writer(file).writerow(("row", "column", "value", "reason", "explanation"))

    def add(self, row: RefusedRow) -> None:
        """Count one more."""
        self.counts[row.reason] += 1
        if len(self.first) < SHOWN:
            self.first.append(row)
        if self._file is not None:
            cells = (row.column, row.text, row.reason, row.message)
            csv.writer(self._file).writerow((row.number, *map(_as_text, cells)))

    @property
    def total(self) -> int:
        return self.counts.total()


def _as_text(cell: str) -> str:
    # A lone surrogate, which only JSON can spell, has no bytes of its own.
    writable = cell.encode("utf-8", "backslashreplace").decode("utf-8")
    return f"'{writable}" if writable.startswith(_FORMULA) else writable
