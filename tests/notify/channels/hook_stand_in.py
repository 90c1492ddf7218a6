"""A stand-in for any HTTP service: keeps what it is told, and misbehaves as a test asks it to."""

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Literal, NamedTuple

from aiohttp import web

Misbehaviour = Literal["hang", "reset", "garbled", "trickle"]


class Heard(NamedTuple):
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class HookStandIn:
    """Serves in a thread of its own. Each answer is the next that `then` lined up, or a 200."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.port = 0
        self._script: deque[int | Misbehaviour] = deque()
        self._answer_headers: dict[str, str] = {}
        self._answer_text = "{}"
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, name="hook stand-in", daemon=True)

    def __enter__(self) -> "HookStandIn":
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the stand-in did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening. It may be said twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)

    def then(
        self,
        *answers: int | Misbehaviour,
        headers: Mapping[str, str] | None = None,
        text: str = "{}",
    ) -> None:
        """Line up what happens next; headers and text are those of every answer from now on."""
        self._script.extend(answers)
        self._answer_headers, self._answer_text = dict(headers or {}), text

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve_until_stopped())
        self._loop.close()

    async def _serve_until_stopped(self) -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._asked)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
        await asyncio.sleep(0)  # an aborted connection closes its socket in the loop's next turn

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.heard.append(Heard(request.method, request.path_qs, request.headers.copy(), body))
        answer = self._script.popleft() if self._script else 200
        match answer:
            case "hang":
                await self._stop.wait()
            case "reset":
                assert request.transport is not None
                request.transport.abort()
            case "garbled":
                assert request.transport is not None
                request.transport.write(b"220 mail.example ESMTP\r\n\r\n")
                request.transport.close()
            case "trickle":
                return await self._trickle(request)
            case int(status):
                return web.Response(
                    status=status, text=self._answer_text, headers=self._answer_headers
                )
        return web.Response()

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        """A status line whose bytes come one by one, each sooner than any socket's timeout."""
        assert request.transport is not None
        while not self._stop.is_set() and not request.transport.is_closing():
            request.transport.write(b"H")
            try:
                async with asyncio.timeout(0.02):
                    await self._stop.wait()
            except TimeoutError:
                continue
        return web.Response()
