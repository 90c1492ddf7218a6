"""HTTP exchanges with one address, one at a time, away from the event loop."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from conscope_app.core.clock import monotonic_s
from conscope_app.http.bounded_http import SLACK_S, BoundedConnection, Response
from conscope_app.notify.base import Retryable, TooLate

CONNECT_S = 4.0
ANSWER_S = 10.0


class Exchange:
    """Sends a request once and hears its answer, in a thread of its own, since sockets block.

    It is over `send_s` after its first byte was sent, whatever the other side does. `who` is what
    errors call the other side; none of them names the address.
    """

    def __init__(
        self, who: str, url: str, *, connect_s: float, answer_s: float, private: bool
    ) -> None:
        self.send_s = answer_s + SLACK_S
        self._who = who
        self._answer_s = answer_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="exchange")
        self._connection = BoundedConnection(url, connect_s=connect_s, private=private)

    async def request(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], *, before: float
    ) -> Response:
        """The answer. `TooLate` where the monotonic clock has passed `before` by then.

        `Retryable` where none came; the request may have been taken all the same.
        """
        loop = asyncio.get_running_loop()
        arguments = (method, target, body, headers, before)
        answer = await loop.run_in_executor(self._thread, self._request, *arguments)
        if isinstance(answer, str):
            # Raised here, far from the error it comes from: none of its parts can name the address.
            raise Retryable(f"{self._who} did not answer: {answer}")
        return answer

    async def close(self) -> None:
        """Close the connection and the thread, after the request that may be on its way."""
        await asyncio.to_thread(self._thread.shutdown)
        self._connection.close()

    def _request(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], before: float
    ) -> Response | str:
        """The answer, or why there is none."""
        try:
            self._connection.open()
            # Only now, as names and handshakes may take as long as they like.
            now = monotonic_s()
            if now >= before:
                raise TooLate("the lease had run out before the message was sent")
            until = now + self._answer_s
            return self._connection.post(target, body, headers, until=until, method=method)
        except (OSError, HTTPException, ValueError) as error:
            return type(error).__name__
