"""Whatever is asked of the API: an answer, or a problem that says what is amiss; no defect."""

from collections.abc import AsyncIterator
from urllib.parse import quote_from_bytes

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.web.seeded import seeded
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
from web.problems import ProblemDetails

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

READ = [each for each in operations() if each.method == "get"]

# What has broken parsers, databases and logs before.
NASTY = [
    *(
        "",
        " ",
        "null",
        "0",
        "-1",
        "1e9",
        "٣",
        "9" * 400,
        "NaN",
        "true",
        "🎫",
        "\u202e",
        "a\r\nX: y",
    ),
    *("'; DROP TABLE watches; --", '"', "%", "%s", "{0}", "..", "../..", "a/b", "<script>", "\\"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", "2027-01-31T12:00:00+99:00", "W10"),
    *("\ud7ff\ue000", "x" * 800),
]
TEXTS = st.one_of(
    st.sampled_from(NASTY).map(lambda text: quote_from_bytes(text.encode(), safe="")),
    st.text(max_size=40).map(
        lambda text: quote_from_bytes(text.encode("utf-8", "replace"), safe="")
    ),
    st.binary(max_size=20).map(lambda data: quote_from_bytes(data, safe="")),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Operation, str]:
    """A page that is read, asked for with anything in the place of everything."""
    operation = draw(st.sampled_from(READ))
    path, names = operation.path, []
    for each in operation.drawn["parameters"]:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", draw(TEXTS))
        elif each["in"] == "query":
            names.append(each["name"])
    asked = draw(st.lists(st.tuples(st.sampled_from([*names, "x"]) | TEXTS, TEXTS), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in asked)
    return operation, f"{path}?{query}" if query else path


@pytest_asyncio.fixture(loop_scope="session")
async def told(site: Site, database_url: str) -> AsyncIterator[Site]:
    """Something of every kind is there."""
    async with seeded(site, database_url):
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[ClientSession]:
    """A program."""
    async with ClientSession() as session:
        yield session


@settings(
    max_examples=80,
    deadline=None,
    # Nothing is changed that another example could see.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(question=questions())
async def test_nothing_that_is_asked_is_a_defect(
    told: Site, client: ClientSession, question: tuple[Operation, str]
) -> None:
    """Never 500; a problem names what is wrong with an address."""
    operation, address = question
    async with client.get(URL(f"{told.url}{address}", encoded=True)) as answer:
        body = await answer.read()
        away = (503,) if operation.path in NEED_KAFKA else ()
        assert answer.status in (200, 400, 404, *away), (answer.status, body)
        if answer.status == 200 and answer.content_type == JSON:
            assert amiss(msgspec.json.decode(body), schema_of(operation, 200)) == []
        if answer.status != 200:
            assert answer.content_type == PROBLEM_JSON
            said = msgspec.json.decode(body, type=ProblemDetails)
            assert said.errors or answer.status in (404, 503)
