"""Pages while the database is away."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, ParamSpec

import psycopg2
from aiohttp.web import HTTPNotFound, HTTPServiceUnavailable
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.errors import is_away, reason_of

P = ParamSpec("P")
Page = Callable[Concatenate[View, Request, P], Awaitable[Response]]


def or_away(page: Page[P]) -> Page[P]:
    """While the database is away: 503, and a page that says so."""

    @wraps(page)
    async def page_or_away(
        view: View, request: Request, /, *args: P.args, **options: P.kwargs
    ) -> Response:
        if any("\0" in each for each in (*request.match_info.values(), *request.query.values())):
            raise HTTPNotFound  # Postgres knows no such text
        try:
            return await page(view, request, *args, **options)
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            away = f"{app.services.database.where} does not answer: {reason_of(error)}"
            raise HTTPServiceUnavailable(text=away) from None

    return page_or_away
