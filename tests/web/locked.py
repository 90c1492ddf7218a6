"""The pages of the application behind a token, as a worker serves them that has one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from conscope_app import app
from web import guard
from web.aiohttp_app import native
from web.assets import STATIC

TOKEN = "s3cret-tökn"


@asynccontextmanager
async def locked_pages(token: str = TOKEN) -> AsyncIterator[TestServer]:
    """Every page of the application behind a door of its own; the application's has no token."""
    app.discover()
    application = web.Application()
    guard.install(application, token)
    for route in native(app).router.routes():
        path = "" if route.resource is None else route.resource.canonical
        if path in guard.SERVED and path != "/static":
            application.router.add_route(route.method, path, route.handler)
    application.router.add_static("/static", STATIC)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    try:
        yield server
    finally:
        await server.close()
