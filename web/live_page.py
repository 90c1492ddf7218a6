"""One page as all who watch it see it: refreshed once, encoded once, for however many."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import msgspec
import psycopg2
from aiohttp.web import HTTPNotFound

from conscope_app.core.clock import monotonic_s
from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.errors import is_away, reason_of
from web.news import Edition, State, event
from web.patience import Unanswered

log = logging.getLogger(__name__)

# A page that takes longer is late: `briefly` gives up a read after two seconds.
_PATIENCE_S = 2.5

# Waking a watcher ends in a write to its socket: some 50 µs, and while a thread is busy now and
# then five milliseconds, until the interpreter is handed back. All 500 at once held up the loop,
# and with it the prices, for 300 ms; so many at a time for 130, and the last is told hardly later.
_WOKEN_AT_ONCE = 20


class LivePage:
    """The newest edition of one page, and those who wait for the next.

    There is no backlog: whoever comes late finds the newest edition only. While the page cannot be
    put together the last edition stands, and grows older: `ping` says how old. A page that is not
    there is `gone`.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[], Awaitable[State]],
        *,
        patience_s: float = _PATIENCE_S,
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self.name = name
        self.edition: Edition | None = None
        self.gone = False
        self.failing = False
        self.watchers = 0
        self._ask = ask
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._state: State | None = None
        self._as_of: datetime | None = None
        self._renewed_at = 0.0
        self._waiting: dict[asyncio.Future[bool], None] = {}

    async def refresh(self) -> None:
        """Put the page together once; wake those who wait, where it differs or is gone."""
        edition = self.edition
        try:
            async with asyncio.timeout(self._patience_s):
                state = await self._ask()
            self._renew(state)
        except HTTPNotFound:
            self.gone = True
        except Exception as error:  # noqa: BLE001 logged; the other pages go on, this one grows old
            self._fail(error)
        if self.gone or self.edition is not edition:
            await self.wake()

    async def changed(self, within_s: float) -> bool:
        """Whether there was something new within that time."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        timer = loop.call_later(within_s, partial(_settle, waiter, changed=False))
        self._waiting[waiter] = None
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiting.pop(waiter, None)

    async def wake(self) -> None:
        """Have everybody who waits look again, a few at a time."""
        waiting, self._waiting = list(self._waiting), {}
        for first in range(0, len(waiting), _WOKEN_AT_ONCE):
            for waiter in waiting[first : first + _WOKEN_AT_ONCE]:
                _settle(waiter, changed=True)
            await asyncio.sleep(0)

    def ping(self) -> bytes:
        """That the stream lives, and how old what it tells is: as a comment, and as an event."""
        age_s = None if self._as_of is None else round(self._monotonic() - self._renewed_at, 1)
        data = msgspec.json.encode({"as_of": self._as_of, "age_s": age_s})
        return b": ping\n" + event("ping", data)

    def _renew(self, state: State) -> None:
        if self._state is None or state.id != self._state.id:
            self.edition = Edition.of(state, self._state)
        self._state = state
        self._as_of, self._renewed_at = state.as_of, self._monotonic()
        self.gone = self.failing = False

    def _fail(self, error: Exception) -> None:
        if self.failing:
            return  # said when it began
        self.failing = True
        if isinstance(error, psycopg2.Error) and is_away(error):
            log.warning("%s is not refreshed: %s", self.name, reason_of(error))
        elif isinstance(error, Unanswered | TooSlow | TimeoutError):
            log.warning("%s is not refreshed: %s", self.name, error or "it takes too long")
        else:
            log.error("%s is not refreshed", self.name, exc_info=error)


def _settle(waiter: asyncio.Future[bool], *, changed: bool) -> None:
    if not waiter.done():
        waiter.set_result(changed)
