"""How a number is written, by what it counts."""

from dataclasses import dataclass

NONE = "–"


@dataclass(frozen=True)
class Unit:
    """A unit, and the decimals that are worth a look."""

    name: str
    decimals: int = 0

    def bare(self, value: float | None) -> str:
        """The number where the head of the column has the unit already."""
        return NONE if value is None else f"{value:,.{self.decimals}f}"

    def full(self, value: float | None, decimals: int | None = None) -> str:
        """The number with its unit."""
        if value is None:
            return NONE
        return f"{value:,.{self.decimals if decimals is None else decimals}f} {self.name}"


RECORDS_PER_S = Unit("records/s")
ROWS_PER_S = Unit("rows/s")
SEATS_PER_S = Unit("seats/s")
MESSAGES_PER_S = Unit("messages/s", 1)
MICROSECONDS = Unit("µs", 1)
MILLISECONDS = Unit("ms")
SECONDS = Unit("s", 1)
MEGABYTES = Unit("MB")
PERCENT = Unit("%", 1)
TIMES = Unit("×", 2)
