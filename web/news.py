"""What the streams of `/live` tell: the stats as JSON, or the changed panels of a page.

Each state is put together once and shared by every stream; what a stream keeps for itself is only
what its client has been sent.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from conscope_app.core.clock import EPOCH
from web.event_stream import Event
from web.panels import Panels
from web.patience import Asked
from web.schema import Stats, encode

# Streams ask each second; anything newer than this is the same second's.
_FRESH_S = 0.5
_PATIENCE_S = 10.0

AskStats = Callable[[], Awaitable[Stats]]


class PageState(NamedTuple):
    """A page's panels at one moment; the id stands for their content."""

    id: str
    as_of: datetime
    panels: Panels


class StatsNews(Asked[Event]):
    """The stats as an event, shared by every stream that tells them."""

    def __init__(self, ask: AskStats) -> None:
        async def event() -> Event:
            stats = await ask()
            # The moment alone is no news.
            content = encode(msgspec.structs.replace(stats, as_of=EPOCH))
            return Event(_digest(content), "stats", encode(stats))

        super().__init__(event, fresh_s=_FRESH_S, patience_s=_PATIENCE_S)


class PageNews(Asked[PageState]):
    """The panels of one page, shared by every stream that tells them."""

    def __init__(self, ask: AskStats, render: Callable[[Stats], Panels]) -> None:
        async def state() -> PageState:
            stats = await ask()
            panels = render(stats)
            return PageState(_digest(*(p.encode() for p in panels.values())), stats.as_of, panels)

        super().__init__(state, fresh_s=_FRESH_S, patience_s=_PATIENCE_S)


class StatsSource:
    """Tells one client the stats whenever they differ from what it has seen."""

    def __init__(self, news: StatsNews) -> None:
        self._news = news

    async def news(self, seen: str) -> Event | None:
        """See `event_stream.Source`."""
        event = await self._news.get()
        return None if event.id == seen else event


class PageSource:
    """Tells one client the panels that differ from what this stream has sent it."""

    def __init__(self, news: PageNews) -> None:
        self._news = news
        self._sent: Panels = {}

    async def news(self, seen: str) -> Event | None:
        """See `event_stream.Source`."""
        state = await self._news.get()
        if state.id == seen:
            self._sent = state.panels
            return None
        changed = {
            name: str(html) for name, html in state.panels.items() if self._sent.get(name) != html
        }
        self._sent = state.panels
        data = msgspec.json.encode({"as_of": state.as_of, "panels": changed})
        return Event(state.id, "panels", data)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()[:16]
