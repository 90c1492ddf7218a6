"""The one door: host, token, origin, allow-list, headers, errors."""

import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from web import guard

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]

TOKEN = "s3cret-tökn"


async def _answer(request: web.Request) -> web.Response:
    return web.Response(text="inside")


async def _fail(request: web.Request) -> web.Response:
    raise RuntimeError("postgresql://conscope:hunter2@db/prices broke")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves a few routes behind the guard, with or without a token."""
    clients: list[Client] = []

    async def serve(token: str | None = None) -> Client:
        application = web.Application()
        guard.install(application, token)
        application.router.add_get("/", _answer)
        application.router.add_post("/", _answer)
        application.router.add_get("/health/live", _answer)
        application.router.add_get("/live", _fail)
        application.router.add_get("/table/", _answer)
        client: Client = TestClient(TestServer(application))
        await client.start_server()
        clients.append(client)
        return client

    yield serve
    for client in clients:
        await client.close()


def basic(user: str, password: str) -> str:
    """HTTP Basic, as a browser sends it."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(basic("", TOKEN), id="a browser's password"),
        pytest.param(basic("anyone", TOKEN), id="the user name does not matter"),
        pytest.param(basic("", TOKEN).replace("Basic", "basic"), id="the scheme in lower case"),
    ],
)
async def test_who_shows_the_token_is_let_in(serve: Serve, authorization: str) -> None:
    """As the password of HTTP Basic."""
    client = await serve(TOKEN)

    answer = await client.get("/", headers={"Authorization": authorization})

    assert (answer.status, await answer.text()) == (200, "inside")


async def test_a_program_shows_the_token_as_a_bearer(serve: Serve) -> None:
    """`Authorization: Bearer <token>`."""
    client = await serve("plain-token")

    answer = await client.get("/", headers={"Authorization": "Bearer plain-token"})

    assert answer.status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(None, id="nothing shown"),
        pytest.param("Bearer wrong", id="another token"),
        pytest.param("Bearer ", id="an empty token"),
        pytest.param("Bearer", id="no token at all"),
        pytest.param(basic(TOKEN, ""), id="the token as the user name"),
        pytest.param("Basic not-base64!", id="garbled base64"),
        pytest.param("Basic " + base64.b64encode(b"nocolon").decode(), id="no password"),
        pytest.param("Digest " + TOKEN.encode().hex(), id="another scheme"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/table/", "/nowhere"])
async def test_who_does_not_is_told_nothing(
    serve: Serve, authorization: str | None, path: str
) -> None:
    """401 everywhere, also where there is nothing: paths are not to be found out."""
    client = await serve(TOKEN)
    headers = {"Authorization": authorization} if authorization else {}

    answer = await client.get(path, headers=headers)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "inside" not in await answer.text()


async def test_liveness_needs_no_token(serve: Serve) -> None:
    """An orchestrator may ask whether the process runs."""
    client = await serve(TOKEN)

    assert (await client.get("/health/live")).status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost:6066", 200, id="localhost"),
        pytest.param("127.0.0.1", 200, id="IPv4"),
        pytest.param("127.8.9.1:80", 200, id="any loopback address"),
        pytest.param("[::1]:6066", 200, id="IPv6"),
        pytest.param("evil.example", 421, id="a name that was rebound to us"),
        pytest.param("127.0.0.1.evil.example", 421, id="a name that begins like us"),
        pytest.param("localhost.evil.example:6066", 421, id="another"),
        pytest.param("evil@127.0.0.1:x", 421, id="garbled"),
        pytest.param("192.168.1.4", 421, id="another machine's address"),
        pytest.param("evil.example@127.0.0.1", 421, id="a user before the address"),
        pytest.param("127.0.0.1/evil.example", 421, id="a path behind the address"),
        pytest.param("0.0.0.0:6066", 421, id="the address that means any"),
        pytest.param("LOCALHOST:6066", 200, id="capitals"),
        pytest.param("", 421, id="none"),
    ],
)
async def test_without_a_token_only_loopback_names_are_answered(
    serve: Serve, host: str, status: int
) -> None:
    """DNS rebinding makes a browser send the attacker's name as Host."""
    client = await serve()

    assert (await client.get("/", headers={"Host": host})).status == status


