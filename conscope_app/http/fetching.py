"""Answers fetched whole, from one address, away from the event loop.

NoAnswer
├── NotReached   no connection, or none that may be spoken on
├── TooSlow      the answer was not there in time
├── BrokeOff     the answer ended before its end, or cannot be unpacked
└── TooLarge     the answer is longer than was allowed

None of their texts holds the address or what was asked, since a key stands in it.
"""

import asyncio
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from conscope_app.core.clock import monotonic_s
from conscope_app.http.bounded_http import BoundedConnection, Response

# gzip's header, zlib's, or none at all: what vendors call deflate is one of the last two.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS

CONNECT_S = 5.0
ANSWER_S = 15.0
MOST_BYTES = 16 << 20


class NoAnswer(Exception):
    """There is no answer that can be used."""


class NotReached(NoAnswer):
    """No connection came about."""


class TooSlow(NoAnswer):
    """The answer was not there in time."""


class BrokeOff(NoAnswer):
    """The answer ended before its end."""


class TooLarge(NoAnswer):
    """The answer is longer than was allowed."""


class Fetcher:
    """Gets one answer at a time from one host, in a thread of its own, since sockets block.

    An exchange is over `connect_s` and `answer_s` after it began, whatever the other side does,
    apart from the resolving of its name. Redirects are not followed: they are answers.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_s: float = CONNECT_S,
        answer_s: float = ANSWER_S,
        most_bytes: int = MOST_BYTES,
        private: bool = False,
    ) -> None:
        self._answer_s = answer_s
        self._most_bytes = most_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        self._connection = BoundedConnection(url, connect_s=connect_s, private=private)

    async def get(self, target: str, headers: Mapping[str, str]) -> Response:
        """The answer, unpacked. Raises `NoAnswer`."""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._thread, self._get, target, headers)
        if isinstance(answer, NoAnswer):
            # Raised here, far from the error it comes from: none of its parts can name the address.
            raise answer
        return answer

    async def close(self) -> None:
        """Close the connection and the thread, after the request that may be on its way."""
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()

    def _get(self, target: str, headers: Mapping[str, str]) -> Response | NoAnswer:
        try:
            self._connection.open()
        except (OSError, ValueError) as error:
            return NotReached(f"not reached: {type(error).__name__}")
        asked = {"Accept-Encoding": "gzip, deflate", **headers}
        until = monotonic_s() + self._answer_s
        try:
            response = self._connection.post(
                target, b"", asked, until=until, method="GET", most=self._most_bytes + 1
            )
        except TimeoutError:
            return TooSlow("no answer in time")
        except (OSError, HTTPException, ValueError) as error:
            return BrokeOff(f"no answer: {type(error).__name__}")
        return self._unpacked(response, monotonic_s() >= until)

    def _unpacked(
        self,
        response: Response,
        is_late: bool,  # noqa: FBT001 said once
    ) -> Response | NoAnswer:
        if len(response.body) > self._most_bytes:
            return TooLarge(f"longer than {self._most_bytes} bytes")
        if not response.is_whole:
            return TooSlow("still arriving") if is_late else BrokeOff("the answer broke off")
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in {"", "identity"} or not response.body:
            return response
        if encoding not in {"gzip", "x-gzip", "deflate"}:
            return BrokeOff("packed in a way that was not asked for")
        try:
            body = unpack(response.body, self._most_bytes)
        except zlib.error:
            return BrokeOff("cannot be unpacked")
        if body is None:
            return TooLarge(f"longer than {self._most_bytes} bytes when unpacked")
        return Response(response.status, response.headers, body)


def unpack(packed: bytes, most_bytes: int) -> bytes | None:
    """What was packed as gzip, zlib or deflate; None where that is longer than `most_bytes`.

    Raises `zlib.error` for what is none of these, or not all of it.
    """
    body = bytearray()
    rest = packed
    while rest:
        # A server that packs while it writes may send several gzip members, one after the other.
        unpacking = zlib.decompressobj(_format_of(rest))
        body += unpacking.decompress(rest, most_bytes + 1 - len(body))
        if len(body) > most_bytes:
            return None
        if not unpacking.eof:
            raise zlib.error("it ends before its end")
        rest = unpacking.unused_data
    return bytes(body)


def _format_of(packed: bytes) -> int:
    is_zlib = (
        len(packed) > 1 and packed[0] & 15 == 8 and int.from_bytes(packed[:2], "big") % 31 == 0
    )
    return _GZIP_OR_ZLIB if is_zlib or packed[:2] == b"\x1f\x8b" else _RAW
