"""The plan of one source: what to ask next, and what each answer changes about that."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from conscope_app.sources.adapter import Adapter, Answer, Request
from conscope_app.sources.polling.agenda import REPLAN_EVERY, Agenda
from conscope_app.sources.polling.answers import (
    Failed,
    Heard,
    Outcome,
    Refused,
    Trouble,
    Unauthorised,
    Unchanged,
    judge,
)
from conscope_app.sources.polling.bucket import TokenBucket
from conscope_app.sources.polling.budget import Budget, hour_of
from conscope_app.sources.polling.catalogue import Catalogue, Span
from conscope_app.sources.polling.events import MISSES_TO_DOUBT, EventState
from conscope_app.sources.polling.health import Coverage, Health, Signs, health_of
from conscope_app.sources.polling.requests import Requests
from conscope_app.sources.polling.timetable import Timetable
from conscope_app.sources.polling.turns import Asking, Changes, Memory, Rest
from conscope_app.sources.polling.validators import Validator, etag_of

# Refusals in a row after which it is no longer single requests that are at fault.
_REFUSALS_TO_FAIL = 10
_FAILURES_TO_TELL = 3


class Plan:
    """Decides for one source and key. To be asked and told in turns: one request at a time.

    `next` says what to ask, `spend` counts it, before it is sent, and `hear` or `fail` say what
    came of it. What was spent is never forgotten; all else may be, and is asked again.
    """

    def __init__(
        self, adapter: Adapter, memory: Memory, *, random: Callable[[], float], now: datetime
    ) -> None:
        self.breaker = memory.breaker
        self.barred = memory.barred
        self.answered_at = memory.answered_at
        self.spell = memory.spell
        self.coverage = Coverage()
        self.bucket = TokenBucket(adapter.limits.per_second, now)
        self.budget = Budget(adapter.limits.per_day, memory.used, now)
        self.catalogue = Catalogue(adapter, memory.spans, now)
        self.timetable = Timetable(
            memory.events,
            random=random,
            walked_every=self.catalogue.walked_every,
            now=now,
            is_asked_for_events=adapter.most_events_per_request > 0,
        )
        if memory.closed_until is not None:
            self.bucket.close(memory.closed_until)
        self._adapter = adapter
        self._random = random
        self._requests = Requests(adapter, memory.validators, memory.refused)
        self._agenda = Agenda(
            adapter,
            self._requests,
            budget=self.budget,
            catalogue=self.catalogue,
            timetable=self.timetable,
            now=now,
        )
        self._refusals = 0

    def watch(self, event_ids: Collection[str]) -> None:
        """Look more often at these: somebody waits for their price."""
        self.timetable.watched = event_ids

    def next(self, now: datetime) -> Asking | Rest:
        """What to ask now, or when to come again."""
        if self.barred is not None:
            return Rest(now + REPLAN_EVERY, self.barred)
        self._agenda.keep_up(now)
        if (until := self.breaker.waits_until(now)) is not None:
            return Rest(until, self.breaker.reason or "it failed")
        if (ready_at := self.bucket.ready_at(now)) > now:
            return Rest(ready_at, "the rate that the vendor allows")
        if not self.budget.affords(now):
            return Rest(self.budget.frees_at(now), "the day's requests are used up")
        return self._agenda.next(now)

    def spend(self, asking: Asking, now: datetime) -> tuple[int, int]:
        """Count a request that is about to be sent: the hour, and how many it has by now."""
        self.bucket.take(now)
        self.breaker = self.breaker.trying(now)
        if asking.purpose == "catalogue":
            self._agenda.note_page(now)
        at_will = asking.purpose != "milestone"
        return hour_of(now), self.budget.spend(now, at_will=at_will)

    def hear(self, asking: Asking, answer: Answer, outcome: Outcome | None = None) -> Changes:
        """What an answer changes; `outcome` is what it means, where that is known already."""
        now = answer.received_at
        outcome = outcome or judge(self._adapter, asking.request, answer)
        allowance = self._adapter.allowance(answer)
        if allowance is not None:
            self.bucket.hear(allowance, now)
            self.budget.hear(self.bucket.left(now), self.bucket.resets_at(now))
        match outcome:
            case Heard():
                return self._heard(asking, outcome, etag_of(answer.headers), now)
            case Unchanged():
                return self._unchanged(asking, now)
            case Refused():
                return self._on_refusal(asking, outcome, now)
            case Unauthorised(reason):
                self.barred = reason
                return self._nothing_seen(asking, outcome, now)
            case Failed():
                return self.fail(asking, outcome, now)

    def fail(self, asking: Asking, failed: Failed, now: datetime) -> Changes:
        """No answer came, or none of use."""
        self.breaker = self.breaker.failed(failed, now, self._random())
        if failed.not_before is not None:
            self.bucket.close(failed.not_before)
        return self._nothing_seen(asking, failed, now)

    def health(self, now: datetime) -> Health:
        """How the source is doing."""
        owed = self.timetable.owed(now)
        can_pay = self.budget.affords(now)
        is_failing = self.breaker.state != "closed" or self.breaker.failures >= _FAILURES_TO_TELL
        signs = Signs(
            now=now,
            answered_at=self.answered_at,
            due_at=self._due_at(now),
            barred=self.barred,
            failing=(self.breaker.reason or "it failed") if is_failing else None,
            unpaid=0 if can_pay else owed,
            overdue=self.timetable.overdue(now),
            known=len(self.timetable.events),
            walked=any(each.walked_at is not None for each in self.catalogue.spans),
        )
        return health_of(signs, self.coverage)

    def _due_at(self, now: datetime) -> datetime:
        look_at = self.timetable.next_at(now) if self._adapter.most_events_per_request else None
        walk_at = self.catalogue.next_at(now)
        return walk_at if look_at is None else min(walk_at, look_at)

    def next_milestone_at(self, now: datetime) -> datetime | None:
        """When one is due next, or was due and is not met yet; None: none, or none is asked for."""
        if not self._adapter.most_events_per_request:
            return None
        return self.timetable.next_milestone_at(now)

    def _heard(self, asking: Asking, heard: Heard, etag: str | None, now: datetime) -> Changes:
        reading, seen = heard.reading, heard.seen
        changes = Changes(heard)
        for event_id, sight in seen.items():
            event = self.timetable.events.get(event_id) or EventState(event_id)
            event.see(sight, now)
            changes.events.append(event)
        for event_id in heard.unread:
            known = self.timetable.events.get(event_id)
            if known is not None:
                known.see(None, now)
                changes.events.append(known)
        there = (*seen, *heard.unread)
        self.coverage.note_read(len(there), heard.incomplete)
        changes.events += self._missed(asking.request.event_ids, there, now)
        cut = reading.is_cut
        self._go_on(asking, there, reading.further, cut, changes, now)
        if etag is not None and (asking.page is not None or len(asking.request.event_ids) == 1):
            held = Validator(etag, there, reading.further, cut)
            changes.validator = self._requests.keep(asking.request, held)
        return changes

    def _unchanged(self, asking: Asking, now: datetime) -> Changes:
        held = self._requests.kept(asking.request)
        if held is None:
            said = "answered that nothing has changed, unasked"
            return self.fail(asking, Failed(Trouble.SERVER, said), now)
        changes = Changes(Unchanged())
        for event_id in held.event_ids:
            event = self.timetable.events.get(event_id)
            if event is not None:
                event.see(None, now)
                changes.events.append(event)
        changes.events += self._missed(asking.request.event_ids, held.event_ids, now)
        self._go_on(asking, held.event_ids, held.further, held.is_cut, changes, now)
        return changes

    def _go_on(
        self,
        asking: Asking,
        seen: tuple[str, ...],
        further: Request | None,
        is_cut: bool,  # noqa: FBT001 a field of the reading
        changes: Changes,
        now: datetime,
    ) -> None:
        self.breaker = self.breaker.answered()
        self._refusals = 0
        self.answered_at = now
        asked = asking.request.event_ids
        self.coverage.note(len(asked), len(set(asked).intersection(seen)))
        if asking.page is not None:
            walk = self.catalogue.heard(asking.page, seen, further, is_cut=is_cut, now=now)
            if walk is not None:
                changes.span = walk.span
                changes.events += self._not_found(walk.span, walk.found, now)
        for event in changes.events:
            self.timetable.schedule(event, now)

    def _missed(self, asked: Iterable[str], seen: Iterable[str], now: datetime) -> list[EventState]:
        there = set(seen)
        events = [self.timetable.events.get(each) for each in asked if each not in there]
        missed = [each for each in events if each is not None]
        for event in missed:
            event.miss(now)
        return missed

    def _not_found(self, span: Span, found: Collection[str], now: datetime) -> list[EventState]:
        """Events that should have been in a walk; a walk without them says nothing of them."""
        if self.catalogue.is_undivided:
            known = self.timetable.open_events(now)
        else:
            known = self.timetable.within(max(span.begin, now), span.end)
        expected = [each for each in known if each.misses < MISSES_TO_DOUBT]
        lost = [each for each in expected if each.event_id not in found]
        self.coverage.note(len(expected), len(expected) - len(lost))
        for event in lost:
            event.misses += 1
        return lost

    def _on_refusal(self, asking: Asking, refused: Refused, now: datetime) -> Changes:
        if asking.page is not None and self.catalogue.is_undivided:
            # There is no other request to do without this one, and what is refused for an hour (a
            # page that was moved, a cursor that is over) would keep the source silent for ever.
            self.catalogue.begin_anew(asking.page)
            return self.fail(asking, Failed(Trouble.REFUSED, refused.reason), now)
        changes = Changes(refused, refused=self._requests.refuse(asking.request))
        self._refusals += 1
        if self._refusals >= _REFUSALS_TO_FAIL:
            failed = Failed(Trouble.SERVER, f"{self._refusals} requests in a row: {refused.reason}")
            self.breaker = self.breaker.failed(failed, now, self._random())
        else:
            self.breaker = self.breaker.answered()
        if asking.page is not None:
            walk = self.catalogue.refused(asking.page, now)
            changes.span = None if walk is None else walk.span
            return changes
        changes.events = self._agenda.split(asking.request.event_ids, asking.purpose, now)
        if refused.is_gone:
            for event in changes.events:
                event.standing = "gone"
        return changes

    def _nothing_seen(self, asking: Asking, outcome: Outcome, now: datetime) -> Changes:
        """Have the same asked again, when it is allowed to be."""
        changes = Changes(outcome)
        is_misread = isinstance(outcome, Failed) and outcome.trouble is Trouble.MISREAD
        for event_id in asking.request.event_ids:
            event = self.timetable.events.get(event_id)
            if event is not None:
                if is_misread:
                    event.miss(now)
                    changes.events.append(event)
                self.timetable.schedule(event, now)
        return changes
