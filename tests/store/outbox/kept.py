"""An outbox under test, and the time that it goes by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from conscope_app.alerting.outbox import Note, Outbox, Turn
from conscope_app.alerting.waiting import WaitingAlert
from tests.notify.moved_clock import MovedClock
from tests.store.postgres_outbox import CHANNEL

SECOND = timedelta(seconds=1)


@dataclass
class Kept:
    """An outbox, how alerts come into it, and the time it goes by."""

    outbox: Outbox
    add: Callable[[Iterable[WaitingAlert]], None]
    clock: MovedClock

    async def turn(self, holder: str = "one", at_most: int = 100, *, patient: bool = False) -> Turn:
        """What the holder's look finds; a patient one leaves another's lease alone."""
        before = None if patient else self.clock.now + SECOND
        return await self.outbox.take(
            CHANNEL, holder=holder, lease_s=30, at_most=at_most, take_over_before=before
        )

    async def take(self, holder: str = "one", at_most: int = 100) -> list[int] | None:
        """The deliveries that wait, where the turn is the holder's."""
        turn = await self.turn(holder, at_most)
        return [alert.delivery_id for alert in turn.waiting] if turn.mine else None

    async def note(self, note: Note, holder: str = "one") -> bool:
        return await self.outbox.note(CHANNEL, note, holder=holder, lease_s=30)
