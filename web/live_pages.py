"""Every page that somebody watches, each once, however many watch it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager

from web.live_page import LivePage
from web.news import State
from web.rounds import Rounds

# Who reloads without end has the page put together once a second at most. Not longer: what
# nobody watched is not refreshed, and would be older than the page that was just loaded.
_KEPT_S = 1.0
_KEPT_UNWATCHED = 64


class LivePages:
    """The pages by their key; one that nobody watches is not refreshed, and soon forgotten.

    Pages that read the database go round by themselves: a slow one holds up none of the others, and
    together they take one connection of the pages' at a time, which leaves one to those who load a
    page.
    """

    def __init__(
        self,
        *,
        rounds: Callable[..., Rounds] = Rounds,
        kept_s: float = _KEPT_S,
        kept_unwatched: int = _KEPT_UNWATCHED,
    ) -> None:
        self._kept_s = kept_s
        self._kept_unwatched = kept_unwatched
        self._pages: dict[Hashable, LivePage] = {}
        self._unwatched: dict[Hashable, asyncio.TimerHandle] = {}
        self._quick, self._reading = rounds(failed_every_s=1.0), rounds()

    def __len__(self) -> int:
        return len(self._pages)

    @asynccontextmanager
    async def watching(
        self, key: Hashable, ask: Callable[[], Awaitable[State]], *, reads: bool
    ) -> AsyncIterator[LivePage]:
        """The page with this key, refreshed by `ask` for as long as somebody is in the block.

        `reads` says that asking reads the database.
        """
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = LivePage(f"Live page {key}", ask)
        if (timer := self._unwatched.pop(key, None)) is not None:
            timer.cancel()
        page.watchers += 1
        (self._reading if reads else self._quick).add(page)
        try:
            yield page
        finally:
            page.watchers -= 1
            if not page.watchers:
                self._leave(key)

    async def close(self) -> None:
        """Stop refreshing, and wake everybody who waits for it."""
        await self._quick.close()
        await self._reading.close()
        for timer in self._unwatched.values():
            timer.cancel()
        for page in self._pages.values():
            await page.wake()

    def _leave(self, key: Hashable) -> None:
        if len(self._unwatched) >= self._kept_unwatched:
            self._forget(next(iter(self._unwatched)))  # the one that was left first
        loop = asyncio.get_running_loop()
        self._unwatched[key] = loop.call_later(self._kept_s, self._forget, key)

    def _forget(self, key: Hashable) -> None:
        self._unwatched.pop(key).cancel()
        del self._pages[key]
