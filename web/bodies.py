"""What a request of the API says: its JSON, its conditions, its numbers."""

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs
from aiohttp.web import HTTPRequestEntityTooLarge
from faust.web import Request

from web.problems import Problem

MAX_BODY_MIB = 1  # aiohttp's own limit
MADE_NOW = 0  # the version of what is not there


async def json_of(request: Request) -> dict[str, Any]:
    """The body's fields; 400 where it is no JSON object, 413 where it is too large."""
    try:
        value = msgspec.json.decode(await request.read())
    except HTTPRequestEntityTooLarge:
        detail = f"The body takes over {MAX_BODY_MIB} MiB."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The body is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
    return value


def with_id(value: dict[str, Any], given: str) -> dict[str, Any]:
    """A definition under the id of its address."""
    if value.get("id", given) != given:
        detail = "The address names another one."
        errors = [("id", f"must be {given!r}, as in the address, or left out")]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)
    return {**value, "id": given}


def expected_version(request: Request) -> int | None:
    """In which version something is to be changed: `If-Match`, or 0 for `If-None-Match: *`.

    None where nothing is said of it.
    """
    if request.headers.get(hdrs.IF_NONE_MATCH, "").strip() == "*":
        return MADE_NOW
    match = request.headers.get(hdrs.IF_MATCH)
    if match is None or match.strip() == "*":
        return None
    version = match.strip().removeprefix("W/").strip('"')
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        detail = 'If-Match takes the ETag of one version: "3".'
        raise Problem(HTTPStatus.BAD_REQUEST, detail, [("If-Match", detail)])
    return int(version)


def etag(version: int) -> str:
    """A version as an ETag."""
    return f'"{version}"'


def number_of(request: Request, name: str, default: int, most: int) -> int:
    """A whole number of the query, from 1 to the most."""
    text = request.query.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most:
        return int(text)
    detail = f"{name} is a whole number from 1 to {most}."
    raise Problem(HTTPStatus.BAD_REQUEST, detail, [(name, detail)])
