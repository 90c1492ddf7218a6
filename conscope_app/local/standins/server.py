"""The stand-ins behind a socket of this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from conscope_app.core.clock import Clock, utc_now
from conscope_app.local.standins.exchange import Asked, Reply
from conscope_app.local.standins.standin import StandIns

HOST = "127.0.0.1"
REPORT = "/standin/report"


@asynccontextmanager
async def serving(
    standins: StandIns, *, port: int = 0, clock: Clock = utc_now
) -> AsyncIterator[str]:
    """Serve both vendors at the address that this gives, until the block ends.

    `clock` is asked at each request. Requests that wait for a silence to end are dropped then.
    """
    application = web.Application()
    served = _Served(standins, clock)
    application.router.add_get(REPORT, served.report)
    application.router.add_get("/{path:.*}", served.ask)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        served.stopped.set()
        await runner.cleanup()


class _Served:
    def __init__(self, standins: StandIns, clock: Clock) -> None:
        self._standins = standins
        self._clock = clock
        self.stopped = asyncio.Event()

    async def report(self, _request: web.Request) -> web.Response:
        return web.json_response(self._standins.report())

    async def ask(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.path, tuple(request.query.items()), headers)
        reply = self._standins.answer(asked, self._clock())
        if reply.silence_s:
            await self._be_silent(reply.silence_s)
            return _hung_up(request)
        if reply.is_cut:
            return await _cut(request, reply)
        return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)

    async def _be_silent(self, silence_s: float) -> None:
        try:
            await asyncio.wait_for(self.stopped.wait(), silence_s)
        except TimeoutError:
            return


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, reply: Reply) -> web.StreamResponse:
    """The whole body is promised, half of it sent."""
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    response = web.StreamResponse(status=reply.status, headers=headers)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
