"""What an endpoint of the API says of itself, beside its code; docs/api.md shows how."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import msgspec
from faust.web import Request, Response, View

from web.problems import answered
from web.queries import NoQuery, must_be_known, query_of

P = ParamSpec("P")
V = TypeVar("V", bound=View)

Tag = Literal[
    "overview", "events", "alerts", "watches", "channels", "silences", "operations", "api"
]

_DECLARED = "declared"


class Body(msgspec.Struct, frozen=True):
    """What is sent: the JSON of a struct. `from_address` are fields that the address gives."""

    kind: Any
    from_address: tuple[str, ...] = ()


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """An operation of the API as the document has it."""

    tag: Tag
    summary: str
    answer: Any
    status: tuple[int, ...]
    media: tuple[str, ...]
    path: Mapping[str, str]
    query: type[msgspec.Struct]
    body: Body | None
    problems: tuple[int, ...]
    is_versioned: bool
    is_stream: bool


def described(
    *,
    tag: Tag,
    summary: str,
    answer: Any,
    status: tuple[int, ...] = (HTTPStatus.OK,),
    media: tuple[str, ...] = ("application/json",),
    path: Mapping[str, str] | None = None,
    query: type[msgspec.Struct] = NoQuery,
    reads_query_itself: bool = False,
    body: Body | None = None,
    problems: tuple[int, ...] = (),
    is_versioned: bool = False,
    is_stream: bool = False,
) -> Callable[
    [Callable[Concatenate[V, Request, P], Awaitable[Response]]],
    Callable[Concatenate[V, Request, P], Awaitable[Response]],
]:
    """Describe a page of the API in `/api/v1/openapi.json`, and have it `answered`.

    `answer` is the type whose JSON is answered with each `status`, None where there is no body;
    `media` are the kinds of body that there are. `path` has a sentence for each part of the address
    that stands for something. Parameters that the struct `query` does not have are refused, and so
    are values that `web.queries.query_of` does not read, unless the page `reads_query_itself`.
    `problems` are statuses of its own beside those that every page can answer. `is_versioned`: the
    answer's ETag is a version, and what changes something takes `If-Match`. `is_stream`: it is sent
    as it is read, and has no ETag.
    """
    check = must_be_known if reads_query_itself else query_of
    declared = Declared(
        tag=tag,
        summary=summary,
        answer=answer,
        status=status,
        media=media,
        path=path or {},
        query=query,
        body=body,
        problems=problems,
        is_versioned=is_versioned,
        is_stream=is_stream,
    )

    def describe(
        page: Callable[Concatenate[V, Request, P], Awaitable[Response]],
    ) -> Callable[Concatenate[V, Request, P], Awaitable[Response]]:
        @answered
        @wraps(page)
        async def asked_rightly(
            view: V, request: Request, /, *args: P.args, **options: P.kwargs
        ) -> Response:
            check(request, query)
            return await page(view, request, *args, **options)

        vars(asked_rightly)[_DECLARED] = declared
        return asked_rightly

    return describe


def declared_of(page: Callable[..., Any]) -> Declared | None:
    """What a page was described as, if it was."""
    found: Declared | None = getattr(page, _DECLARED, None)
    return found
