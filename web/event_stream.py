"""Server-sent events over aiohttp: a stream a client, bounded, and gone at once on shutdown."""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import hdrs
from aiohttp.web import HTTPNotFound, HTTPServiceUnavailable, Request, StreamResponse

from web.live_page import LivePage

MOST = 1_000  # streams of one worker

# What a slow client has not taken lies in the kernel: without a limit of ours up to 4 MB each, and
# in them minutes of states that nobody wants any more. (Linux doubles the number for its own use.)
_SEND_BUFFER_BYTES = 65_536

# Browsers come back after this. Not all at once, when a worker was restarted: they are spread.
_RETRY_MS = range(1_500, 3_500)
_RETRY_STEP_MS = 97


class EventStreams:
    """Every open stream of this worker: at most `limit`, and half the files it may open.

    A stream tells its page's newest edition whenever the client has taken the last one: what came
    meanwhile is left out, and nothing waits for a slow client but that client. One that takes
    nothing for `patience_s` is dropped; a closed tab is noticed at the next write and is no error.
    Where there is no news a ping says each `ping_every_s` how old the page is. `close` ends all.
    """

    def __init__(
        self,
        *,
        limit: int = MOST,
        ping_every_s: float = 5.0,
        patience_s: float = 10.0,
        first_within_s: float = 2.0,
    ) -> None:
        self._limit = limit
        self._ping_every_s = ping_every_s
        self._patience_s = patience_s
        self._first_within_s = first_within_s
        self._closing = False
        self._served = 0
        self._open: set[asyncio.Task[Any]] = set()
        self._all_ended = asyncio.Event()

    @property
    def open(self) -> int:
        """How many streams are open."""
        return len(self._open)

    def check_room(self) -> None:
        """503 where there is no room for one more stream."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if self._closing or len(self._open) >= min(self._limit, max(1, files // 2)):
            raise HTTPServiceUnavailable(
                text="Too many streams are open.", headers={hdrs.RETRY_AFTER: "5"}
            )

    async def serve(self, request: Request, page: LivePage) -> StreamResponse:
        """Stream the page until the client leaves, the page is gone, or `close` is called.

        503 where all places are taken; 404 for a page that is not there.
        """
        self.check_room()
        with self._counted():
            await self._until_first(page)
            response = StreamResponse()
            response.content_type = "text/event-stream"
            response.charset = "utf-8"
            response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
            try:
                await response.prepare(request)
                _hold_back_nothing(request, self._patience_s)
                await self._tell(request, response, page)
            except OSError:  # TimeoutError is one
                if request.transport is not None:
                    request.transport.abort()  # left, or too slow: nothing more can be said
        return response

    def closing(self) -> None:
        """Take no more streams, and end each when it is woken next."""
        self._closing = True

    async def close(self) -> None:
        """Return when every stream has ended; one that hangs in a write is cut off."""
        self.closing()
        if not self._open:
            return
        try:
            await asyncio.wait_for(self._all_ended.wait(), 1.0)
        except TimeoutError:
            for task in self._open:
                task.cancel()

    async def _until_first(self, page: LivePage) -> None:
        if page.edition is None and not page.gone and not self._closing:
            await page.changed(self._first_within_s)
        if page.gone:
            raise HTTPNotFound

    async def _tell(self, request: Request, response: StreamResponse, page: LivePage) -> None:
        seen = request.headers.get("Last-Event-ID", "")
        news, seen = _news(page, seen)
        hello = b"retry: %d\n\n" % self._retry_ms()
        await self._write(request, response, hello + news + page.ping())
        while not (self._closing or page.gone):
            news, seen = _news(page, seen)
            if news:
                await self._write(request, response, news)
            elif not await page.changed(self._ping_every_s):
                await self._write(request, response, page.ping())

    async def _write(self, request: Request, response: StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._patience_s):
            await response.write(data)
            await request.writer.drain()  # until the kernel has taken all of it

    def _retry_ms(self) -> int:
        self._served += 1
        return _RETRY_MS[self._served * _RETRY_STEP_MS % len(_RETRY_MS)]

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


def _news(page: LivePage, seen: str) -> tuple[bytes, str]:
    """What a client who has seen that state is sent, if anything, and what it has seen then."""
    edition = page.edition
    if edition is None or edition.id == seen:
        return b"", seen
    return edition.since(seen), edition.id


def _hold_back_nothing(request: Request, patience_s: float) -> None:
    """Have `drain` wait until all was taken, and the kernel keep little for who takes nothing."""
    if request.transport is None:
        raise ConnectionResetError  # it left while it was waited for the page
    request.transport.set_write_buffer_limits(high=0)
    sock = request.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: a laptop that sleeps acknowledges nothing
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(patience_s * 1_000))
