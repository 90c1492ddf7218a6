"""When a feed whose outcomes can wait lets a more urgent one of its worker go first."""

from collections.abc import Callable

LOOK_EVERY_S = 0.1

# So long on end, and half of the time after that, so that what waits is late and never given up.
MOST_S = 30.0


class GivingWay:
    """Says whether to wait, each time that it is asked; whoever has waited works for as long.

    `is_urgent`: whether another feed has more to do than it manages.
    """

    def __init__(self, is_urgent: Callable[[], bool]) -> None:
        self._is_urgent = is_urgent
        self._waited_s = 0.0  # less what was worked since
        self._asked_s: float | None = None
        self._waits = False

    def waits(self, monotonic_s: float) -> bool:
        """Whether to wait until it is asked again, which is to be soon; else to work until then."""
        since_s = 0.0 if self._asked_s is None else monotonic_s - self._asked_s
        waited_s = self._waited_s + (since_s if self._waits else -since_s)
        self._waited_s, self._asked_s = max(0.0, waited_s), monotonic_s
        self._waits = self._waited_s < MOST_S and self._is_urgent()
        return self._waits
