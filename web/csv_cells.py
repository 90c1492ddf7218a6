"""Lines of CSV (RFC 4180) that a spreadsheet shows and does not run. Pure.

A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises:
https://owasp.org/www-community/attacks/CSV_Injection. Numbers are written by us and stay numbers.
"""

import csv
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from io import StringIO

Cell = str | int | Decimal | datetime | None

# A spreadsheet skips blanks in front, and takes full-width signs for the others.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_CONTROLS = ("\t", "\r", "\n", "\0")


def csv_lines(rows: Iterable[Iterable[Cell]]) -> str:
    """The rows as text."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return written.getvalue()


def _cell(value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    is_formula = value.lstrip().startswith(_BEGINS_A_FORMULA) or value.startswith(_CONTROLS)
    return f"'{value}" if is_formula else value
