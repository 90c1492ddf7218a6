"""One operation of the OpenAPI document: its parameters, its body, its answers, its examples."""

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from web.openapi.declaration import Declared
from web.openapi.responses import problems_of
from web.openapi.schemas import Schema, parameter_schema
from web.queries import kind_in_words

EXAMPLES = Path(__file__).parent / "examples"

_JSON = "application/json"
_READING = "GET"

_ETAG = {"description": "What stands for this content.", "schema": {"type": "string"}}
_VERSION = {"description": "The version, in quotes.", "schema": {"type": "string"}}


class Shapes(NamedTuple):
    """The schemas of all kinds that are answered and sent, and what those refer to."""

    problem: Schema
    answers: Sequence[tuple[Any, Schema]]
    bodies: Sequence[tuple[Any, Schema]]
    components: Mapping[str, Schema]


def operation(
    operation_id: str, path: str, method: str, declared: Declared, shapes: Shapes
) -> dict[str, Any]:
    """The operation as the document has it."""
    drawn: dict[str, Any] = {
        "operationId": operation_id,
        "tags": [declared.tag],
        "summary": declared.summary,
        "parameters": [
            *_of_address(declared.path),
            *_of_query(declared.query),
            *_of_headers(method, declared),
        ],
        "responses": _responses(operation_id, method, declared, shapes),
    }
    if declared.body is not None:
        schema = _of(shapes.bodies, declared.body.kind)
        drawn["requestBody"] = {
            "required": True,
            "content": {_JSON: _content(schema, f"{operation_id}.body")},
        }
    return drawn


@cache
def example(name: str) -> Any:
    """The example of an operation's answer, or of its `.body`; None where there is none."""
    file = EXAMPLES / f"{name}.json"
    return msgspec.json.decode(file.read_bytes()) if file.exists() else None


def _of_address(path: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": sentence,
            "schema": {"type": "string"},
        }
        for name, sentence in path.items()
    ]


def _of_query(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    return [_parameter(field) for field in msgspec.structs.fields(query)]


def _parameter(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    default = None if field.default is msgspec.NODEFAULT else field.default
    schema = parameter_schema(field.type, default)
    words = schema.pop("description", None) or _sentence(field)
    return {
        "name": field.encode_name,
        "in": "query",
        "required": field.required,
        "description": words,
        "schema": schema,
    }


def _sentence(field: msgspec.structs.FieldInfo) -> str:
    words = kind_in_words(inspect.type_info(field.type))
    return f"{words[0].upper()}{words[1:]}."


def _of_headers(method: str, declared: Declared) -> list[dict[str, Any]]:
    if method == _READING:
        words = "The ETag of what is known already: answered with 304 where nothing has changed."
        return [_header("If-None-Match", words)] if _has_tag(declared) else []
    if not declared.is_versioned:
        return []
    only = "The version that is to be changed, as its ETag; another one is 412."
    new = "`*`: only to make what is not there; otherwise 412."
    return [_header("If-Match", only), *([_header("If-None-Match", new)] if declared.body else [])]


def _has_tag(declared: Declared) -> bool:
    """Whether what is read has an ETag of its content."""
    return not (declared.is_versioned or declared.is_stream)


def _header(name: str, words: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "required": False, "description": words, "schema": schema}


def _responses(
    operation_id: str, method: str, declared: Declared, shapes: Shapes
) -> dict[str, Any]:
    answers = {
        str(status): _answer(operation_id, status, method, declared, shapes)
        for status in declared.status
    }
    if method == _READING and _has_tag(declared):
        words = "Nothing has changed since the ETag in `If-None-Match`."
        answers["304"] = {"description": words, "headers": {"ETag": _ETAG}}
    refusals = problems_of(declared, is_reading=method == _READING)
    return {**answers, **{str(status): _ref(status) for status in refusals}}


def _ref(status: int) -> dict[str, Any]:
    return {"$ref": f"#/components/responses/{HTTPStatus(status).name}"}


def _answer(
    operation_id: str, status: int, method: str, declared: Declared, shapes: Shapes
) -> dict[str, Any]:
    words = {HTTPStatus.OK: "As asked.", HTTPStatus.CREATED: "It was made."}
    if declared.answer is None:
        return {"description": "Done; there is no body."}
    drawn: dict[str, Any] = {"description": words.get(HTTPStatus(status), "Done.")}
    if declared.is_versioned:
        drawn["headers"] = {"ETag": _VERSION}
    elif method == _READING and _has_tag(declared):
        drawn["headers"] = {"ETag": _ETAG}
    schema = _of(shapes.answers, declared.answer)
    drawn["content"] = {
        kind: _content(schema, operation_id) if kind == _JSON else {"schema": {"type": "string"}}
        for kind in declared.media
    }
    return drawn


def _content(schema: Schema, name: str) -> dict[str, Any]:
    shown = example(name)
    return {"schema": schema} if shown is None else {"schema": schema, "example": shown}


def _of(shapes: Sequence[tuple[Any, Schema]], kind: Any) -> Schema:
    return next(schema for each, schema in shapes if each == kind)
