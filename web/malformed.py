"""What is answered to bytes that are no request, which never reach the guard.

aiohttp would repeat what it could not read, name itself and its version, set no headers of ours,
and write a traceback for each: whoever reaches the port could fill the log.
"""

from http import HTTPStatus

from aiohttp import hdrs
from aiohttp.web import AppRunner, BaseRequest, RequestHandler, Response, Server, StreamResponse

from web.security_headers import NOT_KEPT, SECURITY_HEADERS


class Runner(AppRunner):
    """Serves an application; what is no request is refused in one sentence."""

    __slots__ = ()

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,  # noqa: SLF001 the server that we stand in for
            **made._kwargs,  # noqa: SLF001 the same
        )


class _Server(Server):
    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class _Handler(RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> StreamResponse:
        """The status and its name. What is our own fault is logged, and nobody else's."""
        if status >= 500 or request.writer.output_size:
            super().handle_error(request, status, exc, message)
        answer = Response(status=status, text=HTTPStatus(status).phrase)
        answer.headers.update(SECURITY_HEADERS)
        answer.headers[hdrs.CACHE_CONTROL] = NOT_KEPT
        answer.headers[hdrs.SERVER] = "ConScope"
        answer.force_close()
        return answer
