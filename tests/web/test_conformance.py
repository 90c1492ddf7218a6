"""What the API answers is what its document says, field by field."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.web.api import ask
from tests.web.seeded import NAMED, seeded
from tests.web.site import Site
from tests.web.the_document import (
    JSON,
    NEED_KAFKA,
    PROBLEM_JSON,
    Operation,
    amiss,
    operations,
    schema_of,
)

LISTS_OF_AN_EVENT = {
    "seats": "seats",
    "seats?state=gone": "seats",
    "together": "lots",
    "histogram": "bins",
    "heat": "cells",
    "markets": "markets",
    "markets/history": "snapshots",
    "changes": "changes",
}

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def told(site: Site, database_url: str) -> AsyncIterator[Site]:
    """Something of every kind is there."""
    async with seeded(site, database_url):
        yield site


def address(operation: Operation) -> str:
    """Where the operation is asked for; what nothing is called stands for unknown parts."""
    parts = [given["name"] for given in operation.drawn["parameters"] if given["in"] == "path"]
    path = operation.path.removeprefix("/api/v1/")
    return path.format(**{part: NAMED.get(part, "nothing") for part in parts})


def is_there(operation: Operation) -> bool:
    """Whether the seeded site has what the operation asks for."""
    return "nothing" not in address(operation) and operation.path not in NEED_KAFKA


async def test_every_answer_is_as_the_document_says(told: Site) -> None:
    """Each GET: its status, its fields, and no others."""
    for each in operations():
        if each.method != "get" or JSON not in str(each.drawn["responses"].get("200")):
            continue
        answer = await ask(told, "GET", address(each))

        missing = 503 if each.path in NEED_KAFKA else 404
        assert answer.status == 200 or (not is_there(each) and answer.status == missing), each.path
        kind = JSON if answer.status == 200 else PROBLEM_JSON
        assert amiss(answer.body, schema_of(each, answer.status, kind)) == [], each.path


async def test_every_answer_that_is_known_already_is_not_sent_again(told: Site) -> None:
    """Each GET but of what has a version, or is sent as it is read."""
    marked = [each for each in operations() if "304" in each.drawn["responses"] and is_there(each)]
    for each in marked:
        first = await ask(told, "GET", address(each))
        again = await ask(told, "GET", address(each), If_None_Match=first.headers["ETag"])

        assert (again.status, again.body) == (304, None), each.path
        assert again.headers["ETag"] == first.headers["ETag"]


async def test_lists_are_not_empty_here(told: Site) -> None:
    """Of an empty list every schema is true."""
    event = f"events/{NAMED['event_id']}"
    for path, name in (
        *((each, each) for each in ("watches", "episodes", "alerts", "events")),
        ("event-matches", "matches"),
        (f"event-matches/of/{NAMED['event_id']}", "members"),
        *((event, name) for name in ("sources", "markets")),
        *((f"{event}/prices?by={by}", "series") for by in ("source", "section")),
        *((f"{event}/{path}", name) for path, name in LISTS_OF_AN_EVENT.items()),
    ):
        assert (await ask(told, "GET", path)).body[name], path
    for path in ("prices", "prices?range=week"):
        (line,) = (await ask(told, "GET", f"{event}/{path}")).body["series"]
        assert len(line["at"]) >= 2, path


async def test_what_changes_something_answers_so_too(told: Site) -> None:
    """Each with the example of its body, if it takes one; deletions last."""
    by_order = sorted(operations(), key=lambda each: each.method == "delete")
    for each in by_order:
        sends_a_message = each.path.endswith("{name}/test")
        if each.method == "get" or sends_a_message or not is_there(each):
            continue
        content = each.drawn.get("requestBody", {}).get("content", {JSON: {"example": None}})
        answer = await ask(told, each.method.upper(), address(each), content[JSON]["example"])

        assert answer.status in (200, 201, 204), (each.path, answer.body)
        if answer.status != 204:
            assert amiss(answer.body, schema_of(each, answer.status)) == [], each.path