async def test_with_a_token_any_name_is_answered(serve: Serve) -> None:
    """Behind a proxy the name is the proxy's; a foreign site has no token."""
    client = await serve("token")
    headers = {"Host": "prices.example", "Authorization": "Bearer token"}

    assert (await client.get("/", headers=headers)).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="a program"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="our own page"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="typed by a person"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="another port or subdomain"),
        pytest.param({"Origin": "http://localhost:6066"}, 200, id="an older browser, our page"),
        pytest.param({"Origin": "http://evil.example"}, 403, id="an older browser, another site"),
        pytest.param({"Origin": "null"}, 403, id="a sandboxed frame"),
        pytest.param(
            {"Origin": "http://localhost:6066", "Sec-Fetch-Site": "cross-site"},
            403,
            id="the browser's own word wins",
        ),
    ],
)
async def test_another_site_cannot_change_anything(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    """Unsafe methods are refused where another site made the browser send them."""
    client = await serve()

    answer = await client.post("/", headers={"Host": "localhost:6066"} | headers)

    assert answer.status == status


FOLLOWED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def test_a_link_from_another_site_may_be_followed(serve: Serve) -> None:
    """Reading by a person is harmless: the other site cannot see the answer."""
    client = await serve()

    answer = await client.get("/", headers={"Sec-Fetch-Site": "cross-site"} | FOLLOWED)

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/", "/health/live"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, id="a fetch, a stream"),
        pytest.param({"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, id="an image"),
        pytest.param({"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, id="a frame"),
        pytest.param({}, id="nothing said"),
    ],
)
async def test_another_site_can_embed_and_fetch_nothing(
    serve: Serve, path: str, headers: dict[str, str]
) -> None:
    """It could not read the answer, but measure it, or take the places of all streams."""
    client = await serve()

    answer = await client.get(path, headers={"Sec-Fetch-Site": "cross-site"} | headers)

    assert answer.status == 403


async def test_an_older_browser_says_which_site_fetches(serve: Serve) -> None:
    """Streams and fetches from elsewhere carry an Origin."""
    client = await serve()

    answer = await client.get("/", headers={"Origin": "http://evil.example"})

    assert answer.status == 403


@pytest.mark.parametrize("path", ["/table/", "/nowhere", "/../etc/passwd"])
async def test_what_is_not_listed_does_not_exist(serve: Serve, path: str) -> None:
    """A route that somebody registered is still 404 unless it is in `SERVED`."""
    client = await serve()

    answer = await client.get(path)

    assert answer.status == 404
    assert "There is nothing at this address." in await answer.text()


async def test_a_method_that_a_page_lacks_is_said(serve: Serve) -> None:
    """405 with what is allowed."""
    client = await serve()

    answer = await client.delete("/")

    assert answer.status == 405
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


async def test_a_defect_shows_nothing_of_the_inside(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The page says 500; the reason is in the log only."""
    client = await serve()

    with caplog.at_level(logging.ERROR):
        answer = await client.get("/live")

    text = await answer.text()
    assert answer.status == 500
    assert "hunter2" not in text
    assert "RuntimeError" not in text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/", {}, id="a page"),
        pytest.param("/nowhere", {}, id="nothing there"),
        pytest.param("/live", {}, id="a defect"),
        pytest.param("/", {"Host": "evil.example"}, id="refused"),
    ],
)
async def test_every_answer_binds_the_browser(
    serve: Serve, path: str, headers: dict[str, str]
) -> None:
    """Errors too."""
    client = await serve()

    answer = await client.get(path, headers=headers)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Server" not in answer.headers
