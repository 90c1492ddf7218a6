"""Which event is to be looked at next: those at a milestone first, then whoever waits longest."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from conscope_app.sources.polling.cadence import interval, jittered, retry_after
from conscope_app.sources.polling.events import MISSES_TO_DOUBT, EventState
from conscope_app.sources.polling.milestones import next_milestone

# Whoever has waited three quarters of its time joins a request that is sent anyhow.
_EARLY = 4

# An event that a walk through the catalogue looks at as often is asked for by itself only where
# the walk has not come.
_COVERED_FACTOR = 1.5

# Whatever was last seen so long ago is of no use to anybody, and its id may never come again.
FORGOTTEN_AFTER = timedelta(days=30)

# So late a look at a milestone is before it is told to people.
_GRACE = timedelta(minutes=10)

Heap = list[tuple[datetime, int, str]]


class Timetable:
    """The events of one source by when they are due.

    An event is on it once: whoever takes one hands it back with `schedule`, whatever came of it.
    `walked_every` says how often a walk through the catalogue looks at events that begin then. Of a
    source that cannot be asked for single events, none is ever due.
    """

    def __init__(
        self,
        events: Iterable[EventState],
        *,
        random: Callable[[], float],
        walked_every: Callable[[datetime | None, datetime], timedelta | None],
        now: datetime,
        is_asked_for_events: bool = True,
    ) -> None:
        self._is_asked_for_events = is_asked_for_events
        self.events = {each.event_id: each for each in events}
        self.watched: Collection[str] = frozenset()
        self.stretch = 1.0
        self.missed = 0  # milestones that nobody looked at in time, since the start
        self._random = random
        self._walked_every = walked_every
        self._version = 0
        self._versions: dict[str, int] = {}
        self._by_day: dict[int, set[str]] = {}  # that they begin on
        self._ahead: Heap = []  # milestones, by when they are due
        self._owed: Heap = []  # those that are due, by when they end
        self._ripe_at: datetime | None = None
        self._regular: Heap = []
        self.schedule_all(now)

    def schedule_all(self, now: datetime) -> None:
        """Work out anew when each is due; those that have begun or are forgotten are let go."""
        events = self.events.values()
        for over in [each.event_id for each in events if each.is_over(now) or _is_gone(each, now)]:
            del self.events[over]
            self._versions.pop(over, None)
        self._ahead, self._owed, self._regular, self._ripe_at = [], [], [], None
        self._by_day = {}
        if not self._is_asked_for_events:
            return
        for event in self.events.values():
            self._place(event, now, list.append)
        heapify(self._ahead)
        heapify(self._regular)

    def schedule(self, event: EventState, now: datetime) -> None:
        """Work out when it is due next; a new event is taken in."""
        self.events[event.event_id] = event
        if self._is_asked_for_events:
            self._place(event, now, heappush)

    def take_owed(self, now: datetime, most: int) -> list[EventState]:
        """Events at a milestone, those that have the least time left first.

        None, where they may still wait for others to share a request with.
        """
        self._become_owed(now)
        is_ripe = self._ripe_at is not None and self._ripe_at <= now
        if not self._owed or (len(self._owed) < most and not is_ripe):
            return []
        taken: list[EventState] = []
        while self._owed and len(taken) < most:
            event = self._current(heappop(self._owed))
            if event is not None:
                taken.append(event)
                self._take(event)
        if not self._owed:
            self._ripe_at = None
        return taken

    def take_due(self, now: datetime, most: int, *, joining: bool = False) -> list[EventState]:
        """Events that have waited their time; with them, or `joining`, those that nearly have."""
        taken: list[EventState] = []
        while self._regular and len(taken) < most:
            due_at = self._regular[0][0]
            event = self._current(self._regular[0])
            if event is not None and due_at > now:
                since = event.seen_at or now
                if not (taken or joining) or (due_at - now) * _EARLY > due_at - since:
                    break
            heappop(self._regular)
            if event is not None:
                taken.append(event)
                self._take(event)
        return taken

    def owed(self, now: datetime) -> int:
        """How many milestones are due and not met."""
        self._become_owed(now)
        return sum(self._current(each) is not None for each in self._owed)

    def next_at(self, now: datetime) -> datetime | None:
        """When something is due next."""
        moments = [heap[0][0] for heap in (self._ahead, self._regular) if heap]
        if self._ripe_at is not None and self._owed:
            moments.append(self._ripe_at)
        return min(moments, default=None)

    def next_owed_at(self) -> datetime | None:
        """When a milestone is due next."""
        if self._owed:
            return self._ripe_at
        return self._ahead[0][0] if self._ahead else None

    def next_milestone_at(self, now: datetime) -> datetime | None:
        """When one is due next, or was due and is not met yet."""
        self._become_owed(now)
        for heap in (self._owed, self._ahead):
            while heap and self._current(heap[0]) is None:
                heappop(heap)  # its event has another place by now
        if not self._owed:
            return self._ahead[0][0] if self._ahead else None
        event = self._current(self._owed[0])
        assert event is not None, "what is void was taken away"
        milestone = next_milestone(event.starts_at, event.seen_at, now)
        return None if milestone is None else milestone.due_at

    def overdue(self, now: datetime) -> int:
        """How many milestones could have been met with others by now, and were not."""
        self._become_owed(now)
        late = 0
        for entry in self._owed:
            event = self._current(entry)
            if event is not None:
                milestone = next_milestone(event.starts_at, event.seen_at, now)
                late += milestone is not None and milestone.ripe_at + _GRACE < now
        return late

    def open_events(self, now: datetime) -> list[EventState]:
        """All that have not begun, as far as is known, and that nobody has said to be gone."""
        events = self.events.values()
        return [each for each in events if each.standing == "open" and not each.is_over(now)]

    def within(self, begin: datetime, end: datetime) -> list[EventState]:
        """The events that are open and begin then."""
        days = range(begin.toordinal(), end.toordinal() + 1)
        ids = (each for day in days for each in self._by_day.get(day, ()))
        events = (self.events.get(each) for each in ids)
        return [
            each
            for each in events
            if each is not None
            and each.standing == "open"
            and each.starts_at is not None
            and begin <= each.starts_at < end
        ]

    def demand(self, now: datetime) -> float:
        """Looks a day that all of them would have, one by one, where requests cost nothing."""
        looks = 0.0
        for event in self.events.values():
            if event.standing != "open":
                continue
            wanted, is_covered = self._interval(event, now)
            if not is_covered:
                looks += timedelta(days=1) / wanted
        return looks

    def _place(self, event: EventState, now: datetime, push: Callable[..., None]) -> None:
        self._version += 1
        self._versions[event.event_id] = self._version
        if event.standing != "open" or event.is_over(now):
            return
        if event.starts_at is not None:
            self._by_day.setdefault(event.starts_at.toordinal(), set()).add(event.event_id)
        regular_at = self._regular_at(event, now)
        milestone = next_milestone(event.starts_at, event.seen_at, now)
        if event.misses and event.asked_at is not None:
            retry_at = event.asked_at + retry_after(event.misses)
            regular_at = max(regular_at, retry_at)
        else:
            retry_at = now
        push(self._regular, (regular_at, self._version, event.event_id))
        if milestone is not None and event.misses < MISSES_TO_DOUBT:
            due_at = max(milestone.due_at, retry_at)
            push(self._ahead, (due_at, self._version, event.event_id))

    def _regular_at(self, event: EventState, now: datetime) -> datetime:
        if event.seen_at is None:
            return now
        wanted, is_covered = self._interval(event, now)
        stretch = _COVERED_FACTOR if is_covered else self.stretch
        return event.seen_at + jittered(wanted * stretch, self._random())

    def _interval(self, event: EventState, now: datetime) -> tuple[timedelta, bool]:
        """How often it is to be looked at, and whether walks do so."""
        is_watched = event.event_id in self.watched
        wanted = interval(event.starts_at, event.changed_at, now, watched=is_watched)
        walked = self._walked_every(event.starts_at, now)
        if walked is not None and walked <= wanted * self.stretch:
            return walked, True
        return wanted, False

    def _become_owed(self, now: datetime) -> None:
        while self._ahead and self._ahead[0][0] <= now:
            entry = heappop(self._ahead)
            event = self._current(entry)
            if event is None:
                continue
            milestone = next_milestone(event.starts_at, event.seen_at, now)
            if milestone is None or milestone.due_at > now:
                self.missed += 1
                self._place(event, now, heappush)
                continue
            heappush(self._owed, (milestone.ends_at, entry[1], entry[2]))
            ripe_at = milestone.ripe_at
            self._ripe_at = ripe_at if self._ripe_at is None else min(self._ripe_at, ripe_at)
        self._give_up_ended(now)

    def _give_up_ended(self, now: datetime) -> None:
        while self._owed and self._owed[0][0] <= now:
            event = self._current(heappop(self._owed))
            if event is not None:
                self.missed += 1
                self._place(event, now, heappush)
        if not self._owed:
            self._ripe_at = None

    def _current(self, entry: tuple[datetime, int, str]) -> EventState | None:
        _, version, event_id = entry
        return self.events.get(event_id) if self._versions.get(event_id) == version else None

    def _take(self, event: EventState) -> None:
        # Its other place is void too: it is on its way.
        self._version += 1
        self._versions[event.event_id] = self._version


def _is_gone(event: EventState, now: datetime) -> bool:
    return event.misses >= MISSES_TO_DOUBT and now - (event.seen_at or now) > FORGOTTEN_AFTER
