"""What an operation of the API answers when it refuses: each status, and why it may come."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from web.openapi.declaration import Declared
from web.openapi.schemas import Schema
from web.problems import PROBLEM_JSON

PROBLEMS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The address, a header or the body cannot be read.",
    HTTPStatus.UNAUTHORIZED: "A token is set, and it was not shown.",
    HTTPStatus.FORBIDDEN: "Another site made the browser send it.",
    HTTPStatus.NOT_FOUND: "There is nothing of this name.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time.",
    HTTPStatus.CONFLICT: "It cannot be done as things stand.",
    HTTPStatus.PRECONDITION_FAILED: "It is in another version than was asked for.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.MISDIRECTED_REQUEST: "No token is set, and `Host` is no loopback name.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body's fields make no sense; each is named.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A defect; the worker's log has it.",
    HTTPStatus.BAD_GATEWAY: "Somebody else did not take it.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away, or too much is asked at once.",
}

# The door (web/guard.py) and the check of the address stand before every page.
_ALWAYS = (400, 401, 403, 421, 500, 503)
_WITH_BODY = (408, 413, 422)


def problems_of(declared: Declared, *, is_reading: bool) -> list[int]:
    """The statuses of everything that can go wrong with an operation, in order."""
    found = {*_ALWAYS, *declared.problems}
    if declared.path:
        found.add(404)
    if declared.body is not None:
        found.update(_WITH_BODY)
    if declared.is_versioned and not is_reading:
        found.add(412)
    return sorted(found)


def problem_responses(problems: Mapping[HTTPStatus, str], problem: Schema) -> dict[str, Any]:
    """The components that operations refer to, by the status's name."""
    return {status.name: _response(status, why, problem) for status, why in problems.items()}


def _response(status: HTTPStatus, why: str, problem: Schema) -> dict[str, Any]:
    body = {
        "schema": problem,
        "example": {
            "status": status.value,
            "title": status.phrase,
            "detail": why,
            "type": "about:blank",
            "errors": [],
        },
    }
    drawn: dict[str, Any] = {"description": why, "content": {PROBLEM_JSON: body}}
    text = {"schema": {"type": "string"}}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        seconds = {"description": "Seconds until it may work.", "schema": {"type": "integer"}}
        drawn["headers"] = {"Retry-After": seconds}
    if status is HTTPStatus.UNAUTHORIZED:
        drawn["headers"] = {"WWW-Authenticate": {"description": "How to show it.", **text}}
    return drawn
