"""What every answer of a real worker tells the browser, and does not tell anybody."""

import pytest

from tests.broker.pipeline import Worker
from tests.security.canaries import WEB_TOKEN, found_in
from tests.security.exchange import Answer, ask, exchange

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

ECHO = "<script>echo</script>"

# Bytes that are no request: they never reach a route, nor the guard.
MALFORMED = {
    "no HTTP at all": f"{ECHO}\r\n\r\n",
    "TLS spoken to the port": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a line that is too long": f"GET /?{ECHO}{'x' * 20_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header that is too long": f"GET / HTTP/1.1\r\nX: {ECHO}{'x' * 20_000}\r\n\r\n",
    "a header without a colon": f"GET / HTTP/1.1\r\n{ECHO}\r\n\r\n",
    "a control character": f"GET / HTTP/1.1\r\nX: {ECHO}\x01\r\n\r\n",
    "two lengths": "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length and chunks": (
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "a version that there is not": "GET / HTTP/9.9\r\n\r\n",
}


def binds_the_browser(answer: Answer) -> None:
    """No inline script, frame, guessed type, referrer or cookie; nothing about our software."""
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, name
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "aiohttp" not in answer.whole
    assert "Python" not in answer.whole
    assert found_in(answer.whole) == []


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 200),
        ("/live", 200),
        ("/live?page=overview", 200),
        ("/live?page=nowhere", 400),
        ("/api/v1/stats", 200),
        ("/api/v1/alerts", 200),
        ("/api/v1/alerts?limit=<script>", 400),
        ("/health/live", 200),
        ("/health/ready", 503),
        ("/static/live.js", 200),
        ("/static/conscope.css", 200),
        ("/static/nothing.css", 404),
        ("/nowhere", 404),
    ],
)
def test_every_answer_binds_the_browser(locked: Worker, target: str, status: int) -> None:
    """Pages, streams, files, JSON and errors."""
    answer = ask(locked.port, target, token=WEB_TOKEN)

    assert answer.status == status
    binds_the_browser(answer)


@pytest.mark.parametrize(
    ("method", "token", "status"), [("GET", None, 401), ("DELETE", WEB_TOKEN, 405)]
)
def test_refusals_bind_it_too(locked: Worker, method: str, token: str | None, status: int) -> None:
    """Without the token, and with a method that there is not."""
    answer = ask(locked.port, "/", method=method, token=token)

    assert answer.status == status
    binds_the_browser(answer)


def test_only_files_that_never_change_are_kept(locked: Worker) -> None:
    """What shows the cluster lies in no cache; a proxy's would serve it to everybody."""
    kept = ask(locked.port, "/static/live.js?v=1", token=WEB_TOKEN)
    refused = ask(locked.port, "/static/live.js?v=1")
    page = ask(locked.port, "/", token=WEB_TOKEN)

    assert "immutable" in kept.headers["Cache-Control"]
    assert refused.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("request_text", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_request_is_refused_without_repeating_it(
    unlocked: Worker, request_text: str
) -> None:
    """A 400 that says so, bound like every other, and not a line in the log."""
    before = len(unlocked.log)

    answer = exchange(unlocked.port, request_text.encode("latin-1"))

    assert answer.status == 400
    assert answer.text == "Bad Request"
    binds_the_browser(answer)
    assert ask(unlocked.port, "/health/live").status == 200
    assert "Error handling request" not in unlocked.log[before:]
    assert "Traceback" not in unlocked.log[before:]


FOLLOWED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FETCHED = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    "target", ["/", "/live", "/api/v1/stats", "/health/live", "/static/live.js"]
)
def test_another_site_takes_nothing(unlocked: Worker, target: str) -> None:
    """Not even blindly: no stream's place, no time of an answer, no frame."""
    for headers in (ELSEWHERE | FETCHED, {"Origin": "https://evil.example"}, ELSEWHERE):
        answer = ask(unlocked.port, target, headers=headers)

        assert answer.status == 403
        binds_the_browser(answer)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_another_site_changes_nothing(unlocked: Worker, method: str) -> None:
    """Nor is its preflight answered with leave."""
    headers = ELSEWHERE | FOLLOWED | {"Origin": "https://evil.example", "Content-Length": "0"}

    answer = ask(unlocked.port, "/", method=method, headers=headers)

    assert answer.status == 403
    binds_the_browser(answer)


def test_another_site_may_link_to_a_page(unlocked: Worker) -> None:
    """A person who follows the link sees the page; the other site does not."""
    assert ask(unlocked.port, "/", headers=ELSEWHERE | FOLLOWED).status == 200
