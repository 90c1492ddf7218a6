"""Tables whose lines are measurements, each with its repetitions, and whose columns are figures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.report.figures import Spread, middle, most, ratio, spread
from bench.report.markdown import table
from bench.report.quantities import NONE, TIMES, Unit
from bench.run import Run

Runs = Sequence[Run]


@dataclass(frozen=True)
class Column:
    """What stands in it, given the repetitions of one measurement."""

    head: str
    cell: Callable[[Runs], str]


def median(head: str, figure: str, unit: Unit) -> Column:
    """The median of a figure."""
    return Column(head, lambda runs: unit.bare(middle(runs, figure)))


def peak(head: str, figure: str, unit: Unit) -> Column:
    """The largest of a figure."""
    return Column(head, lambda runs: unit.bare(most(runs, figure)))


def extent(figure: str, unit: Unit) -> Column:
    """From the least to the most of a figure."""

    def between(found: Spread | None) -> str:
        return f"{unit.bare(found.low)}–{unit.bare(found.high)}" if found else NONE

    return Column("least–most", lambda runs: between(spread(runs, figure)))


def beside(head: str, figure: str, base: Runs) -> Column:
    """The median of a figure in units of that of the base."""
    return Column(head, lambda runs: TIMES.bare(ratio(middle(runs, figure), middle(base, figure))))


def behind(head: str, figure: str, base: Runs) -> Column:
    """The base's median of a figure in units of the line's."""
    return Column(head, lambda runs: TIMES.bare(ratio(middle(base, figure), middle(runs, figure))))


def repetitions() -> Column:
    """How many runs counted."""
    return Column("runs", lambda runs: str(len(runs)))


def measured(
    names: Sequence[str], lines: Iterable[tuple[Sequence[str], Runs]], columns: Sequence[Column]
) -> str:
    """A line a measurement: what names it, then its figures."""
    rows = [[*name, *(column.cell(runs) for column in columns)] for name, runs in lines]
    return table([*names, *(column.head for column in columns)], rows, words=len(names))
