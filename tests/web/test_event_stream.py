"""Server-sent events over real sockets."""

import asyncio
import logging
import resource
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientTimeout, TCPConnector, web
from aiohttp.test_utils import TestClient, TestServer

from tests.web.boards import Board
from web.event_stream import EventStreams
from web.live_page import LivePage

QUICK = {"ping_every_s": 0.05, "first_within_s": 0.05}


class Site:
    """A server with one page, and its clients."""

    def __init__(self, **limits: Any) -> None:
        self.board = Board()
        self.page = LivePage("the page", self.board.ask)
        self.streams = EventStreams(**QUICK | limits)
        application = web.Application()
        application.router.add_get("/live", self._live)
        application.on_shutdown.append(self._close)
        self.server = TestServer(application)
        self.client: TestClient[web.Request, web.Application] = TestClient(
            self.server, connector=TCPConnector(limit=0)
        )

    async def _live(self, request: web.Request) -> web.StreamResponse:
        return await self.streams.serve(request, self.page)

    async def _close(self, _: web.Application) -> None:
        self.streams.closing()
        await self.page.wake()
        await self.streams.close()

    async def listen(self, **headers: str) -> ClientResponse:
        """Open a stream."""
        answer = await self.client.get("/live", headers=headers, timeout=ClientTimeout(total=20))
        if answer.status == 200:
            assert (await answer.content.readuntil(b"\n\n")).startswith(b"retry: ")
        return answer

    async def tell(self, text: str) -> None:
        """Write that on the page, and refresh it."""
        self.board.panels = {"text": text}
        await self.page.refresh()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A running site."""
    made = Site()
    await made.client.start_server()
    await made.page.refresh()
    yield made
    await made.client.close()


async def block(answer: ClientResponse) -> dict[str, str]:
    """The next event of the stream, pings left out."""
    while True:
        lines = (await answer.content.readuntil(b"\n\n")).decode().strip().splitlines()
        if not lines[0].startswith(":"):
            return dict(line.split(": ", 1) for line in lines)


def text(event: dict[str, str]) -> str:
    """What a board says in an event."""
    return event["data"].partition('"text":"')[2].partition('"')[0]


async def test_a_stream_tells_what_is_and_then_what_changes(site: Site) -> None:
    """The first event comes at once; the next when there is news."""
    answer = await site.listen()
    first = await block(answer)
    await site.tell("second")
    second = await block(answer)

    assert answer.content_type == "text/event-stream"
    assert (first["event"], text(first), text(second)) == ("panels", "first", "second")
    assert first["id"] != second["id"]


async def test_who_comes_back_with_the_last_id_hears_only_news(site: Site) -> None:
    """`Last-Event-ID` is what the browser sends when it reconnects; first comes how old all is."""
    assert site.page.edition is not None
    answer = await site.listen(**{"Last-Event-ID": site.page.edition.id})
    ping = await answer.content.readuntil(b"\n\n")

    await site.tell("news")

    assert ping.startswith(b': ping\nevent: ping\ndata: {"as_of":"2026-03-01T14:03:22Z","age_s":0')
    assert text(await block(answer)) == "news"


async def test_a_quiet_stream_is_pinged(site: Site) -> None:
    """As a comment for proxies, and as an event for the page, for as long as nothing changes."""
    answer = await site.listen()
    await block(answer)

    for _ in range(3):
        assert (await answer.content.readuntil(b"\n\n")).startswith(b": ping\nevent: ping\n")


async def test_a_page_that_was_never_read_is_waited_for() -> None:
    """The stream begins without it, and tells it as soon as it is there."""
    site = Site()
    async with site.client:
        answer = await site.listen()
        assert b'"as_of":null' in await answer.content.readuntil(b"\n\n")

        await site.tell("here at last")

        assert text(await block(answer)) == "here at last"


async def test_a_page_that_is_not_there_is_a_404(site: Site) -> None:
    """Who watches it is let go, and told so on the return."""
    answer = await site.listen()
    await block(answer)

    site.board.why = web.HTTPNotFound()
    await site.page.refresh()

    assert b"event: panels" not in await answer.read()  # its end
    assert (await site.listen()).status == 404


async def test_a_closed_tab_leaves_no_trace(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """It is noticed at the next write, is no error, and frees its place."""
    with caplog.at_level(logging.DEBUG):
        answer = await site.listen()
        await block(answer)
        assert site.streams.open == 1
        answer.close()
        async with asyncio.timeout(5):
            while site.streams.open:
                await site.tell(site.board.panels["text"] + "+")  # something to write

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_streams_end_when_the_worker_stops(site: Site) -> None:
    """At once and whole, so that nothing waits for them."""
    answers = [await site.listen() for _ in range(3)]
    for answer in answers:
        await block(answer)

    async with asyncio.timeout(2):
        await site.server.close()

    for answer in answers:
        assert b"event: panels" not in await answer.read()
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


async def test_streams_leave_half_of_the_files_to_the_worker(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka, Postgres and the tables on disk need them more than a page does."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2, 4))
    kept = await site.listen()

    assert kept.status == 200
    assert (await site.listen()).status == 503


async def test_a_hundred_clients_are_told_by_one_rendering(site: Site) -> None:
    """Each of them, of every state, over its own socket; and told to come back at its own time."""
    answers = await asyncio.gather(
        *(site.client.get("/live", timeout=ClientTimeout(total=60)) for _ in range(100))
    )
    retries = [await answer.content.readuntil(b"\n\n") for answer in answers]
    for said in ("first", "second", "third"):
        if said != "first":
            await site.tell(said)
        events = await asyncio.gather(*(block(answer) for answer in answers))
        assert {text(event) for event in events} == {said}

    assert site.board.asked == 3
    assert len(set(retries)) > 90


class Hanging:
    """A client that asks, and then takes nothing until it is told to."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._socket.setblocking(False)

    async def ask(self) -> None:
        """Ask, and return when the stream is open."""
        loop, server = asyncio.get_running_loop(), self._site.server
        await loop.sock_connect(self._socket, (server.host, server.port))
        await loop.sock_sendall(self._socket, b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(5):
            while not self._site.streams.open:  # noqa: ASYNC110 nothing tells of it
                await asyncio.sleep(0)

    async def take_until(self, end: bytes) -> bytes:
        """All that comes, up to this."""
        taken = b""
        async with asyncio.timeout(10):
            while end not in taken:
                taken += await asyncio.get_running_loop().sock_recv(self._socket, 65_536)
        return taken

    def close(self) -> None:
        """Leave."""
        self._socket.close()


async def test_a_slow_client_finds_the_newest_state_and_delays_nobody(site: Site) -> None:
    """What it did not take in time it is never sent: one state waits for it, the newest."""
    slow = Hanging(site)
    await slow.ask()
    quick = await site.listen()
    await block(quick)

    for number in range(40):
        await site.tell(f"<{number}>" + "x" * 100_000)
        assert text(await block(quick)).startswith(f"<{number}>")
    await site.tell("the end")
    assert text(await block(quick)) == "the end"
    taken = await slow.take_until(b"the end")

    assert taken.count(b"event: panels") < 8  # what the kernel held, the one in hand, the newest
    assert b"<39>" not in taken
    slow.close()


async def test_a_client_that_takes_nothing_is_dropped() -> None:
    """Its buffers fill, the write waits too long, its place is free again."""
    site = Site(patience_s=0.05)
    async with site.client:
        await site.tell("x" * 4_000_000)
        hanging = Hanging(site)
        await hanging.ask()

        async with asyncio.timeout(10):
            while site.streams.open:  # noqa: ASYNC110 nothing tells of it
                await asyncio.sleep(0.01)
        hanging.close()
