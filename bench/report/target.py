"""A figure with its limit, and what the runs say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bench.report.quantities import Unit
from bench.run import Results

Measure = Callable[[Results], float | None]


class Bound(Enum):
    """On which side of its limit a figure has to be."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    BELOW = "<"


class Verdict(Enum):
    """What the runs say of a target. Without runs nothing is met."""

    MET = "met"
    NOT_MET = "**not met**"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """One figure with its limit. `measured` gives None where the runs for it are missing."""

    name: str
    compared: str
    bound: Bound
    limit: float
    unit: Unit
    measured: Measure

    def verdict(self, results: Results) -> Verdict:
        """Whether these runs meet it."""
        value = self.measured(results)
        if value is None:
            return Verdict.NOT_MEASURED
        return Verdict.MET if self.holds(value) else Verdict.NOT_MET

    def holds(self, value: float) -> bool:
        """Whether the value is on the right side."""
        match self.bound:
            case Bound.AT_LEAST:
                return value >= self.limit
            case Bound.AT_MOST:
                return value <= self.limit
            case Bound.BELOW:
                return value < self.limit

    def asked(self) -> str:
        """The limit in signs, with as many decimals as it needs."""
        return f"{self.bound.value} {self.limit:,g} {self.unit.name}"

    def shown(self, value: float) -> str:
        """The value, with as many decimals as it takes to be seen on its side of the limit."""
        decimals = self.unit.decimals
        while self.holds(round(value, decimals)) != self.holds(value):
            decimals += 1
        return self.unit.full(value, decimals)
