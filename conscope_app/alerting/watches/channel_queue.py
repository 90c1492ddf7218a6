"""What waits for one channel: episodes, what it has said of them, and how often it has spoken."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.deliveries import Delivery
from conscope_app.alerting.watches.entries import Entry, Said, begun, followed
from conscope_app.alerting.watches.local_time import day_of
from conscope_app.alerting.watches.planning import Plan
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch

QUEUE_FORMAT = 1

# Decisions come again after a failure, from a topic that keeps them for a week.
KEPT_FINISHED = timedelta(days=8)

WatchOf = Callable[[str], Watch | None]


class Accepted(StrEnum):
    """What became of a decision."""

    QUEUED = "queued"
    KNOWN = "known already"
    LEFT_OUT = "left out: over before it was told"


class Spoken(msgspec.Struct, frozen=True, array_like=True):
    """How many messages a watch had on a day of its zone."""

    day: date
    messages: int


class _State(msgspec.Struct, frozen=True, array_like=True):
    format: int
    channel: str
    entries: tuple[Entry, ...]
    spoken: dict[str, Spoken]
    finished: dict[str, datetime]


class ChannelQueue:
    """See the module. It is changed in place, and stored as a whole by `encode`."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._entries: dict[str, Entry] = {}
        self._spoken: dict[str, Spoken] = {}
        self._finished: dict[str, datetime] = {}

    @classmethod
    def decode(cls, value: bytes) -> "ChannelQueue":
        """The queue that `encode` stored."""
        state = msgspec.msgpack.decode(value, type=_State)
        return cls.restored(state.channel, state.entries, state.spoken, state.finished)

    @classmethod
    def restored(
        cls,
        channel: str,
        entries: Iterable[Entry],
        spoken: Mapping[str, Spoken],
        finished: Mapping[str, datetime],
    ) -> "ChannelQueue":
        """The queue that has these, of which some may have been left where they are kept.

        What is done to an entry needs those which share its message; a plan, all that wait too. Of
        what is finished, that is to be given about which decisions are accepted, by its end.
        """
        queue = cls(channel)
        queue._entries = {entry.episode: entry for entry in entries}
        queue._spoken, queue._finished = dict(spoken), dict(finished)
        return queue

    def encode(self) -> bytes:
        """Everything that there is to keep."""
        return msgspec.msgpack.encode(
            _State(
                QUEUE_FORMAT,
                self.channel,
                tuple(self._entries.values()),
                self._spoken,
                self._finished,
            )
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that is not finished."""
        return tuple(self._entries.values())

    @property
    def spoken(self) -> Mapping[str, Spoken]:
        """By watch, on which day it had its newest message, and how many it had on that day."""
        return self._spoken

    @property
    def finished(self) -> Mapping[str, datetime]:
        """Since when nothing will be said of an episode any more."""
        return self._finished

    def accept(self, decision: Decision, watch: Watch | None) -> Accepted:
        """Take a decision in; the same one again changes nothing."""
        known = self._entries.get(decision.episode)
        if decision.verdict is Verdict.RAISED:
            if known is not None or decision.episode in self._finished:
                return Accepted.KNOWN
            self._entries[decision.episode] = begun(decision)
            return Accepted.QUEUED
        if known is None or known.over or decision.is_past or _is_outdated(known, decision):
            return Accepted.KNOWN
        entry = followed(known, decision)
        self._entries[decision.episode] = entry
        if _is_to_be_left_out(entry, watch):
            self._finish(entry, decision.at)
            return Accepted.LEFT_OUT
        self._clear(decision.at)
        return Accepted.QUEUED

    def acknowledge(self, episode: str) -> bool:
        """Somebody knows: nothing more is said of an episode. Whether it was known here."""
        entry = self._entries.get(episode)
        if entry is not None:
            self._entries[episode] = msgspec.structs.replace(entry, acknowledged=True)
        return entry is not None

    def plan(
        self,
        watch_of: WatchOf,
        silences: Iterable[Silence],
        now: datetime,
        spellings: Spellings = (),
    ) -> list[Delivery]:
        """What is to be sent as things stand, soonest first; nothing of it before `now`."""
        plan = Plan(self.channel, watch_of, tuple(silences), now, self._messages_on, spellings)
        return plan.deliveries(self._entries.values())

    def sending(self, delivery: Delivery) -> None:
        """Note that a delivery is about to be made: from here on somebody may have read it."""
        self._mark(delivery, on_its_way=True)

    def not_sent(self, delivery: Delivery, watch_of: WatchOf, at: datetime) -> None:
        """Note that a delivery that was about to be made has surely not been made."""
        self._mark(delivery, on_its_way=False)
        for episode in delivery.episodes:
            entry = self._entries.get(episode)
            if entry is not None and _is_to_be_left_out(entry, watch_of(entry.watch_id)):
                self._finish(entry, at)

    def sent(self, delivery: Delivery, watch_of: WatchOf, at: datetime) -> None:
        """Note that a delivery was made."""
        speakers = set()
        for tells in delivery.tells:
            entry = self._entries.get(tells.episode)
            if entry is None:
                continue  # acknowledged meanwhile, and over
            if delivery.is_new:
                speakers.add(entry.watch_id)
            said = Said(delivery.message, tells.price, tells.over, at)
            entry = msgspec.structs.replace(entry, said=said, on_its_way=False)
            if entry.is_waiting:  # it changed while the message was on its way
                entry = msgspec.structs.replace(entry, changed_at=at)
            self._entries[tells.episode] = entry
        for watch_id in speakers:
            watch = watch_of(watch_id)
            if watch is not None:
                day = day_of(at, watch.often.zone)
                self._spoken[watch_id] = Spoken(day, self._messages_on(watch_id, day) + 1)
        self._clear(at)

    def _mark(self, delivery: Delivery, *, on_its_way: bool) -> None:
        for episode in delivery.episodes:
            entry = self._entries.get(episode)
            if entry is not None:
                self._entries[episode] = msgspec.structs.replace(entry, on_its_way=on_its_way)

    def _messages_on(self, watch_id: str, day: date) -> int:
        spoken = self._spoken.get(watch_id)
        return spoken.messages if spoken is not None and spoken.day == day else 0

    def _clear(self, at: datetime) -> None:
        """Let go of messages of which all has been said."""
        unfinished = {
            entry.said.message
            for entry in self._entries.values()
            if entry.said is not None and not entry.is_finished
        }
        for entry in [*self._entries.values()]:
            if entry.is_finished and (entry.said is None or entry.said.message not in unfinished):
                self._finish(entry, at)
        for episode in [*self._finished]:  # in the order of their ends
            if at - self._finished[episode] <= KEPT_FINISHED:
                break
            del self._finished[episode]

    def _finish(self, entry: Entry, at: datetime) -> None:
        del self._entries[entry.episode]
        self._finished[entry.episode] = at


def _is_to_be_left_out(entry: Entry, watch: Watch | None) -> bool:
    """Whether it is over, nobody can have heard of it, and nobody asked to hear that."""
    if not entry.over or entry.said is not None or entry.on_its_way:
        return False
    return watch is None or watch.often.over_meanwhile == "leave_out"


def _is_outdated(entry: Entry, decision: Decision) -> bool:
    """Whether a decision says less than is known: prices of an episode only fall."""
    if decision.verdict is Verdict.OVER:
        return False
    return entry.price is not None and (decision.price is None or decision.price >= entry.price)
