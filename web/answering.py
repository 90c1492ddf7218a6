"""How a request that may pass is answered: its body read, in its turn, errors in one shape."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs
from aiohttp.web import (
    HTTPMethodNotAllowed,
    HTTPNotFound,
    HTTPRequestTimeout,
    Request,
    Response,
    StreamResponse,
)

from web.admission import Admission
from web.etags import READING
from web.methods import allowed_methods

API = "/api/"
AT_ONCE = ("/live", "/static/", "/health/")  # read no database, or count their clients themselves
BODY_WITHIN_S = 10.0

Handler = Callable[[Request], Awaitable[StreamResponse]]


async def answer(request: Request, handler: Handler, admission: Admission) -> StreamResponse:
    """The page's answer; of the API also which methods an address takes."""
    is_of_api = request.path.startswith(API)
    if is_of_api and request.method == hdrs.METH_OPTIONS:
        return _options(request)
    await _read_body(request)
    response = await _in_turn(request, handler, admission)
    if is_of_api and response.status == HTTPMethodNotAllowed.status_code:
        # Faust's own, of a page that has no GET and was asked for its HEAD, is no problem.
        raise HTTPMethodNotAllowed(request.method, ())
    return response


def _options(request: Request) -> Response:
    if isinstance(request.match_info.http_exception, HTTPNotFound):
        raise HTTPNotFound
    return Response(status=204, headers={hdrs.ALLOW: allowed_methods(request)})


async def _read_body(request: Request) -> None:
    """Have it here before anything is done for the request: who sends it slowly holds up nobody."""
    if request.method in READING or request.match_info.http_exception is not None:
        return  # nobody will look at it
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            await request.read()
    except TimeoutError:
        raise HTTPRequestTimeout(text=f"The body took over {BODY_WITHIN_S:.0f} s.") from None


async def _in_turn(request: Request, handler: Handler, admission: Admission) -> StreamResponse:
    if request.path.startswith(AT_ONCE):
        return await handler(request)
    place = await admission.take(request)
    try:
        return await handler(request)
    finally:
        place.give_back()
