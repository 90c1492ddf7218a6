"""Where a token is set, nothing of the API is to be had without it, and nothing is changed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.security.exchange import basic
from tests.web.locked import TOKEN, locked_pages
from tests.web.site import Site
from tests.web.the_document import PROBLEM_JSON, routes_of_the_api
from web.openapi.document import parts_of, without_patterns

pytestmark = pytest.mark.asyncio(loop_scope="session")

ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
BASIC = {"Authorization": basic(TOKEN)}


@pytest_asyncio.fixture(loop_scope="session")
async def client(site: Site) -> AsyncIterator[ClientSession]:
    """A program at the locked pages; the database behind them is away."""
    async with locked_pages() as server, ClientSession(server.make_url("/")) as session:
        yield session


def addresses() -> list[tuple[str, str]]:
    """Every method of every page of the API, with something in the place of each part."""
    return [
        (method, without_patterns(path).format(**dict.fromkeys(parts_of(path), "x")))
        for method, path, _ in routes_of_the_api()
    ]


async def test_every_route_asks_for_the_token(client: ClientSession) -> None:
    """Whatever its method; and says so as a problem."""
    assert len(addresses()) > 20
    for method, path in addresses():
        async with client.request(method, path) as answer:
            assert answer.status == 401, (method, path)
            assert answer.content_type == PROBLEM_JSON
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_with_the_token_every_route_is_there(client: ClientSession) -> None:
    """As a password or as a bearer: what is missing then is the database, or the thing."""
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    for method, path in addresses():
        async with client.request(method, path, headers=BASIC) as answer:
            assert answer.status not in (401, 403, 421, 500), (method, path)
        async with client.request(method, path, headers=bearer) as answer:
            assert answer.status not in (401, 403, 421, 500), (method, path)


async def test_another_site_changes_nothing_with_a_browsers_password(client: ClientSession) -> None:
    """A browser adds the password that it knows to whatever any site makes it send."""
    for headers in (ELSEWHERE, {"Origin": "https://evil.example"}):
        for method, path in addresses():
            async with client.request(method, path, headers=BASIC | headers) as answer:
                assert answer.status == 403, (method, path)
                if method != "HEAD":
                    assert (await answer.json())["title"] == "Forbidden"


async def test_the_document_says_nothing_to_strangers(client: ClientSession) -> None:
    """It is as secret as all else, and no cache that others use keeps it."""
    async with client.get("/api/v1/openapi.json") as answer:
        assert answer.status == 401
        assert answer.headers["Cache-Control"] == "no-store"
    async with client.get("/api/v1/openapi.json", headers=BASIC) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "private, no-cache"


async def test_a_header_of_the_wrong_password_is_no_way_in(client: ClientSession) -> None:
    """Nor an ETag that is known."""
    headers = {"Authorization": basic("wrong"), "If-None-Match": "*"}
    async with client.get("/api/v1/openapi.json", headers=headers) as answer:
        assert answer.status == 401
        assert "ETag" not in answer.headers
