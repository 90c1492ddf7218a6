import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from conscope_app.core.clock import monotonic_s
from conscope_app.http.bounded_http import BoundedConnection, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntold"
SENT = b"x" * 1_000

Serve = Callable[[socket.socket, threading.Event], None]


@contextmanager
def a_server(*serves: Serve) -> Iterator[BoundedConnection]:
    """A connection to a server that does something with each connection, one after the other."""
    over = threading.Event()

    def serve_all(listener: socket.socket) -> None:
        for serve in serves:
            stream, _ = listener.accept()
            with stream, suppress(OSError):
                serve(stream, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_all, args=[listener])
        thread.start()
        connection = BoundedConnection(
            f"http://127.0.0.1:{listener.getsockname()[1]}/secret", connect_s=1, private=True
        )
        yield connection
        over.set()
        connection.close()
        thread.join(10)
        assert not thread.is_alive()


def read_request(stream: socket.socket) -> bytes:
    request = b""
    while not request.endswith(SENT):
        request += stream.recv(65_536)
    return request


def trickling(beginning: bytes, drop: bytes) -> Serve:
    """Begins an answer, and goes on with it a byte at a time, without an end."""

    def serve(stream: socket.socket, over: threading.Event) -> None:
        read_request(stream)
        stream.sendall(beginning)
        while not over.wait(0.05):
            stream.sendall(drop)

    return serve


def answering(*answers: bytes) -> Serve:
    """Answers so many requests of one connection, and closes it."""

    def serve(stream: socket.socket, _: threading.Event) -> None:
        for answer in answers:
            read_request(stream)
            stream.sendall(answer)

    return serve


def post(connection: BoundedConnection, within_s: float = 5.0) -> Response:
    connection.open()
    return connection.post("/", SENT, {"X-One": "1"}, until=monotonic_s() + within_s)


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        pytest.param(b"", b"H", id="its first line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", id="a header"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="words before its answer"),
    ],
)
def test_a_server_that_trickles_the_head_of_its_answer_is_not_waited_for(
    beginning: bytes, drop: bytes
) -> None:
    """A byte now and then does not make the time begin anew."""
    with a_server(trickling(beginning, drop)) as connection:
        began = monotonic_s()
        with pytest.raises(TimeoutError):
            post(connection, within_s=0.4)

        assert monotonic_s() - began < 2


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"Content-Length: 4000", id="of a known length"),
        pytest.param(b"Connection: close", id="until it hangs up"),
    ],
)
def test_a_body_that_trickles_is_cut_at_the_deadline_since_the_status_has_decided(
    head: bytes,
) -> None:
    """The message was taken: to call that a failure would have it told again."""
    beginning = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n{"
    with a_server(trickling(beginning, b" ")) as connection:
        began = monotonic_s()
        response = post(connection, within_s=0.4)

        assert (response.status, response.body[:1]) == (200, b"{")
        assert monotonic_s() - began < 2


def test_a_server_that_does_not_read_is_not_waited_for() -> None:
    """What could not be sent in time is never sent."""

    def serve(_: socket.socket, over: threading.Event) -> None:
        over.wait(30)

    with a_server(serve) as connection:
        connection.open()
        began = monotonic_s()
        with pytest.raises(TimeoutError):
            connection.post("/", bytes(32 << 20), {}, until=began + 0.4)

        assert monotonic_s() - began < 2


def test_a_connection_is_used_again() -> None:
    """A handshake for each message would cost more than the message."""
    with a_server(answering(OK, OK)) as connection:
        assert post(connection) == post(connection)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), id="said so"),
        pytest.param(OK.replace(b"4", b"9"), id="broke off in its body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000), id="long"
        ),
    ],
)
def test_a_connection_that_cannot_be_used_again_is_not(first: bytes) -> None:
    """The next exchange has a new one, and an answer of its own."""
    with a_server(answering(first), answering(OK)) as connection:
        assert post(connection).status == 200
        assert post(connection).body == b"told"


def test_a_connection_that_was_ended_while_nothing_was_said_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Servers end idle connections: no message is lost to that."""
    monkeypatch.setattr("conscope_app.http.bounded_http._HOT_S", -1.0)
    ended = threading.Event()

    def serve(stream: socket.socket, over: threading.Event) -> None:
        answering(OK)(stream, over)
        stream.shutdown(socket.SHUT_RDWR)
        ended.set()

    with a_server(serve, answering(OK)) as connection:
        post(connection)
        assert ended.wait(5)

        assert post(connection).body == b"told"


def test_an_answer_that_never_began_is_an_error_and_the_next_exchange_begins_anew() -> None:
    """Whether it was taken is not known: nothing is sent a second time here."""
    with a_server(answering(b""), answering(OK)) as connection:
        with suppress(ConnectionError):
            post(connection)
            raise AssertionError("there was no answer")

        assert post(connection).headers == {"content-length": "4"}


def test_a_server_that_nobody_vouches_for_is_told_nothing() -> None:
    """Certificates are checked: here the other side does not even speak TLS."""

    def serve(stream: socket.socket, _: threading.Event) -> None:
        stream.recv(65_536)
        stream.sendall(OK)

    with a_server(serve) as plain:
        secure = BoundedConnection(f"https://127.0.0.1:{plain._port}/", connect_s=1, private=True)
        with pytest.raises(ssl.SSLError):
            secure.open()
