"""What a source is asked next, of all that may be asked: milestones, walks, single events."""

from collections.abc import Callable
from datetime import datetime, timedelta

from conscope_app.sources.adapter import Adapter
from conscope_app.sources.polling.budget import Budget, hour_of
from conscope_app.sources.polling.catalogue import Catalogue
from conscope_app.sources.polling.events import EventState
from conscope_app.sources.polling.milestones_ahead import milestones_ahead
from conscope_app.sources.polling.requests import Requests
from conscope_app.sources.polling.timetable import Timetable
from conscope_app.sources.polling.turns import Asking, Purpose, Rest

REPLAN_EVERY = timedelta(hours=1)

# Walks may spend so much of what is spent at will; where events need less, walks do not get it.
_CATALOGUE_SHARE = 0.5


class Agenda:
    """Shares what can be spent: milestones first, then walks, then looks at single events."""

    def __init__(
        self,
        adapter: Adapter,
        requests: Requests,
        *,
        budget: Budget,
        catalogue: Catalogue,
        timetable: Timetable,
        now: datetime,
    ) -> None:
        self._requests = requests
        self._budget = budget
        self._catalogue = catalogue
        self._timetable = timetable
        self._most = adapter.most_events_per_request
        # Where there is no other way to ask, all of it is theirs.
        self._share = _CATALOGUE_SHARE if self._most else 1.0
        self._walked = (-1, 0)  # pages asked for in the present hour
        self._replan(now)

    def keep_up(self, now: datetime) -> None:
        """Share anew what can be spent, where that was long ago."""
        if now >= self._replan_at:
            self._replan(now)

    def next(self, now: datetime) -> Asking | Rest:
        """What to ask of a source that may be asked now, or when something will be due."""
        return self._must(now) or self._at_will(now) or self._idle(now)

    def note_page(self, now: datetime) -> None:
        """A page of the catalogue is about to be asked for."""
        self._walked = (hour_of(now), self._pages_this_hour(now) + 1)

    def split(self, ids: tuple[str, ...], purpose: Purpose, now: datetime) -> list[EventState]:
        """A request for these was refused: ask for both halves, or, of one event, no more."""
        if self._requests.split(ids, purpose):
            return []
        events = [each for each in map(self._timetable.events.get, ids) if each is not None]
        for event in events:
            event.standing = "refused"
            self._timetable.schedule(event, now)
        return events

    def _must(self, now: datetime) -> Asking | None:
        return self._ask_for("milestone", self._owed, now)

    def _at_will(self, now: datetime) -> Asking | None:
        if not self._budget.affords_at_will(now):
            return None
        if self._has_share(now) and (asking := self._next_page(now)) is not None:
            return asking
        return self._ask_for("look", self._timetable.take_due, now)

    def _ask_for(
        self,
        purpose: Purpose,
        take: Callable[[datetime, int], list[EventState]],
        now: datetime,
    ) -> Asking | None:
        while self._most:
            ids = self._requests.part(purpose)
            ids = ids or tuple(each.event_id for each in take(now, self._most))
            if not ids:
                return None
            if (asking := self._requests.for_events(ids, purpose)) is not None:
                return asking
            self.split(ids, purpose, now)
        return None

    def _owed(self, now: datetime, most: int) -> list[EventState]:
        events = self._timetable.take_owed(now, most)
        if events:
            events += self._timetable.take_due(now, most - len(events), joining=True)
        return events

    def _next_page(self, now: datetime) -> Asking | None:
        while (page := self._catalogue.next_page(now)) is not None:
            if (asking := self._requests.for_page(page)) is not None:
                return asking
            self._catalogue.refused(page, now)
        return None

    def _idle(self, now: datetime) -> Rest:
        moments = [self._replan_at]
        if self._most and (at := self._timetable.next_owed_at()):
            moments.append(at)
        if not self._budget.affords_at_will(now):
            frees_at = self._budget.frees_at(now)
            return Rest(min(*moments, frees_at), "the rest is kept for what must be asked")
        if self._has_share(now):
            moments.append(self._catalogue.next_at(now))
        else:
            moments.append(self._budget.frees_at(now))
        if self._most and (at := self._timetable.next_at(now)):
            moments.append(at)
        return Rest(max(min(moments), now + timedelta(seconds=1)), "nothing is due")

    def _has_share(self, now: datetime) -> bool:
        """Whether walks may spend more in this hour."""
        return self._pages_this_hour(now) < self._share * self._budget.hourly(now)

    def _pages_this_hour(self, now: datetime) -> int:
        hour, pages = self._walked
        return pages if hour == hour_of(now) else 0

    def _replan(self, now: datetime) -> None:
        self._replan_at = now + REPLAN_EVERY
        self._catalogue.move_on(now)
        events = self._timetable.events.values()
        ahead = milestones_ahead(events, now, self._most) if self._most else {}
        self._budget.keep(ahead, now)
        per_day = self._budget.daily_at_will(now)
        self._catalogue.stretch = self._timetable.stretch = 1.0
        if per_day is not None:
            walks = self._catalogue.demand(now)
            for_walks = min(walks, max(1.0, self._share * per_day))
            self._catalogue.stretch = walks / for_walks
            looks = self._timetable.demand(now) / max(1, self._most)
            self._timetable.stretch = max(1.0, looks / max(1.0, per_day - for_walks))
        self._timetable.schedule_all(now)
