"""The OpenAPI document of `/api/v1`, from the pages that are served and what they declare."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec
from faust.web import View

from conscope_app import __version__
from web.openapi.declaration import Declared, declared_of
from web.openapi.operation import Shapes, operation
from web.openapi.responses import PROBLEMS, problem_responses
from web.openapi.schemas import drawn_answers, drawn_bodies
from web.problems import ProblemDetails

ROOT = "/api/v1/"

_PART = re.compile(r"\{([^{}:]+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")  # `{id}`, or `{id:a pattern}`

_ABOUT = """\
The API of the pages: each worker answers for the whole cluster.

Times are UTC and a field that is null is unknown, never zero. Lists are read page by page: `next`
is what `after` takes to go on, and null at the end. What is read has an `ETag`; shown again in
`If-None-Match`, it is answered with 304 where nothing has changed. Errors are
`application/problem+json`; `errors` names each field, parameter or header that is to be changed.
A parameter that there is not is refused.
"""


class Operation(NamedTuple):
    """One method of one page, and what it is declared as."""

    id: str
    path: str
    method: str
    declared: Declared


def operations(views: Mapping[str, View]) -> Iterator[Operation]:
    """Every operation of the API that is described, by its page and method."""
    for path, view in sorted(views.items()):
        if not path.startswith(ROOT):
            continue
        for method in sorted(view.get_methods() - {"HEAD"}):
            declared = declared_of(view.methods[method.lower()])
            if declared is not None:
                name = view.view_name.removeprefix("api_")
                yield Operation(
                    f"{method.lower()}_{name}", without_patterns(path), method, declared
                )


def without_patterns(path: str) -> str:
    """An address with its parts by name only."""
    return _PART.sub(r"{\1}", path)


def parts_of(path: str) -> list[str]:
    """What the parts of an address are called that stand for something."""
    return _PART.findall(path)


def document(views: Mapping[str, View], *, asks_for_token: bool) -> dict[str, Any]:
    """The document as plain JSON. Where no token is set, none has to be shown."""
    drawn = _drawn([*operations(views)], asks_for_token=asks_for_token)
    return cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(drawn)))


def _drawn(described: Sequence[Operation], *, asks_for_token: bool) -> dict[str, Any]:
    shapes = _shapes([each.declared for each in described])
    paths: dict[str, Any] = {}
    for each in described:
        drawn = operation(each.id, each.path, each.method, each.declared, shapes)
        paths.setdefault(each.path, {})[each.method.lower()] = drawn
    shown: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "ConScope", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": shown if asks_for_token else [{}, *shown],
        "tags": [{"name": tag} for tag in sorted({each.declared.tag for each in described})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(shapes.components.items())),
            "responses": problem_responses(PROBLEMS, shapes.problem),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The web token."},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The web token as the password, with any user name.",
                },
            },
        },
    }


def _shapes(described: Iterable[Declared]) -> Shapes:
    """The schemas of everything that is answered and sent."""
    declared = [*described]
    answers = _once(each.answer for each in declared if each.answer is not None)
    bodies = _once(each.body.kind for each in declared if each.body is not None)
    given = {
        each.body.kind.__name__: each.body.from_address
        for each in declared
        if each.body is not None and each.body.from_address
    }
    of_answers = drawn_answers([ProblemDetails, *answers])
    of_bodies = drawn_bodies(bodies, given)
    problem, *rest = of_answers.schemas
    return Shapes(
        problem=problem,
        answers=[*zip(answers, rest, strict=True)],
        bodies=[*zip(bodies, of_bodies.schemas, strict=True)],
        components={**of_answers.components, **of_bodies.components},
    )


def _once(kinds: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for kind in kinds:
        if kind not in found:
            found.append(kind)
    return found
