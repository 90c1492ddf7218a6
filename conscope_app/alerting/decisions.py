"""Whether somebody should hear of a drop: a value with its reason."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why nobody is told of a drop; the words that stand in `price_drop_alerts.decision`."""

    BELOW_MINIMUM_DROP = "below_minimum_drop"


@dataclass(frozen=True, slots=True)
class Raise:
    """Somebody should hear of it."""

    @property
    def text(self) -> str:
        """The decision as Postgres keeps it."""
        return "raised"


@dataclass(frozen=True, slots=True)
class Hold:
    """The drop is stored, but nobody is told, for this reason."""

    reason: Reason

    @property
    def text(self) -> str:
        """The decision as Postgres keeps it."""
        return self.reason.value


Decision = Raise | Hold


def decide(drop_percent: Decimal, *, minimum: Decimal) -> Decision:
    """Raise an alert for every drop of at least `minimum` percent."""
    if drop_percent < minimum:
        return Hold(Reason.BELOW_MINIMUM_DROP)
    return Raise()
