"""The saboteur's hand: it decides when a fault happens."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

from conscope_app.core.clock import monotonic_s
from tests.chaos.inside.orders import SharedFolder

LOOK_EVERY_S = 0.2
A_MOMENT_S = 0.15


class Hand:
    """Strikes at moments of its own, on average as often as it is told, while the flag is up."""

    def __init__(
        self,
        folder: SharedFolder,
        every_s: dict[str, float],
        dice: Random,
        now_s: Callable[[], float] = monotonic_s,
    ) -> None:
        self.dice = dice
        self.note = folder.note
        self._folder = folder
        self._every_s = every_s
        self._now_s = now_s
        self._next_s = {fault: self._after(fault, now_s()) for fault in every_s}
        self._at_work = False
        self._looked_s = 0.0
        self._left_alone: set[asyncio.Task[Any]] = set()

    def due(self, fault: str) -> bool:
        """Whether it is time for the fault; then the next time is drawn."""
        now_s = self._now_s()
        if now_s < self._next_s.get(fault, float("inf")) or not self._may_strike(now_s):
            return False
        self._next_s[fault] = self._after(fault, now_s)
        return True

    def leave_alone(self, work: asyncio.Task[Any]) -> None:
        """Keep a task from being collected before it is done."""
        self._left_alone.add(work)
        work.add_done_callback(self._left_alone.discard)

    async def a_moment(self, at_most_s: float = A_MOMENT_S) -> None:
        """Wait for a random time."""
        await asyncio.sleep(self.dice.uniform(0, at_most_s))

    def _after(self, fault: str, now_s: float) -> float:
        return now_s + self.dice.expovariate(1 / self._every_s[fault])

    def _may_strike(self, now_s: float) -> bool:
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s, self._at_work = now_s, self._folder.at_work
        return self._at_work
