"""Asking something slow on behalf of many who look: once at a time, and never for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from conscope_app.core.clock import monotonic_s

T = TypeVar("T")

# A database that hung for a minute must not be left alone for twenty.
_LONGEST_REST_S = 30.0


class Unanswered(Exception):
    """There is no answer right now; the message says why, in a sentence for the page."""


class Asked(Generic[T]):
    """The newest answer to one question.

    However many ask, the question is under way once. `get` waits `patience_s` at most, answers
    from memory while the answer is fresh (`fresh_s`; where asking took long, `rest_ratio` times as
    long as that, though half a minute at most), and lets an answer stand in for `stands_for_s`
    while the next one is late. `ask` raises Unanswered for what a page is to show; all else is a
    defect and comes through.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[T]],
        *,
        fresh_s: float = 1.0,
        patience_s: float = 1.0,
        stands_for_s: float = 5.0,
        rest_ratio: float = 20,
        monotonic: Callable[[], float] = monotonic_s,
    ) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._patience_s = patience_s
        self._stands_for_s = stands_for_s
        self._rest_ratio = rest_ratio
        self._monotonic = monotonic
        self._under_way: asyncio.Future[T] | None = None
        self._asked_at = 0.0
        self._last: asyncio.Future[T] | None = None
        self._answer: T | None = None
        self._answered_at = -stands_for_s
        self._fresh_until = 0.0

    async def get(self) -> T:
        """The answer, or Unanswered; see the class."""
        if self._last is not None and self._monotonic() < self._fresh_until:
            return self._last.result()
        if self._under_way is None:
            self._asked_at = self._monotonic()
            self._under_way = asyncio.ensure_future(self._ask())
            self._under_way.add_done_callback(self._settle)
        asked = self._under_way
        left_s = self._asked_at + self._patience_s - self._monotonic()
        if not asked.done() and left_s > 0:
            await asyncio.wait({asked}, timeout=left_s)
        if asked.cancelled():
            raise Unanswered("The question was given up")
        if asked.done():
            return asked.result()
        now = self._monotonic()
        if self._answer is not None and now - self._answered_at < self._stands_for_s:
            return self._answer
        raise Unanswered(f"No answer for {now - self._asked_at:.0f} s")

    def _settle(self, asked: asyncio.Future[T]) -> None:
        now = self._monotonic()
        self._under_way = None
        if asked.cancelled():
            return
        self._last = asked
        self._fresh_until = now + max(
            self._fresh_s, min(_LONGEST_REST_S, self._rest_ratio * (now - self._asked_at))
        )
        if asked.exception() is None:
            self._answer = asked.result()
            self._answered_at = now
