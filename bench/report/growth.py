"""The scenario in which one condition is varied at a time."""

from collections.abc import Iterable, Mapping
from math import isclose

from bench.report.figures import by_parameter
from bench.run import Results, Run

VARIED = ("seats", "partitions", "record_bytes", "drop_share")

# The size of a record is an average: with more seats their numbers have more digits.
_ALIKE = 0.05


def runs_of(results: Results, contestant: str) -> list[Run]:
    """Those of the scenario, and those with many seats and as many as usual."""
    return [*results.of("growth", contestant), *results.of("seats", contestant)]


def usual(runs: Iterable[Run]) -> dict[str, float]:
    """What each condition is while another one is varied: the value under which most was tried."""
    tried = [dict(each) for each in {tuple(sorted(run.parameters.items())) for run in runs}]
    return {
        name: _most_common([conditions[name] for conditions in tried if name in conditions])
        for name in VARIED
        if any(name in conditions for conditions in tried)
    }


def _most_common(values: list[float]) -> float:
    def commonness(value: float) -> tuple[int, int, float]:
        return sum(alike(value, other) for other in values), values.count(value), -value

    return max(values, key=commonness)


def alike(value: float, other: float) -> bool:
    """Whether two values are the same condition."""
    return isclose(value, other, rel_tol=_ALIKE)


def series(runs: Iterable[Run], varied: str) -> dict[float, list[Run]]:
    """The runs by the value of the varied condition, all others being as usual."""
    runs = list(runs)
    others = {name: value for name, value in usual(runs).items() if name != varied}
    return by_parameter((run for run in runs if _under(run.parameters, others)), varied)


def _under(parameters: Mapping[str, float], others: Mapping[str, float]) -> bool:
    return all(
        name in parameters and alike(parameters[name], value) for name, value in others.items()
    )
