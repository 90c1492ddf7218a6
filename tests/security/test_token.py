"""The token: how it is compared, and that an empty one is none."""

import ast
import asyncio
import inspect
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError

from conscope_app.settings import Settings
from tests.security.exchange import basic, exchange
from web import guard


def test_it_is_compared_in_a_time_that_tells_nothing() -> None:
    """By `hmac.compare_digest`, over digests: neither a first right letter nor a length shows."""
    check = ast.parse(inspect.getsource(guard._check_token))
    compared = [node for node in ast.walk(check) if isinstance(node, ast.Compare)]
    calls = [ast.unparse(node) for node in ast.walk(check) if isinstance(node, ast.Call)]

    assert "hmac.compare_digest(_digest(shown), expected)" in calls
    # The only other comparison is of the path.
    assert [ast.unparse(node) for node in compared] == ["request.path in WITHOUT_TOKEN"]
    assert len(guard._digest(b"")) == len(guard._digest(b"x" * 10_000)) == 32


@pytest.mark.parametrize(
    ("token", "shown", "status"),
    [
        pytest.param("tökn-ß", basic("tökn-ß").encode(), 200, id="letters beyond ASCII"),
        pytest.param("tökn-ß", "Bearer tökn-ß".encode(), 200, id="bare in a header"),
        pytest.param("tökn-ß", "Bearer tökn-ß".encode("latin-1"), 401, id="in another encoding"),
        pytest.param("plain", b"Bearer \xff\xfe", 401, id="bytes that are no text"),
        pytest.param("raw-\udcff", b"Bearer raw-\xff", 200, id="a token that is no UTF-8"),
        pytest.param("raw-\udcff", b"Bearer raw", 401, id="a part of it"),
    ],
)
async def test_no_letter_makes_it_fail(token: str, shown: bytes, status: int) -> None:
    """Whatever bytes either side is made of, they are compared, and nothing breaks."""
    application = web.Application()
    guard.install(application, token)
    application.router.add_get("/", _inside)
    request = b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n\r\n" % shown
    async with TestServer(application) as server:
        assert server.port is not None

        answer = await asyncio.to_thread(exchange, server.port, request)

        assert answer.status == status


async def _inside(request: web.Request) -> web.Response:
    return web.Response(text="inside")


@pytest.mark.parametrize("empty", ["", "  ", "\n"])
def test_an_empty_one_is_refused_at_the_start(empty: str) -> None:
    """Who shows nothing would show the right one."""
    with pytest.raises(ValidationError, match="CONSCOPE_WEB_TOKEN is set, but empty"):
        Settings(web_token=SecretStr(empty))
    with pytest.raises(ValueError, match="empty token"):
        guard.guard(empty)


def test_a_file_that_is_empty_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made before its content was written: the worker does not start."""
    (tmp_path / "token").write_text("\n")
    monkeypatch.setenv("CONSCOPE_WEB_TOKEN_FILE", str(tmp_path / "token"))

    with pytest.raises(ValidationError, match="CONSCOPE_WEB_TOKEN is set, but empty"):
        Settings(web_host="0.0.0.0")
