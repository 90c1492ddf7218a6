"""Refreshing the pages that are watched: one after the other, and never many a second."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from conscope_app.core.clock import monotonic_s
from web.live_page import LivePage

# One round that comes a second late, as when the machine is busy otherwise, still leaves what
# people see younger than two.
EVERY_S = 0.75

# While records wait that this worker has to look at: a page may be late rather than an alert.
EVERY_S_UNDER_PRESSURE = 2.0


class Rounds:
    """Refreshes each watched page every `every_s`, in one task, one page at a time.

    While the worker is under pressure that is `EVERY_S_UNDER_PRESSURE`, if it is longer.

    Between two pages it rests as long as the last one took, and `1 / most_per_s` at least: where
    more pages are watched than that allows, each has its turn and all are refreshed more rarely. A
    page that failed or is gone is asked for again after `failed_every_s`. The task ends when nobody
    watches anything.
    """

    def __init__(
        self,
        *,
        every_s: float = EVERY_S,
        most_per_s: float = 20.0,
        failed_every_s: float = 5.0,
        is_under_pressure: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self._every_s = every_s
        self._rest_s = 1 / most_per_s
        self._failed_every_s = failed_every_s
        self._is_under_pressure = is_under_pressure
        self._monotonic = monotonic
        self._order = count()  # of pages that are due at the same moment
        self._due: list[tuple[float, int, LivePage]] = []
        self._next_at: dict[LivePage, float] = {}
        self._added = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def add(self, page: LivePage) -> None:
        """Refresh this page from now on, for as long as it is watched."""
        if page in self._next_at:
            return
        self._push(page, self._monotonic())
        self._added.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_round(), name="live-rounds")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _go_round(self) -> None:
        while self._due:
            due_at, _, page = self._due[0]
            if not page.watchers:
                self._drop()
            elif (early_s := due_at - self._monotonic()) > 0:
                await self._wait(early_s)
            else:
                self._drop()
                began = self._monotonic()
                self._next_at[page] = began  # nobody adds it a second time meanwhile
                await page.refresh()
                self._push(page, began + self._rest_of(page))
                await asyncio.sleep(max(self._rest_s, self._monotonic() - began))

    def _rest_of(self, page: LivePage) -> float:
        """How long after its last refreshing the page is to have its next one."""
        if page.failing or page.gone:
            return self._failed_every_s
        if self._is_under_pressure():
            return max(self._every_s, EVERY_S_UNDER_PRESSURE)
        return self._every_s

    def _push(self, page: LivePage, due_at: float) -> None:
        self._next_at[page] = due_at
        heappush(self._due, (due_at, next(self._order), page))

    def _drop(self) -> None:
        del self._next_at[heappop(self._due)[2]]

    async def _wait(self, early_s: float) -> None:
        self._added.clear()
        try:
            await asyncio.wait_for(self._added.wait(), early_s)
        except TimeoutError:
            pass  # the usual case: the page is due
