"""What is wrong with a request, for the program that made it: RFC 9457, `application/problem+json`.

Pages of the API raise `Problem`; `answered` makes the answer of it, and of what the database and
the definitions have to say.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
import psycopg2
from aiohttp import hdrs
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.validation import Invalid
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.watches.definitions import VersionMismatch

P = ParamSpec("P")
V = TypeVar("V", bound=View)

RETRY_S = 5


class Amiss(msgspec.Struct, frozen=True):
    """One field that cannot be taken, and why."""

    field: str
    detail: str


class Described(msgspec.Struct, frozen=True):
    """The answer's body. `errors` are the fields that are to be changed, where there are some."""

    status: int
    title: str
    detail: str
    type: str = "about:blank"
    errors: list[Amiss] = []


class Problem(Exception):
    """Why a request is not answered as it was meant."""

    def __init__(
        self, status: HTTPStatus, detail: str, errors: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = [Amiss(*each) for each in errors]


def answered(
    page: Callable[Concatenate[V, Request, P], Awaitable[Response]],
) -> Callable[Concatenate[V, Request, P], Awaitable[Response]]:
    """Have a page's problems answered, in its own words and with its status."""

    @wraps(page)
    async def page_or_problem(
        view: V, request: Request, /, *args: P.args, **options: P.kwargs
    ) -> Response:
        try:
            _must_be_text(request)
            return await page(view, request, *args, **options)
        except Problem as problem:
            return _answer(view, problem)
        except Invalid as invalid:
            errors = [(each.field, each.sentence) for each in invalid.problems]
            detail = "The definition cannot be taken."
            return _answer(view, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors))
        except VersionMismatch as mismatch:
            return _answer(view, Problem(HTTPStatus.PRECONDITION_FAILED, f"{mismatch}."))
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            away = f"{app.services.database.where} does not answer: {reason_of(error)}"
            return _answer(view, Problem(HTTPStatus.SERVICE_UNAVAILABLE, away))

    return page_or_problem


def _must_be_text(request: Request) -> None:
    """Postgres knows no text with a NUL: nothing is called so."""
    given = (*request.match_info.values(), *request.query.values())
    if any("\0" in each for each in given):
        raise Problem(HTTPStatus.BAD_REQUEST, "The address holds a character that is none (NUL).")


def _answer(view: View, problem: Problem) -> Response:
    status = problem.status
    body = Described(status.value, status.phrase, problem.detail, errors=problem.errors)
    headers: dict[str, Any] = {}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers[hdrs.RETRY_AFTER] = str(RETRY_S)
    return view.bytes(
        msgspec.json.encode(body),
        status=status.value,
        headers=headers,
        content_type="application/problem+json",
    )
