"""How much is answered at once: whoever asks for more than can be done waits, and not for long.

Two connections read for all pages. Without a bound, one client that asks without waiting for
answers would have every other page queue behind thousands of reads.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import hdrs
from aiohttp.web import HTTPServiceUnavailable, Request, RequestKey, StreamResponse

PLACES = 32
WAITING = 256
PATIENCE_S = 5.0
RETRY_S = 1


class Place:
    """One of the places; given back once, however often that is said."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def give_back(self) -> None:
        """Let the next one in."""
        places, self._places = self._places, None
        if places is not None:
            places.release()


_PLACE = RequestKey("place", Place)


class Admission:
    """At most so many requests under way; as many more wait in order, for `patience_s` each.

    Everybody else gets 503. A place is given back as soon as an answer begins: who reads slowly
    holds up nobody.
    """

    def __init__(
        self, *, places: int = PLACES, waiting: int = WAITING, patience_s: float = PATIENCE_S
    ) -> None:
        self._places = asyncio.Semaphore(places)
        self._most_waiting = waiting
        self._waiting = 0
        self._patience_s = patience_s

    async def take(self, request: Request) -> Place:
        """A place for this request; 503 where there is none in time."""
        with self._queued():
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._places.acquire()
            except TimeoutError:
                raise _busy() from None
        request[_PLACE] = place = Place(self._places)
        return place

    @contextmanager
    def _queued(self) -> Iterator[None]:
        if self._waiting >= self._most_waiting:
            raise _busy()
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


async def answer_begins(request: Request, response: StreamResponse) -> None:
    """Signal handler of `on_response_prepare`: what is left to do is to send."""
    place = request.get(_PLACE)
    if place is not None:
        place.give_back()


def _busy() -> HTTPServiceUnavailable:
    return HTTPServiceUnavailable(
        text="Too much is asked at once.", headers={hdrs.RETRY_AFTER: str(RETRY_S)}
    )
