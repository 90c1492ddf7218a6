"""Section by row: the lowest price of each, as a table that a page can hold. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from conscope_app.domains.tickets.seating.orders import section_order
from conscope_app.domains.tickets.seating.rows import row_of, row_order
from conscope_app.domains.tickets.seating.sections import section_of
from conscope_app.store.market.event_prices import Cell

MOST_SECTIONS, MOST_ROWS = 24, 30
LEVELS = 7


class HeatCell(NamedTuple):
    """A cell and how cheap it is among those that are shown: 0 is the cheapest."""

    cell: Cell
    level: int


class Heat(NamedTuple):
    """The table: the names of its columns, and by section its cells (None: nothing on sale)."""

    rows: list[str]
    sections: list[tuple[str, list[HeatCell | None]]]
    sections_left_out: int
    rows_left_out: int


def heat_table(found: Sequence[Cell], venue: str = "") -> Heat:
    """A table of the cells, which come cheapest first: what does not fit is the dearest.

    One section, or row, that sources spell in several ways is one line, under its cheapest name.
    """
    cells = _in_one_spelling(found, venue)
    sections = [*dict.fromkeys(cell.section for cell in cells)]
    kept_sections = set(sections[:MOST_SECTIONS])
    within = [cell for cell in cells if cell.section in kept_sections]
    rows = [*dict.fromkeys(cell.row for cell in within)]
    kept_rows = set(rows[:MOST_ROWS])
    shown = [cell for cell in within if cell.row in kept_rows]
    levels = _levels(shown)
    placed = {(cell.section, cell.row): HeatCell(cell, levels[cell.lowest]) for cell in shown}
    columns = sorted(kept_rows, key=lambda row: row_order(row, venue))
    return Heat(
        columns,
        [
            (section, [placed.get((section, row)) for row in columns])
            for section in _sorted(kept_sections, venue)
        ],
        len(sections) - len(kept_sections),
        len(rows) - len(kept_rows),
    )


def sections_of(cells: Iterable[Cell], venue: str = "") -> list[str]:
    """The names of the sections, each in one spelling, in the order people count in."""
    names: dict[str, str] = {}
    for cell in cells:
        names.setdefault(_section(cell.section, venue), cell.section)
    return _sorted(names.values(), venue)


def _in_one_spelling(cells: Iterable[Cell], venue: str) -> list[Cell]:
    sections: dict[str, str] = {}
    rows: dict[str, str] = {}
    merged: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        section = sections.setdefault(_section(cell.section, venue), cell.section)
        row = rows.setdefault(row_of(cell.row), cell.row)
        cheaper = merged.get((section, row))
        lowest, seats = (cell.lowest, 0) if cheaper is None else (cheaper.lowest, cheaper.seats)
        merged[section, row] = Cell(section, row, lowest, seats + cell.seats)
    return [*merged.values()]


def _section(name: str, venue: str) -> str:
    return str(section_of(name, venue))


def _sorted(sections: Iterable[str], venue: str) -> list[str]:
    """By what they are called, and by how that is written where it is the same."""
    return sorted(sections, key=lambda name: (section_order(name, venue), name))


def _levels(shown: Sequence[Cell]) -> dict[Decimal, int]:
    """Of each price the part of the cells, in sevenths, that are cheaper."""
    prices = sorted(cell.lowest for cell in shown)
    first: dict[Decimal, int] = {}
    for place, price in enumerate(prices):
        first.setdefault(price, place * LEVELS // len(prices))
    return first
