"""The outbox as a sender sees it: alerts that wait for a channel, and who may send them.

A port: `conscope_app.store.outbox` keeps it in Postgres, and its tests in memory.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from conscope_app.alerting.budget import NOTHING_SPENT, Spent
from conscope_app.alerting.waiting import WaitingAlert

# A clock that goes back by no more than this is corrected, not put back.
CORRECTION = timedelta(minutes=1)


class OutboxAway(Exception):
    """The outbox cannot be read or written now; the same may be asked again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is known of a channel, by the outbox's clock, which all senders share."""

    now: datetime
    blocked_until: datetime | None = None
    disabled_reason: str | None = None
    spent: Spent = NOTHING_SPENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One sender's turn: whether the channel is its own for now, and what waits, in order.

    Where it is not `mine`, nothing waits, or another sender is at it: `elsewhere`.
    """

    mine: bool
    target: Target
    waiting: tuple[WaitingAlert, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What an attempt came to. The outbox writes all of it down, or nothing.

    Deliveries are named by their ids: `sent` are told (those in `folded` by a digest only),
    `failed` keep waiting, `dead` are given up, with the error kept. `spent` and `blocked_until`
    replace what was known of the channel, and None leaves it as it is; they count from
    `reckoned_at`, the sender's idea of the outbox's present moment.
    """

    sent: tuple[int, ...] = ()
    folded: tuple[int, ...] = ()
    message_id: str | None = None
    failed: tuple[int, ...] = ()
    dead: tuple[int, ...] = ()
    error: str | None = None
    spent: Spent | None = None
    blocked_until: datetime | None = None
    disable: str | None = None
    enable: bool = False
    invalid_answers: int = 0
    reckoned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How a channel's deliveries stand."""

    waiting: int
    sent: int
    digested: int
    dead: int
    invalid_answers: int
    oldest_waiting_at: datetime | None
    blocked_until: datetime | None
    disabled_reason: str | None


def same_name(leased_by: str, holder: str) -> bool:
    """Whether a lease is this holder's, or was an earlier life's of it."""
    return leased_by.partition("/")[0] == holder.partition("/")[0]


def put_back(then: datetime, now: datetime) -> timedelta:
    """By how much, at the least, the clock was put back if it once showed `then`.

    A second or two that a clock is corrected by prolongs a pause by as much, and is let be.
    """
    return then - now if then - now > CORRECTION else timedelta(0)


class Outbox(Protocol):
    """Deliveries by channel, with a lease that lets one sender at a time at each channel.

    A holder is a name, `name/life` where it may come back after a death. Only one life of a name
    lives at a time: what an earlier one leased is the next one's for the taking. But a late `note`
    or `release` of the dead one, which was still on its way, does not touch the new lease.

    Should the outbox's clock be put back, every moment that it keeps is put back with it: leases,
    pauses and budget last as long as they were meant to, or a little longer, not an hour more.

    Every method raises `OutboxAway` while the store behind it cannot be reached.
    """

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        at_most: int,
        take_over_before: datetime | None,
    ) -> Turn:
        """Lease the channel for `lease_s` seconds and read the first `at_most` waiting alerts.

        The turn is not `mine` where nothing waits (a lease of our own is then given back, and what
        comes later is seen by the next `take` of anybody), or where another has leased the channel.
        Another's lease that has run out is taken over before `take_over_before`, by the outbox's
        clock, and not at all where that is None.
        """

    async def note(self, channel: str, note: Note, *, holder: str, lease_s: float) -> bool:
        """Write a note down and lengthen the lease; whether the lease is still ours.

        What was sent is marked as sent even where the lease was lost: it is the truth. A note
        that is written twice changes only the counts of attempts and invalid answers.
        """

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""

    async def counts(self, channel: str) -> Counts:
        """How the channel's deliveries stand now."""
