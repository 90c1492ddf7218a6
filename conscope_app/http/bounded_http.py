"""One kept-alive HTTP connection whose exchanges end by a deadline, whatever the other side does.

It reaches the public internet only, unless it is told otherwise: a name that was made to resolve to
an address of our own network is not spoken to.

A timeout of sockets, and with it that of HTTP clients, begins anew with each byte that arrives: a
server that trickles its answer holds a request for ever.
"""

import http.client
import io
import select
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conscope_app.core.clock import monotonic_s
from conscope_app.http.public_address import must_be_public

_CHUNK = 65_536
_MOST_OF_A_BODY = 65_536

# Far below what servers keep an idle connection for: one that they close while we send on it would
# leave us without an answer.
_LONGEST_IDLE_S = 15.0

# A connection that answered just now is used again without asking whether it was ended.
_HOT_S = 1.0

# Exchanges may take so much longer than they are allowed to. Each call of the system costs a
# thread its place among busier ones; this saves the setting of a timeout that hardly differs.
SLACK_S = 0.25


@dataclass(frozen=True, slots=True)
class Response:
    """A status with headers (names in lower case) and as much of the body as was read.

    `is_whole` says whether that is all of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True


class BoundedConnection:
    """Speaks to the host of `url`, without redirects, proxies, or repetitions of its own.

    Errors are those of sockets and of `http.client`; none of them holds the address. After an error
    the next exchange begins with a new connection.
    """

    def __init__(self, url: str, *, connect_s: float, private: bool = False) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._connect_s = connect_s
        self._private = private
        self._http: _Connection | None = None
        self._used_at = 0.0

    def open(self) -> None:
        """Have a connection: the last one, if it can be used again, or a new one."""
        if self._http is not None and not self._is_fresh():
            self.close()
        if self._http is None:
            connection = self._new()
            connection.connect()
            connection.sock = _Deadline(connection.sock)
            self._http = connection

    def post(
        self,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        until: float,
        method: str = "POST",
        most: int = _MOST_OF_A_BODY,
    ) -> Response:
        """Send and hear the answer, both before the monotonic clock says `until` (and `SLACK_S`).

        Raises where no status arrived by then. A body that breaks off, is still arriving then, or
        is longer than `most` bytes, is returned as far as it came: of a message the status alone
        says what became of it.
        """
        assert self._http is not None
        try:
            self._deadline.until = until
            self._http.request(method, target, body or None, dict(headers))
            answer = self._http.getresponse()
            received, whole = _read(answer, most)
        except BaseException:
            self.close()
            raise
        if not whole or answer.will_close:
            self.close()
        self._used_at = monotonic_s()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, named, received, whole)

    def close(self) -> None:
        """Let go of the connection; the next `open` makes another."""
        if self._http is not None:
            self._http.close()
            self._http = None

    @property
    def _deadline(self) -> "_Deadline":
        assert self._http is not None
        assert isinstance(self._http.sock, _Deadline)
        return self._http.sock

    def _is_fresh(self) -> bool:
        """Whether the connection was used lately, and the other side has not ended it."""
        idle_s = monotonic_s() - self._used_at
        return idle_s < _HOT_S or (idle_s < _LONGEST_IDLE_S and not self._deadline.is_readable)

    def _new(self) -> "_Connection":
        context = None
        if self._secure:
            # The authorities that requests trusts: a slim image has none of its own. Whoever
            # polls and tells nobody need not wait for all that comes with it.
            from requests.utils import DEFAULT_CA_BUNDLE_PATH

            context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        port = self._port or (http.client.HTTPS_PORT if self._secure else http.client.HTTP_PORT)
        return _Connection(
            self._host, port, timeout=self._connect_s, context=context, private=self._private
        )


class _Connection(http.client.HTTPConnection):
    """Looks at whom it has reached before it says a word, be it the first of TLS."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        context: ssl.SSLContext | None,
        private: bool,
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        if context is not None:
            self.default_port = http.client.HTTPS_PORT
        self._context = context
        self._private = private

    def connect(self) -> None:
        super().connect()
        try:
            if not self._private:
                must_be_public(self.sock)
            if self._context is not None:
                self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        except BaseException:
            self.close()
            raise


class _Deadline:
    """What `http.client` uses of a socket; each of its waits is as long as what is left."""

    def __init__(self, stream: socket.socket) -> None:
        self.until = 0.0
        self._stream = stream
        self._unsent = bytearray()

    @property
    def is_readable(self) -> bool:
        """Whether the other side has said something, or ended the connection, unasked."""
        poll = select.poll()
        poll.register(self._stream, select.POLLIN)
        return bool(poll.poll(0))

    def sendall(self, data: bytes) -> None:
        """Keep it until the answer is asked for: headers and body go out together."""
        self._unsent += data

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Send what was kept; what arrives then, to be read."""
        with memoryview(bytes(self._unsent)) as rest:
            self._unsent.clear()
            sent = 0
            while sent < len(rest):
                self._wait_no_longer()
                sent += self._stream.send(rest[sent:])
        return io.BufferedReader(_Arriving(self), _CHUNK)

    def receive_into(self, buffer: Any) -> int:
        """Wait for what comes next; 0 where the other side has ended it."""
        self._wait_no_longer()
        return self._stream.recv_into(buffer)

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def _wait_no_longer(self) -> None:
        left = self.until - monotonic_s()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        timeout = self._stream.gettimeout()
        if timeout is None or abs(timeout - left) > SLACK_S:
            self._stream.settimeout(left)


class _Arriving(io.RawIOBase):
    """Closing it leaves the connection open: its socket is the connection's."""

    def __init__(self, stream: _Deadline) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._stream.receive_into(buffer)


def _read(answer: http.client.HTTPResponse, most: int) -> tuple[bytes, bool]:
    """The beginning of the body, and whether that is all of it."""
    body = bytearray()
    try:
        while answer.length != 0 and len(body) < most:
            chunk = answer.read1(_CHUNK)
            if not chunk:
                break
            body += chunk
    except (OSError, http.client.HTTPException):
        return bytes(body), False
    # Where its length is not known, it is over when the answer has closed itself.
    whole = answer.length == 0 or (answer.length is None and answer.isclosed())
    answer.close()
    return bytes(body), whole
