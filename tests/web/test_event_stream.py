"""Server-sent events over real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientTimeout, web
from aiohttp.test_utils import TestClient, TestServer

from web.event_stream import Event, EventStreams

QUICK = {"every_s": 0.01, "ping_every_s": 0.05}


class Board:
    """Tells whatever was last written on it."""

    def __init__(self) -> None:
        self.id = "1"
        self.data = b"first"
        self.asked = asyncio.Event()

    async def news(self, seen: str) -> Event | None:
        """See `event_stream.Source`."""
        self.asked.set()
        return None if seen == self.id else Event(self.id, "news", self.data)


class Site:
    """A server with one stream, and its clients."""

    def __init__(self, **limits: Any) -> None:
        self.board = Board()
        self.streams = EventStreams(**QUICK | limits)
        application = web.Application()
        application.router.add_get("/live", self._live)
        application.on_shutdown.append(self.streams.close)
        self.server = TestServer(application)
        self.client: TestClient[web.Request, web.Application] = TestClient(self.server)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        return await self.streams.serve(request, self.board)

    async def listen(self, **headers: str) -> ClientResponse:
        """Open a stream."""
        answer = await self.client.get("/live", headers=headers, timeout=ClientTimeout(total=20))
        if answer.status == 200:
            assert await answer.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
        return answer


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A running site."""
    made = Site()
    await made.client.start_server()
    yield made
    await made.client.close()


async def block(answer: ClientResponse) -> list[bytes]:
    """The next block of the stream, as lines; comments and pings are left out."""
    while True:
        lines = (await answer.content.readuntil(b"\n\n")).strip().splitlines()
        if not lines[0].startswith(b":"):
            return lines


async def test_a_stream_tells_what_is_and_then_what_changes(site: Site) -> None:
    """The first event comes at once; the next when there is news."""
    answer = await site.listen()

    assert answer.content_type == "text/event-stream"
    assert await block(answer) == [b"id: 1", b"event: news", b"data: first"]

    site.board.id, site.board.data = "2", b"second"

    assert await block(answer) == [b"id: 2", b"event: news", b"data: second"]


async def test_who_comes_back_with_the_last_id_hears_only_news(site: Site) -> None:
    """`Last-Event-ID` is what the browser sends when it reconnects."""
    site.board.id = "7"
    answer = await site.listen(**{"Last-Event-ID": "7"})
    ping = await answer.content.readuntil(b"\n\n")

    site.board.id, site.board.data = "8", b"news"

    assert ping.startswith(b": ping\n")
    assert await block(answer) == [b"id: 8", b"event: news", b"data: news"]


async def test_a_quiet_stream_is_pinged(site: Site) -> None:
    """As a comment for proxies, and as an event for the page."""
    answer = await site.listen(**{"Last-Event-ID": "1"})

    assert await answer.content.readuntil(b"\n\n") == b": ping\nevent: ping\ndata: 1\n\n"


async def test_a_closed_tab_leaves_no_trace(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """It is noticed at the next write, is no error, and frees its place."""
    with caplog.at_level(logging.DEBUG):
        answer = await site.listen()
        await block(answer)
        assert site.streams.open == 1
        answer.close()
        async with asyncio.timeout(5):
            while site.streams.open:
                site.board.id += "+"  # something to write
                await asyncio.sleep(0)

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_streams_end_when_the_worker_stops(site: Site) -> None:
    """At once and whole, so that nothing waits for them."""
    answers = [await site.listen() for _ in range(3)]
    for answer in answers:
        await block(answer)

    async with asyncio.timeout(2):
        await site.server.close()

    for answer in answers:
        rest = await answer.read()
        assert rest.replace(b": ping\nevent: ping\ndata: 1\n\n", b"") == b""
    assert site.streams.open == 0


async def test_more_streams_than_there_are_places_are_refused() -> None:
    """503, and when to come back; the page then asks for itself."""
    site = Site(limit=2)
    async with site.client:
        kept = [await site.listen(), await site.listen()]
        refused = await site.listen()

        assert refused.status == 503
        assert refused.headers["Retry-After"] == "5"
        assert [answer.status for answer in kept] == [200, 200]


async def test_a_client_that_takes_nothing_is_dropped() -> None:
    """Its buffers fill, the write waits too long, its place is free again."""
    site = Site(patience_s=0.05)
    async with site.client:
        site.board.data = b"x" * 4_000_000
        reader, writer = await asyncio.open_connection(site.server.host, site.server.port)
        writer.write(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # a client that hangs

        async with asyncio.timeout(10):
            await site.board.asked.wait()
            while site.streams.open:
                site.board.id += "+"
                await asyncio.sleep(0.01)
        writer.close()
