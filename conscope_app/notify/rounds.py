"""A sender's rounds: one turn after the other, with the pauses that it asks for in between."""

import asyncio
from collections.abc import Awaitable, Callable

from conscope_app.notify.rest import Rest


class Rounds:
    """Takes turns until it is closed. `leaving` tells a turn to begin nothing more.

    No cancellation cuts a turn: what it has begun is ended, and then the rounds are.
    """

    def __init__(self, turn: Callable[[], Awaitable[Rest]]) -> None:
        self.leaving = False
        self._turn = turn
        self._closed = False
        self._deaf = False  # while a pause is needed, nobody wakes us
        self._nudge = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def wake(self) -> None:
        """Begin the next turn at once, unless a pause is needed."""
        if not self._deaf:
            self._nudge.set()

    async def run(self) -> None:
        """Take turns, for ever; may be called again after it was cancelled."""
        self.leaving = self._closed
        while not self._closed:
            self._nudge.clear()
            rest = await self._to_its_end()
            await self._pause(rest)

    def close(self) -> None:
        """Begin no other turn, and have `run` return."""
        self._closed = self.leaving = True
        self._nudge.set()

    async def until_idle(self) -> None:
        """Wait for the turn that is being taken."""
        await self._idle.wait()

    async def _to_its_end(self) -> Rest:
        turn = asyncio.ensure_future(self._turn())
        self._idle.clear()
        turn.add_done_callback(lambda _: self._idle.set())
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            self.leaving = True
            await asyncio.wait([turn])
            turn.result()
            raise

    async def _pause(self, rest: Rest) -> None:
        self._deaf = not rest.wakeable
        if self._deaf and not self._closed:
            self._nudge.clear()
        try:
            async with asyncio.timeout(rest.seconds):
                await self._nudge.wait()
        except TimeoutError:
            pass  # it is time to look again
        finally:
            self._deaf = False
