"""Pages while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeVar

import psycopg2
from aiohttp.web import HTTPNotFound, HTTPServiceUnavailable
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.engine import Connection
from conscope_app.store.errors import is_away, reason_of
from web.problems import Problem

# One that hangs is broken off later; a person is told before.
PATIENCE_S = 5.0

P = ParamSpec("P")
T = TypeVar("T")
Page = Callable[Concatenate[View, Request, P], Awaitable[Response]]


async def within_patience(work: Callable[[Connection], T]) -> T:
    """What `work` reads for a program; raises `Problem` where the database is slow, or hangs."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await app.services.database.run(work)
    except TooSlow as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{error}.") from None
    except TimeoutError:
        silent = f"{app.services.database.where} has not answered for {PATIENCE_S:g} s."
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, silent) from None


def or_away(page: Page[P]) -> Page[P]:
    """While the database is away, or says nothing: 503, and a page that says so."""

    @wraps(page)
    async def page_or_away(
        view: View, request: Request, /, *args: P.args, **options: P.kwargs
    ) -> Response:
        if any("\0" in each for each in (*request.match_info.values(), *request.query.values())):
            raise HTTPNotFound  # Postgres knows no such text
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await page(view, request, *args, **options)
        except TimeoutError:
            silent = f"{app.services.database.where} has not answered for {PATIENCE_S:g} s"
            raise HTTPServiceUnavailable(text=silent) from None
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            away = f"{app.services.database.where} does not answer: {reason_of(error)}"
            raise HTTPServiceUnavailable(text=away) from None

    return page_or_away
