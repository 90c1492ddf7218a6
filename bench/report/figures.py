"""What the repetitions of one measurement say together."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench.run import Run


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the most of the repetitions."""

    low: float
    middle: float
    high: float


def spread(runs: Iterable[Run], figure: str) -> Spread | None:
    """None where no run gave the figure."""
    values = [run.figures[figure] for run in runs if figure in run.figures]
    return Spread(min(values), median(values), max(values)) if values else None


def middle(runs: Iterable[Run], figure: str) -> float | None:
    """The median of a figure."""
    found = spread(runs, figure)
    return found.middle if found else None


def most(runs: Iterable[Run], figure: str) -> float | None:
    """The largest of a figure: what counts where a peak is asked for."""
    found = spread(runs, figure)
    return found.high if found else None


def ratio(value: float | None, base: float | None) -> float | None:
    """`value / base`; None where either was not measured."""
    return None if value is None or not base else value / base


def by_parameter(runs: Iterable[Run], parameter: str) -> dict[float, list[Run]]:
    """The runs by the parameter's value, the smallest first; those without it are left out."""
    found: dict[float, list[Run]] = {}
    for run in runs:
        if parameter in run.parameters:
            found.setdefault(run.parameters[parameter], []).append(run)
    return dict(sorted(found.items()))
