"""From what waits to what is sent: grouping, digests, and what holds each back."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from conscope_app.alerting.watches.deliveries import (
    MOST_IN_A_MESSAGE,
    Delivery,
    Kind,
    Tells,
    highest,
    message_id,
)
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.holds import Freedom, free_from
from conscope_app.alerting.watches.local_time import clock_time, day_of, next_time_of_day
from conscope_app.alerting.watches.scope import Spellings
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import (
    Digest,
    Group,
    Often,
    Severity,
    Target,
    Watch,
    What,
    When,
)

_Waiting = tuple[datetime, Entry]

_ALONE = Group(wait_s=0, alone_s=0)
_ANY = Decimal(1)


class Plan:
    """What is to be sent to a channel as things stand at a moment."""

    def __init__(
        self,
        channel: str,
        watch_of: Callable[[str], Watch | None],
        silences: Sequence[Silence],
        now: datetime,
        messages_on: Callable[[str, date], int],
        spellings: Spellings = (),
    ) -> None:
        self._channel = channel
        self._watch_of = watch_of
        self._silences = silences
        self._now = now
        self._messages_on = messages_on
        self._spellings = spellings
        self._planned: dict[tuple[str, date], int] = defaultdict(int)

    def deliveries(self, entries: Iterable[Entry]) -> list[Delivery]:
        """Everything that waits is in one of them, and in one only."""
        buckets: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        messages: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.said is not None:
                messages[entry.said.message].append(entry)
            if entry.is_waiting:
                watch = self._watch(entry)
                if watch.often.digest is not None:
                    buckets["digest", watch.id].append(entry)
                elif entry.said is not None:
                    pass  # an edit of its message
                elif watch.often.group.wait_s > 0:
                    # A message with prices is told anew when they change, and when they are over.
                    kind = "subject" if entry.happening is None else "happenings"
                    buckets[kind, entry.subject].append(entry)
                else:
                    buckets["alone", entry.episode].append(entry)
        planned = [
            delivery
            for (kind, _), bucket in sorted(buckets.items(), key=_first_ready)
            for delivery in (self._digests(bucket) if kind == "digest" else self._raises(bucket))
        ]
        planned += [edit for told in messages.values() if (edit := self._edit(told)) is not None]
        return sorted(planned, key=lambda each: (each.not_before, each.message))

    def _raises(self, bucket: list[Entry]) -> Iterable[Delivery]:
        """New messages of one subject, each with what may be told together with its first."""
        waiting = self._by_freedom(bucket)
        while waiting:
            (free_at, first), *others = waiting
            group = self._watch(first).often.group
            together = first.changed_at + timedelta(seconds=group.wait_s)
            is_alone = not others or others[0][0] > max(together, free_at)
            alone = first.changed_at + timedelta(seconds=group.alone_s)
            free = self._free(first, alone if is_alone else together)
            members = self._members(waiting, free.at, MOST_IN_A_MESSAGE)
            yield self._new("raise", members, free)
            waiting = _without(waiting, members)

    def _digests(self, bucket: list[Entry]) -> Iterable[Delivery]:
        """One message of all that one watch has collected by the time at which it is sent."""
        waiting = self._by_freedom(bucket)
        while waiting:
            first = waiting[0][1]
            often = self._watch(first).often
            assert often.digest is not None, "collected for a digest"
            free = self._free(first, _digest_at(often.digest, often.zone, first.changed_at))
            members = self._members(waiting, free.at, len(waiting))
            yield self._new("digest", members, free)
            waiting = _without(waiting, members)

    def _by_freedom(self, bucket: Iterable[Entry]) -> list[_Waiting]:
        """Entries with the first moment at which they may be told, soonest first.

        What is held for long must not hold back what is not.
        """
        found = ((self._free(entry, entry.changed_at).at, entry) for entry in bucket)
        return sorted(found, key=lambda each: (each[0], *_readiness(each[1])))

    def _members(self, waiting: Iterable[_Waiting], at: datetime, most: int) -> list[Entry]:
        """The first entries that may be told at a moment."""
        members: list[Entry] = []
        for free_at, entry in waiting:
            if len(members) == most or free_at > at:
                break
            if self._free(entry, at).at == at:
                members.append(entry)
        return members

    def _edit(self, told: list[Entry]) -> Delivery | None:
        """New words for a message, where some of its episodes changed."""
        changed = [
            entry for entry in told if entry.is_waiting and self._watch(entry).often.digest is None
        ]
        if not changed:
            return None
        free = min(self._free_to_edit(entry) for entry in changed)
        said = told[0].said
        assert said is not None, "edited, so it was told"
        return Delivery(
            kind="over" if all(map(_has_ended, told)) else "edit",
            channel=self._channel,
            message=said.message,
            subject=_only_subject(told),
            tells=_tells(told),
            severity=self._severity(told),
            not_before=free.at,
            reason=free.reason,
        )

    def _new(self, kind: Kind, members: list[Entry], free: Freedom) -> Delivery:
        for watch_id in {entry.watch_id for entry in members}:
            watch = self._watch_of(watch_id)
            if watch is not None:
                self._planned[watch_id, day_of(free.at, watch.often.zone)] += 1
        tells = _tells(members)
        return Delivery(
            kind=kind,
            channel=self._channel,
            message=message_id(self._channel, tells),
            subject=_only_subject(members),
            tells=tells,
            severity=self._severity(members),
            not_before=free.at,
            reason=free.reason,
        )

    def _severity(self, entries: Iterable[Entry]) -> Severity:
        return highest(self._watch(entry).to.severity for entry in entries)

    def _free(self, entry: Entry, moment: datetime) -> Freedom:
        silences = self._silences_of(entry)
        return free_from(self._watch(entry), silences, max(moment, self._now), self._is_full)

    def _free_to_edit(self, entry: Entry) -> Freedom:
        watch = self._watch(entry)
        moment = entry.changed_at + timedelta(seconds=watch.often.group.alone_s)
        return free_from(watch, self._silences_of(entry), max(moment, self._now))

    def _silences_of(self, entry: Entry) -> list[Silence]:
        return [each for each in self._silences if each.fits(entry, self._spellings)]

    def _is_full(self, watch: Watch, moment: datetime) -> bool:
        if watch.often.at_most_a_day is None:
            return False
        day = day_of(moment, watch.often.zone)
        messages = self._messages_on(watch.id, day) + self._planned[watch.id, day]
        return messages >= watch.often.at_most_a_day

    def _watch(self, entry: Entry) -> Watch:
        """The watch of an entry. Where it is no more, nothing of it holds anything back."""
        return self._watch_of(entry.watch_id) or _forgotten(entry.watch_id)


def _forgotten(watch_id: str) -> Watch:
    when = When(target=Target(at_most=_ANY))
    return Watch(id=watch_id, what=What(), when=when, often=Often(group=_ALONE))


def _digest_at(digest: Digest, zone: str, since: datetime) -> datetime:
    if digest.daily_at is not None:
        return next_time_of_day(since, clock_time(digest.daily_at), zone)
    return since + timedelta(minutes=digest.every_minutes or 0)


def _tells(entries: Iterable[Entry]) -> tuple[Tells, ...]:
    return tuple(
        # Of what was acknowledged the message goes on to say what it said last.
        Tells(entry.episode, entry.said.price, entry.said.over)
        if entry.acknowledged and entry.said is not None
        else Tells(entry.episode, entry.price, entry.over)
        for entry in sorted(entries, key=_age)
    )


def _without(waiting: Iterable[_Waiting], told: Iterable[Entry]) -> list[_Waiting]:
    episodes = {entry.episode for entry in told}
    return [each for each in waiting if each[1].episode not in episodes]


def _only_subject(entries: Sequence[Entry]) -> str | None:
    subjects = {entry.subject for entry in entries}
    return subjects.pop() if len(subjects) == 1 else None


def _has_ended(entry: Entry) -> bool:
    return entry.over or entry.happening is not None


def _age(entry: Entry) -> tuple[datetime, str]:
    return entry.raised_at, entry.episode


def _readiness(entry: Entry) -> tuple[datetime, str]:
    return entry.changed_at, entry.episode


def _first_ready(bucket: tuple[tuple[str, str], list[Entry]]) -> tuple[datetime, str]:
    return min(map(_readiness, bucket[1]))
