"""HTTP as an attacker speaks it: the bytes of a request, and what came back."""

import http.client
import socket
from base64 import b64encode
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def whole(self) -> str:
        """Headers and body."""
        return f"{self.headers}{self.text}"


def exchange(port: int, request: bytes, *, address: str = "127.0.0.1") -> Answer:
    """Send exactly these bytes, and read one answer; of a stream, its first event."""
    with socket.create_connection((address, port), timeout=10) as stream:
        stream.sendall(request)
        answer = http.client.HTTPResponse(
            stream, method=request.split(b" ", 1)[0].decode("latin-1")
        )
        try:
            answer.begin()
            is_stream = answer.headers.get_content_type() == "text/event-stream"
            body = _first_event(answer) if is_stream else answer.read()
            return Answer(answer.status, answer.headers, body)
        finally:
            answer.close()


def ask(
    port: int,
    target: str,
    *,
    method: str = "GET",
    token: str | None = None,
    host: str | None = "127.0.0.1",
    address: str = "127.0.0.1",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Ask for a target, which is sent as it stands."""
    lines = [f"{method} {target} HTTP/1.1", "Connection: close"]
    lines += [f"Host: {host}"] if host is not None else []
    lines += [f"Authorization: {basic(token)}"] if token is not None else []
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return exchange(port, "\r\n".join([*lines, "", ""]).encode(), address=address)


def basic(token: str) -> str:
    """HTTP Basic, as a browser sends a password."""
    return "Basic " + b64encode(f":{token}".encode()).decode()


def _first_event(answer: http.client.HTTPResponse) -> bytes:
    read = b""
    while b"data: " not in read or not read.endswith(b"\n\n"):
        more = answer.read1(65_536)
        if not more:
            break
        read += more
    return read
