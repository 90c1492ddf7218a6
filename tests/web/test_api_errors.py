"""Whatever goes wrong under /api/v1, a program is told in one shape: a problem."""

import logging
from collections.abc import AsyncIterator
from http import HTTPStatus
from io import BytesIO
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.web.site import Site
from tests.web.the_document import PROBLEM_JSON
from web.problems import ProblemDetails

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def client(site: Site) -> AsyncIterator[ClientSession]:
    """A program."""
    async with ClientSession(site.url) as session:
        yield session


async def problem(client: ClientSession, method: str, path: str, **given: Any) -> ProblemDetails:
    """The problem that a request is answered with."""
    async with client.request(method, path, **given) as answer:
        assert answer.content_type == PROBLEM_JSON
        assert answer.headers["Cache-Control"] == "no-store"
        said = msgspec.json.decode(await answer.read(), type=ProblemDetails)
        assert said.status == answer.status
        return said


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        pytest.param("GET", "/api/v1/nothing", {}, 404, id="no such address"),
        pytest.param("GET", "/api/", {}, 404, id="no version"),
        pytest.param("GET", "/api/v1/stats/", {}, 404, id="a slash too many"),
        pytest.param("OPTIONS", "/api/v1/nothing", {}, 404, id="the methods of nothing"),
        pytest.param("DELETE", "/api/v1/stats", {}, 405, id="no such method"),
        pytest.param("PROPFIND", "/api/v1/stats", {}, 405, id="a method of others"),
        pytest.param("GET", "/api/v1/stats", {"Host": "evil.example"}, 421, id="host"),
        pytest.param("GET", "/api/v1/stats", {"Origin": "null"}, 403, id="site"),
        pytest.param("PUT", "/api/v1/watches/w", {}, 413, id="large"),
        pytest.param("GET", "/api/v1/watches", {}, 503, id="no database"),
        pytest.param("GET", "/health/nothing", {}, 404, id="health"),
        pytest.param("GET", "/live?page=nothing", {}, 400, id="a stream of nothing"),
    ],
)
async def test_errors_are_problems(
    client: ClientSession, method: str, path: str, given: dict[str, str], status: int
) -> None:
    """With the status, its name, and a sentence."""
    body = BytesIO(b" " * (1_024 * 1_024 + 1)) if status == 413 else None
    said = await problem(client, method, path, headers=given, data=body)

    assert (said.status, said.title) == (status, HTTPStatus(status).phrase)
    assert said.detail


async def test_pages_answer_people(client: ClientSession) -> None:
    """In HTML."""
    async with client.get("/nothing") as answer:
        assert (answer.status, answer.content_type) == (404, "text/html")


async def test_a_defect_is_a_problem_without_its_reason(
    client: ClientSession, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """500; the log has it."""
    site.show(partitions=["no report"])
    with caplog.at_level(logging.ERROR):
        said = await problem(client, "GET", "/api/v1/stats")

    assert said.status == 500
    assert said.detail == "Something went wrong here. It has been written to the worker's log."
    assert "AttributeError" in caplog.text


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        pytest.param(
            "limt=5", {"limt": "There is no parameter limt; did you mean limit?"}, id="a slip"
        ),
        pytest.param(
            "x=1",
            {
                "x": "There is no parameter x; there are event, words, channel, percent, since, "
                "within, until, after, watch, subject, status, told, limit."
            },
            id="a stranger",
        ),
        pytest.param("limit=1&limit=2", {"limit": "limit can be given once."}, id="twice"),
        pytest.param("limit=", {"limit": "limit is a whole number from 1 to 500."}, id="empty"),
        pytest.param(
            "limit=1e2&status=pending&limt",
            {
                "limit": "limit is a whole number from 1 to 500.",
                "status": "status is acknowledged or over or raised.",
                "limt": "There is no parameter limt; did you mean limit?",
            },
            id="all at once",
        ),
        pytest.param(
            "watch=a%00",
            {"watch": "holds a character that is none (NUL, or half of one)"},
            id="no text",
        ),
    ],
)
async def test_a_parameter_that_cannot_be_taken_is_named(
    client: ClientSession, query: str, sentences: dict[str, str]
) -> None:
    """400, each with its sentence; nothing is read."""
    said = await problem(client, "GET", f"/api/v1/episodes?{query}")

    assert said.status == 400
    assert {each.field: each.detail for each in said.errors} == sentences


async def test_where_nothing_can_be_asked_nothing_is_taken(client: ClientSession) -> None:
    """Of what changes something, too."""
    for method, path in (
        ("GET", "/api/v1/stats"),
        ("GET", "/api/v1/openapi.json"),
        ("PUT", "/api/v1/watches/w"),
        ("POST", "/api/v1/channels/default/test"),
    ):
        said = await problem(client, method, f"{path}?dry_run=true")
        assert (said.status, [each.field for each in said.errors]) == (400, ["dry_run"])
        assert said.detail == "There is no parameter dry_run; none can be given here."


async def test_a_long_name_is_not_repeated(client: ClientSession) -> None:
    """As much of it as tells which one."""
    said = await problem(client, "GET", f"/api/v1/stats?{'x' * 5_000}=1")

    assert len(said.detail) < 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/stats", "GET, HEAD, OPTIONS"),
        ("/api/v1/watches/w", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/watches/w/snooze", "OPTIONS, POST"),
    ],
)
async def test_each_address_says_what_it_takes(
    client: ClientSession, path: str, allowed: str
) -> None:
    """When asked for it, and when asked for something else."""
    async with client.options(path) as answer:
        assert (answer.status, answer.headers["Allow"]) == (204, allowed)
        assert "Access-Control-Allow-Origin" not in answer.headers
    for method in ("PATCH", "SEARCH"):
        async with client.request(method, path) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, allowed)


async def test_the_head_of_an_answer_is_had_alone(client: ClientSession) -> None:
    """As of GET; where there is no GET, there is none."""
    async with client.get("/api/v1/openapi.json") as whole, client.head(whole.url) as head:
        assert head.status == 200
        assert await head.read() == b""
        for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
            assert head.headers[name] == whole.headers[name]
    async with client.head("/api/v1/watches/w/snooze") as head:
        assert (head.status, head.headers["Allow"]) == (405, "OPTIONS, POST")
