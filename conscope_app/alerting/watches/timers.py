"""What time alone will change of a book, the next one first."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple

EXPIRY, LIFE = 0, 1


class Timer(NamedTuple):
    """Something that time alone changes: a watch expires, or an alert ripens or ends."""

    at: datetime
    kind: int
    watch_id: str
    item: str


class Timers:
    """The timers of a book. One that was set anew stays until it comes first, and is let go then.

    `counts` says whether a timer still stands for something. It is handed in with each question: a
    book and timers that knew each other would outlive their last use.
    """

    def __init__(self) -> None:
        self._timers: list[Timer] = []

    def set(self, at: datetime | None, kind: int, watch_id: str, item: str = "") -> None:
        """From now on something changes then; None: time alone changes nothing of it."""
        if at is not None:
            heappush(self._timers, Timer(at, kind, watch_id, item))

    def first(self, counts: Callable[[Timer], bool]) -> Timer | None:
        """The first timer that still counts."""
        timers = self._timers
        while timers and not counts(timers[0]):
            heappop(timers)
        return timers[0] if timers else None

    def pop_due(self, now: datetime, counts: Callable[[Timer], bool]) -> Timer | None:
        """The first timer that is due, taken out."""
        timer = self.first(counts)
        if timer is None or timer.at > now:
            return None
        return heappop(self._timers)
