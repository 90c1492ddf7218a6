"""What waits to be told as a sender sees it: one message at a time, under a lease of the channel.

A port: `conscope_app.store.watches.outbox` keeps it in Postgres. Its values of the channel itself
(`Target`, budget, pauses, a channel that is switched off) are those of `alerting.outbox`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from conscope_app.alerting.outbox import Note, Target
from conscope_app.alerting.watches.announcement import Announcement, Line
from conscope_app.alerting.watches.channel_queue import ChannelQueue, WatchOf
from conscope_app.alerting.watches.deliveries import Delivery, Tells
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.silences import Silence


class Told(NamedTuple):
    """A message that the channel has: its own id of it, and whether a person has deleted it."""

    reference: str | None
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All that waits for a channel, with what shares its messages, and what decides about it.

    `suspects` are the episodes that were in a message which the channel refused.
    """

    queue: ChannelQueue
    watch_of: WatchOf
    silences: tuple[Silence, ...]
    now: datetime
    messages: Mapping[str, Told]
    suspects: Collection[str]
    spellings: Spellings = ()


class Choice(NamedTuple):
    """The message that is to be told now, if any, and when the next one is due after that.

    With `edits` it is told by new words for the message of that reference, otherwise by sending it.
    `ahead` are the episodes of the messages that are due as well, the most urgent first.
    """

    delivery: Delivery | None
    edits: str | None
    next_at: datetime | None
    ahead: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A message that its sender has noted to be on its way, and is to tell now.

    `attempts` are the failures that its episodes have been through. `new_on_way` are those of its
    episodes that nobody had tried to tell before.
    """

    delivery: Delivery
    announcement: Announcement
    edits: str | None
    attempts: int
    new_on_way: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What can be seen of a channel without a lease.

    `revision` grows with each change of what the channel has to say. There is something to do where
    something `waits`, or an earlier life of the holder has left a lease.
    """

    now: datetime
    revision: int
    waits: bool
    is_leased_to_us: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One sender's turn: what it is to tell, under a lease of its own.

    Without a task nothing may be told now: another sender is at it (`elsewhere`), the channel may
    not be used (`hindered`), or nothing is due before `next_at`. The lease is given back then.
    `ahead` is as the choice has it.
    """

    target: Target
    task: Task | None = None
    elsewhere: bool = False
    hindered: bool = False
    revision: int = 0
    next_at: datetime | None = None
    ahead: tuple[tuple[str, ...], ...] = ()


class Outcome(StrEnum):
    """What came of telling a message."""

    TOLD = "told"
    UNCERTAIN = "no sensible answer: it may have been told"
    NOT_TOLD = "surely not told"
    REFUSED = "refused"
    GONE = "there is no such message any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingNote(Note):
    """What an attempt came to, besides what was learnt of the channel; all of it, or nothing.

    `message_id` is the reference that the channel gave the message.
    """

    task: Task | None = None
    outcome: Outcome = Outcome.NOT_TOLD


Choose = Callable[[Waiting], Choice]
MaySend = Callable[[Target], bool]


class WatchOutbox(Protocol):
    """What is to be told, by channel, with a lease that lets one sender at a time at each channel.

    Leases, holders and the clock are as `alerting.outbox.Outbox` has them, and every method raises
    `OutboxAway` as that one does. A channel of watches has a name of its own there.
    """

    async def look(self, channel: str, *, holder: str) -> Look:
        """See whether there is anything to do; nothing is changed."""

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        take_over_before: datetime | None,
        may_send: MaySend,
        choose: Choose,
        among: Collection[str] | None = None,
    ) -> Turn:
        """Lease the channel, choose what to tell, and note that it is on its way.

        It is chosen among these episodes, with what shares their messages, or among all.

        When this returns a task, that note is committed: whoever comes later knows that somebody
        may have read it. `may_send` and `choose` are called from another thread.
        """

    async def note(self, channel: str, note: TellingNote, *, holder: str, lease_s: float) -> bool:
        """Write down what came of it, and lengthen the lease; whether the lease is still ours.

        What was told is noted even where the lease was lost: it is the truth. That something was
        not told is noted only under the lease, since another may be about to tell it.
        """

    async def release(self, channel: str, *, holder: str) -> None:
        """Give the lease back, if it is ours."""

    async def forget(self, channel: str, *, at_most: int) -> int:
        """Forget the oldest of what has been finished for so long that no decision comes again."""


def announcement_of(
    delivery: Delivery,
    entries: Mapping[str, Entry],
    watch_of: WatchOf,
    facts: Mapping[str, Mapping[str, str]],
) -> Announcement:
    """What the channel is given to say a delivery; entries and facts by episode."""
    return Announcement(
        message=delivery.message,
        kind=delivery.kind,
        severity=delivery.severity,
        lines=tuple(
            _line(tells, entries[tells.episode], watch_of, facts.get(tells.episode, {}))
            for tells in delivery.tells
        ),
    )


def _line(tells: Tells, entry: Entry, watch_of: WatchOf, facts: Mapping[str, str]) -> Line:
    watch = watch_of(entry.watch_id)
    return Line(
        episode=entry.episode,
        watch_id=entry.watch_id,
        watch_name="" if watch is None else watch.name,
        subject=entry.subject,
        items=entry.items,
        labels=entry.labels,
        price=tells.price,
        was=entry.raised_price,
        currency=entry.currency,
        basis=entry.basis,
        reason=entry.reason,
        over=tells.over,
        facts=facts,
        raised_at=entry.raised_at,
        happening=entry.happening,
    )
