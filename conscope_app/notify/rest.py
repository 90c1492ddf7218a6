"""When the courier looks at the outbox again."""

from dataclasses import dataclass
from datetime import datetime

# The longest that an alert waits which nobody woke the courier for: one that another worker wrote.
POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class Rest:
    """When to look again: after `seconds`, or where `wakeable` as soon as somebody wakes us."""

    seconds: float
    wakeable: bool = True


AT_ONCE = Rest(0.0)
IDLE = Rest(POLL_S)

# Only another process with another address, or an operator, can end this.
DISABLED = Rest(5.0, wakeable=False)


def until(moment: datetime, now: datetime) -> Rest:
    """A pause that nobody shortens; looked at each second, as another sender may have ended it."""
    return Rest(min(POLL_S, (moment - now).total_seconds()), wakeable=False)
