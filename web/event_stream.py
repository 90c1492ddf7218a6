"""Server-sent events over aiohttp: one stream a client, bounded, and gone at once on shutdown."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from aiohttp import hdrs
from aiohttp.web import Application, HTTPServiceUnavailable, Request, StreamResponse

PING = b": ping\nevent: ping\ndata: 1\n\n"  # an event too: the page hears that we are alive


class Event(NamedTuple):
    """What changed: the content's id, the event's name, and one line of data."""

    id: str
    name: str
    data: bytes

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        return b"id: %b\nevent: %b\ndata: %b\n\n" % (
            self.id.encode(),
            self.name.encode(),
            self.data,
        )


class Source(Protocol):
    """What one stream tells. It remembers what this client has been sent."""

    async def news(self, seen: str) -> Event | None:
        """The newest state, or None where the client, who has `seen` that id, knows it."""


class EventStreams:
    """Every open stream of this worker: at most `limit`, each asking its source once a second.

    A client that does not take an event within `patience_s` is dropped; a closed tab is noticed at
    the next write and is no error. `close` ends all of them.
    """

    def __init__(
        self,
        *,
        limit: int = 64,
        every_s: float = 1.0,
        ping_every_s: float = 15.0,
        patience_s: float = 10.0,
    ) -> None:
        self._limit = limit
        self._every_s = every_s
        self._ping_every_s = ping_every_s
        self._patience_s = patience_s
        self._closing = asyncio.Event()
        self._open: set[asyncio.Task[Any]] = set()
        self._all_ended = asyncio.Event()

    @property
    def open(self) -> int:
        """How many streams are open."""
        return len(self._open)

    async def serve(self, request: Request, source: Source) -> StreamResponse:
        """Stream to this client until it leaves or `close` is called; 503 where all are taken."""
        if self._closing.is_set() or len(self._open) >= self._limit:
            raise HTTPServiceUnavailable(
                text="Too many streams are open.", headers={hdrs.RETRY_AFTER: "5"}
            )
        response = StreamResponse()
        response.content_type = "text/event-stream"
        response.charset = "utf-8"
        response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
        with self._counted():
            try:
                await response.prepare(request)
                await self._write(response, b"retry: 2000\n\n")
                await self._tell(response, source, request.headers.get("Last-Event-ID", ""))
            except (ConnectionError, TimeoutError):
                if request.transport is not None:
                    request.transport.abort()  # left, or too slow: nothing more can be said
        return response

    async def close(self, _: Application) -> None:
        """End every stream now; one that hangs in a write is cut off after a moment."""
        self._closing.set()
        if not self._open:
            return
        try:
            await asyncio.wait_for(self._all_ended.wait(), 1.0)
        except TimeoutError:
            for task in self._open:
                task.cancel()

    async def _tell(self, response: StreamResponse, source: Source, seen: str) -> None:
        quiet_s = 0.0
        while not self._closing.is_set():
            event = await source.news(seen)
            if event is not None:
                seen, quiet_s = event.id, 0.0
                await self._write(response, event.encoded())
            elif quiet_s >= self._ping_every_s:
                quiet_s = 0.0
                await self._write(response, PING)
            await self._pause()
            quiet_s += self._every_s

    async def _write(self, response: StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._patience_s):
            await response.write(data)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), self._every_s)
        except TimeoutError:
            pass  # the usual case: nobody asked us to stop

    @contextmanager
    def _counted(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self._all_ended.clear()
        try:
            yield
        finally:
            self._open.discard(task)
            if not self._open:
                self._all_ended.set()
