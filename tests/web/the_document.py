"""The OpenAPI document of the application, and whether something is as it says."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from aiohttp import web
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # no types
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from conscope_app import app
from web.aiohttp_app import native
from web.openapi.document import ROOT, document

METHODS = ("get", "post", "put", "delete", "patch")
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

# What reads Kafka, which these tests do without; tests/broker/test_dead_letter_pages.py has it.
NEED_KAFKA = ("/api/v1/dead-letters", "/api/v1/dead-letters/replay")


class Operation(NamedTuple):
    """One of the document's operations."""

    method: str
    path: str
    drawn: dict[str, Any]


@cache
def the_document() -> dict[str, Any]:
    """As the application serves it where no token is set."""
    app.discover()
    return document(app.web.views, asks_for_token=False)


def operations() -> Iterator[Operation]:
    """Every operation of it."""
    for path, item in the_document()["paths"].items():
        yield from (Operation(name, path, item[name]) for name in METHODS if name in item)


def routes_of_the_api() -> Iterator[tuple[str, str, web.AbstractRoute]]:
    """Method, address and route of everything that the router knows of the API."""
    app.discover()
    for route in native(app).router.routes():
        path = "" if route.resource is None else route.resource.canonical
        if path.startswith(ROOT):
            yield route.method, path, route


def amiss(value: Any, schema: dict[str, Any]) -> list[str]:
    """What keeps a value from being as a schema of the document says."""
    checked = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_absolute(schema)}
    validator = Draft202012Validator(
        checked, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(value)]


def schema_of(operation: Operation, status: int, kind: str = JSON) -> dict[str, Any]:
    """The schema of an answer."""
    answer = operation.drawn["responses"][str(status)]
    if "$ref" in answer:
        answer = the_document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = answer["content"][kind]["schema"]
    return schema


@cache
def _registry() -> Registry[Any]:
    """The document, in which an answer has the fields that it says and no others."""
    strict = deepcopy(the_document())
    for name, component in strict["components"]["schemas"].items():
        if "properties" in component and not name.endswith("Input"):
            component["additionalProperties"] = False
    resource = Resource.from_contents(_absolute(strict), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:api", resource)
    return registry


def _absolute(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: f"urn:api{inner}" if name == "$ref" else _absolute(inner)
            for name, inner in part.items()
        }
    return [_absolute(each) for each in part] if isinstance(part, list) else part
