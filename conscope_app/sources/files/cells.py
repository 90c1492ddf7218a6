"""Cells of a row as text, whatever the file was written in."""

from collections.abc import Iterator
from dataclasses import dataclass

Cells = dict[str, str]


RAGGED = "ragged_row"
UNREADABLE = "unreadable_row"


class JsonNumber(str):
    """A number as JSON spells it: its point is a decimal point, whatever the rest of the file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` is its line in the file, or its place in a JSON array."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row whose cells cannot be told apart, and why."""

    number: int
    text: str
    reason: str
    message: str


def flatten(record: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The cells of a JSON object; what lies deeper is named with dots (`price.amount`)."""
    for name, value in record.items():
        match value:
            case dict():
                yield from flatten(value, f"{prefix}{name}.")
            case str():
                yield prefix + name, value
            case None:
                yield prefix + name, ""
            case bool():
                yield prefix + name, "true" if value else "false"
            case _:
                yield prefix + name, str(value)
