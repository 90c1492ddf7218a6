"""Whether somebody should hear of a drop: a value with its reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why nobody is told of a drop; the words that stand in `price_drop_alerts.decision`."""

    BELOW_MINIMUM_DROP = "below_minimum_drop"
    REBUILT = "rebuilt"  # its row came back after a loss: nobody knows whether it was told


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


def decide_again(
    decision: Decision, *, dropped_at: datetime, tell_from: datetime | None
) -> Decision:
    """What becomes of a decision whose row was lost: what dropped before `tell_from` is held."""
    is_told = tell_from is not None and dropped_at >= tell_from
    return decision if is_told or isinstance(decision, Hold) else Hold(Reason.REBUILT)
