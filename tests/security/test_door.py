"""A real worker's port, asked for what nobody may have."""

import socket

import pytest

from tests.broker.pipeline import Worker
from tests.security.canaries import WEB_TOKEN, found_in
from tests.security.exchange import Answer, ask, exchange

PAGES = ("/", "/live", "/live?page=overview", "/api/v1/stats", "/api/v1/alerts", "/health/ready")

# Faust's own, with its production and its debugging pages, and what other software would have.
FOREIGN = (
    "/stats/",
    "/assignment/",
    "/graph/",
    "/graph/png/",
    "/router/",
    "/router/last_seen_prices/x/",
    "/table/",
    "/table/last_seen_prices/",
    "/performance",
    "/debug",
    "/.env",
    "/.git/config",
)

OTHER_SPELLINGS = (
    "//",
    "//api/v1/stats",
    "/api//v1/stats",
    "/api/v1/stats/",
    "/api/v1/stats.",
    "/api/v1/stats%00",
    "/api/v1/stats%20",
    "/API/V1/STATS",
)
TRICKS = (
    *OTHER_SPELLINGS,
    "/%61pi/v1/stats",
    "/%2e%2e/api/v1/stats",
    "/health/live/../ready",
    "/health/live/%2e%2e/ready",
    "/health/live/..%2fready",
    "/health/live//../../api/v1/stats",
    "/health/live;/../ready",
    "/health/live%2f..%2fready",
    "/static/../api/v1/stats",
    "/?token=" + WEB_TOKEN,
    "/api/v1/stats?access_token=" + WEB_TOKEN,
    "http://127.0.0.1/api/v1/stats",
    "http://evil.example/health/live/../../api/v1/stats",
)


def shows_nothing(answer: Answer) -> bool:
    """Whether the answer is a refusal without anything of the cluster in it."""
    return answer.status >= 400 and "workers" not in answer.text and not found_in(answer.text)


@pytest.mark.parametrize("target", [*PAGES, *FOREIGN, *TRICKS])
def test_without_the_token_nothing_is_told(locked: Worker, target: str) -> None:
    """No path, no spelling of one and no query opens the door."""
    answer = ask(locked.port, target)

    assert answer.status in (400, 401)
    assert shows_nothing(answer)


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"]
)
@pytest.mark.parametrize("target", ["/", "/live", "/api/v1/stats"])
def test_no_method_opens_the_door(locked: Worker, method: str, target: str) -> None:
    """Whatever is asked for, it is asked with the token."""
    answer = ask(locked.port, target, method=method)

    assert answer.status in (400, 401)
    assert shows_nothing(answer)


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0"])
def test_no_other_protocol_opens_the_door(locked: Worker, protocol: str) -> None:
    """An upgrade is not taken, and what follows it is not read past the guard."""
    request = (
        f"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        "GET /api/v1/stats HTTP/1.1\r\nHost: x\r\n\r\n"
    )

    answer = exchange(locked.port, request.encode())

    assert answer.status == 401
    assert shows_nothing(answer)


def test_another_machine_is_asked_for_the_token_too(locked: Worker) -> None:
    """On an address that is not loopback's, as the others would reach it."""
    address = _own_address()

    refused = ask(locked.port, "/api/v1/stats", address=address, host=address)
    taken = ask(locked.port, "/api/v1/stats", address=address, host=address, token=WEB_TOKEN)

    assert refused.status == 401
    assert taken.status == 200


def test_without_a_token_other_machines_reach_nothing(unlocked: Worker) -> None:
    """Nobody listens there."""
    with pytest.raises(ConnectionRefusedError):
        ask(unlocked.port, "/", address=_own_address())


@pytest.mark.parametrize("target", [*PAGES, "/static/live.js", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "0.0.0.0:6066", "[::]", "192.168.1.4", None])
def test_a_name_that_was_made_to_point_here_is_turned_away(
    unlocked: Worker, host: str | None, target: str
) -> None:
    """DNS rebinding: the browser believes that evil.example is this machine, and says so."""
    answer = ask(unlocked.port, target, host=host)

    assert answer.status in (400, 421)
    assert shows_nothing(answer)


@pytest.mark.parametrize("target", [*FOREIGN, *OTHER_SPELLINGS])
def test_with_the_token_there_are_our_pages_and_no_others(locked: Worker, target: str) -> None:
    """What Faust would serve, and other spellings of what we serve, do not exist."""
    assert ask(locked.port, target, token=WEB_TOKEN).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "../guard.py",
        "%2e%2e/guard.py",
        "..%2fguard.py",
        "..%5cguard.py",
        "%252e%252e/guard.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "../templates/base.html",
        "",
        "live.js%00.css",
    ],
)
def test_static_files_are_all_that_their_folder_gives(locked: Worker, path: str) -> None:
    """No file outside of it, and no list of it."""
    answer = ask(locked.port, f"/static/{path}", token=WEB_TOKEN)

    assert answer.status in (400, 403, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text
    assert "live.js" not in answer.text


def _own_address() -> str:
    """An address of this machine that is not loopback's; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback's")
        address: str = probe.getsockname()[0]
        return address
