"""One client that asks for everything at once takes nothing from the others for long."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from web import answering, guard
from web.admission import Admission

Client = TestClient[web.Request, web.Application]


class Pages:
    """Answers when it is let; knows how many were asked at once."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked = asyncio.Semaphore(0)
        self.at_once = self.most_at_once = 0

    async def page(self, request: web.Request) -> web.Response:
        """Slow, until `go`."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.release()
        await self.go.wait()
        self.at_once -= 1
        return web.Response(text="inside")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Begins at once, and goes on until `go`."""
        answer = web.StreamResponse()
        await answer.prepare(request)
        self.asked.release()
        await self.go.wait()
        await answer.write_eof()
        return answer


@pytest.fixture
def pages() -> Pages:
    """Nothing is let go yet."""
    return Pages()


@pytest.fixture
async def client(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """The pages behind the door, with two places, of which three may wait half a second."""
    monkeypatch.setattr(guard, "Admission", lambda: Admission(places=2, waiting=3, patience_s=0.5))
    application = web.Application()
    guard.install(application, None)
    for path, handler in (("/", pages.page), ("/live", pages.page), ("/watches", pages.export)):
        application.router.add_get(path, handler)
    application.router.add_put("/api/v1/watches/{watch_id}", pages.page)
    async with TestClient(TestServer(application)) as client:
        yield client


async def status(client: Client, path: str = "/") -> int:
    """What comes of asking."""
    async with client.get(path) as answer:
        return answer.status


async def test_so_many_at_once_and_no_more(pages: Pages, client: Client) -> None:
    """Others wait for a place, and have it when one is free."""
    asking = [asyncio.ensure_future(status(client)) for _ in range(5)]
    for _ in range(2):
        await pages.asked.acquire()
    pages.go.set()

    assert await asyncio.gather(*asking) == [200] * 5
    assert pages.most_at_once == 2


async def test_who_waits_too_long_is_told_when_to_come_again(pages: Pages, client: Client) -> None:
    """503; so is at once whoever would have to queue behind too many."""
    asking = [asyncio.ensure_future(status(client)) for _ in range(2)]
    for _ in range(2):
        await pages.asked.acquire()
    answers = await asyncio.gather(*(client.get("/") for _ in range(4)))
    pages.go.set()

    assert [each.status for each in answers] == [503] * 4
    assert {each.headers["Retry-After"] for each in answers} == {"1"}
    assert await asyncio.gather(*asking) == [200] * 2
    assert await status(client) == 200


async def test_streams_and_whoever_reads_slowly_take_no_place(pages: Pages, client: Client) -> None:
    """An answer that has begun only has to be sent."""
    asking = [
        asyncio.ensure_future(status(client, path)) for path in ["/live"] * 3 + ["/watches"] * 3
    ]
    for _ in asking:
        await pages.asked.acquire()
    page = asyncio.ensure_future(status(client))
    await pages.asked.acquire()
    pages.go.set()

    assert await asyncio.gather(*asking, page) == [200] * 7


async def test_who_goes_away_gives_his_place_back(pages: Pages, client: Client) -> None:
    """Also from among those that wait."""
    asking = [asyncio.ensure_future(status(client)) for _ in range(5)]
    for _ in range(2):
        await pages.asked.acquire()
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    pages.go.set()

    assert [await status(client) for _ in range(3)] == [200] * 3


async def test_a_body_that_never_comes_is_not_waited_for(
    pages: Pages, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """408, and no place is taken meanwhile."""
    monkeypatch.setattr(answering, "BODY_WITHIN_S", 0.2)

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await pages.go.wait()

    pages.go.clear()
    async with client.put("/api/v1/watches/w", data=never()) as answer:
        said: dict[str, Any] = await answer.json()
        assert (answer.status, said["title"]) == (408, "Request Timeout")
    assert pages.most_at_once == 0


async def test_more_headers_than_any_browser_sends_are_no_request(client: Client) -> None:
    """400, before anything is looked at."""
    headers = {f"X-{number}": "x" for number in range(200)}
    async with client.get("/", headers=headers) as answer:
        assert answer.status == 400
