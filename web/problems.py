"""What is wrong with a request, for the program that made it: RFC 9457, `application/problem+json`.

Pages of the API raise `Problem`; `answered` makes the answer of it, and of what the database and
the definitions have to say.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeVar, cast

import msgspec
import psycopg2
from aiohttp import hdrs, web
from aiohttp.typedefs import LooseHeaders
from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.alerting.watches.validation import Invalid
from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.errors import is_away, reason_of
from conscope_app.store.watches.definitions import VersionMismatch
from web.etags import known_or

P = ParamSpec("P")
V = TypeVar("V", bound=View)

PROBLEM_JSON = "application/problem+json"
RETRY_S = 5

# Postgres holds neither, and nothing is called so: NUL, and half of a character.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Amiss(msgspec.Struct, frozen=True):
    """One field, parameter or header that cannot be taken, and why."""

    field: str
    detail: str


class ProblemDetails(msgspec.Struct, frozen=True):
    """Why a request was not answered as it was meant; `errors` are the fields to be changed."""

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
    """Have a page's problems answered, in its own words and with its status.

    What is read gets an ETag, and who shows that ETag is not sent the same again.
    """

    @wraps(page)
    async def page_or_problem(
        view: V, request: Request, /, *args: P.args, **options: P.kwargs
    ) -> Response:
        try:
            _must_be_text(request)
            answer = await page(view, request, *args, **options)
            # Faust's own types know no driver's requests and answers.
            known = known_or(cast("web.Request", request), cast("web.StreamResponse", answer))
            return cast("Response", known)
        except Problem as problem:
            return _answer(problem)
        except Invalid as invalid:
            errors = [(each.field, each.sentence) for each in invalid.problems]
            detail = "The definition cannot be taken."
            return _answer(Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors))
        except VersionMismatch as mismatch:
            return _answer(Problem(HTTPStatus.PRECONDITION_FAILED, f"{mismatch}."))
        except TooSlow as slow:
            return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{slow}."))
        except psycopg2.Error as error:
            if not is_away(error):
                raise
            away = f"{app.services.database.where} does not answer: {reason_of(error)}"
            return _answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, away))

    return page_or_problem


def problem_response(
    status: HTTPStatus,
    detail: str,
    *,
    errors: Iterable[Amiss] = (),
    headers: LooseHeaders | None = None,
) -> web.Response:
    """The problem as an answer."""
    body = ProblemDetails(status.value, status.phrase, detail, errors=list(errors))
    return web.Response(
        body=msgspec.json.encode(body),
        status=status.value,
        headers=headers,
        content_type=PROBLEM_JSON,
    )


def _must_be_text(request: Request) -> None:
    errors = [
        (_NO_TEXT.sub("?", name), "holds a character that is none (NUL, or half of one)")
        for name, value in (*request.match_info.items(), *request.query.items())
        if _NO_TEXT.search(f"{name}{value}")
    ]
    if errors:
        detail = "The address holds a character that is none (NUL, or half of one)."
        raise Problem(HTTPStatus.BAD_REQUEST, detail, errors)


def _answer(problem: Problem) -> Response:
    is_away = problem.status is HTTPStatus.SERVICE_UNAVAILABLE
    headers = {hdrs.RETRY_AFTER: str(RETRY_S)} if is_away else None
    status, detail, errors = problem.status, problem.detail, problem.errors
    return cast("Response", problem_response(status, detail, errors=errors, headers=headers))
