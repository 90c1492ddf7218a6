"""Couriers under test, and outboxes that go away under them."""

from datetime import timedelta

from conscope_app.alerting.outbox import Note
from conscope_app.notify.courier import Courier
from conscope_app.notify.discord import DiscordNotifier
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock

SECOND = timedelta(seconds=1)


def a_courier(
    outbox: MemoryOutbox, notifier: DiscordNotifier, *, per_minute: int = 6_000, name: str = "one"
) -> Courier:
    return Courier(
        outbox=outbox,
        notifier=notifier,
        messages_per_minute=per_minute,
        holder=name,
        jitter=lambda: 0.0,
    )


def ids(first: int, last: int) -> list[str]:
    return [f"raw_prices-0-{number}" for number in range(first, last + 1)]


def statuses(outbox: MemoryOutbox) -> list[str]:
    return [row.status for _, row in sorted(outbox.rows.items())]


async def until_told(
    courier: Courier, outbox: MemoryOutbox, clock: MovedClock, at_most_turns: int = 100
) -> None:
    """Turn by turn, the time moving as far as the courier asks for, until nothing waits."""
    for _ in range(at_most_turns):
        rest = await courier.deliver_due()
        clock.move(timedelta(seconds=rest.seconds))
        if "waiting" not in statuses(outbox):
            return
    raise AssertionError(f"after {at_most_turns} turns alerts wait still: {courier.trouble}")


class AwayAfterPosting(MemoryOutbox):
    """Goes away when it should note what was sent, so many times."""

    def __init__(self, clock: MovedClock, *, notes: int) -> None:
        super().__init__(clock)
        self.notes = notes

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        self.notes -= 1
        self.away = "connection refused" if self.notes >= 0 else None
        return await super().note(channel, note, holder=holder, lease_s=lease_s)
