"""Walks through all that a source has: which span of time is walked next, page by page.

A walk looks at many events with a request, and finds those that nobody knew of. Spans near the
present are short and walked often, as events that begin soon are to be looked at most.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol, runtime_checkable

from conscope_app.sources.adapter import Adapter, Request
from conscope_app.sources.polling.cadence import interval

DAY = timedelta(days=1)
DAYS_ONE_BY_ONE = 7
WEEKS_ONE_BY_ONE = 4
LONG_SPAN = 4 * 7
FURTHEST_DAYS = 364

# A span in which nothing takes place is walked for what is announced only.
_EMPTY_EVERY = timedelta(hours=6)

# A span that was never walked waits behind those that are late by more of their intervals.
_NEVER_WALKED = 4.0

# Where more takes place than paging reaches, spans are halved down to this.
SHORTEST = timedelta(minutes=30)

# A walk that was not gone on with for so long has seen another catalogue than it would see now.
_STALE = timedelta(hours=2)

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


@runtime_checkable
class AtIntervals(Protocol):
    """A source of which it was set how often it is asked, whatever it has."""

    every_s: float


@dataclass(slots=True)
class Span:
    """A span of time of the catalogue: `pages` and `events` are those of its last walk."""

    begin: datetime
    end: datetime
    request: Request
    walked_at: datetime | None = None
    pages: int = 1
    events: int = 0

    fixed: timedelta | None = None  # the source itself says how often

    def every(self, now: datetime) -> timedelta:
        """How often it is to be walked, where requests cost nothing."""
        if self.fixed is not None:
            return self.fixed
        wanted = interval(max(self.begin, now), None, now, watched=False)
        if self.walked_at is not None and not self.events:
            return max(wanted, _EMPTY_EVERY)
        return wanted


@dataclass(slots=True)
class Page:
    """A page to ask for; `begin` and `end` are what can be halved."""

    span: Span
    begin: datetime
    end: datetime
    request: Request


@dataclass(slots=True)
class Walk:
    """A walk that is on its way: pages to ask for, the next one last."""

    span: Span
    heard_at: datetime
    pages: list[Page]
    asked: int = 0
    found: set[str] = field(default_factory=set)


class Catalogue:
    """The spans of one source. `walked` says, by their begins and ends, when they were last."""

    def __init__(self, adapter: Adapter, walked: Iterable[Span], now: datetime) -> None:
        self._stretch = 1.0
        self._soonest: datetime | None = None  # when a span is due next, once that is worked out
        self._adapter = adapter
        self._walked = {(each.begin, each.end): each for each in walked}
        self._walks: dict[tuple[datetime, datetime], Walk] = {}
        self._fixed = None
        if isinstance(adapter, AtIntervals):
            self._fixed = timedelta(seconds=adapter.every_s)
        self.spans: list[Span] = []
        self.move_on(now)

    @property
    def stretch(self) -> float:
        """How much longer than its own each interval is."""
        return self._stretch

    @stretch.setter
    def stretch(self, stretch: float) -> None:
        self._stretch, self._soonest = stretch, None

    def move_on(self, now: datetime) -> None:
        """Have the spans that begin from today on."""
        self._walked.update({(each.begin, each.end): each for each in self.spans})
        spans: dict[Request, Span] = {}
        undivided = self._undivided(now)
        self._is_undivided = undivided is not None
        for begin, end in [undivided] if undivided else _spans(now):
            request = self._adapter.catalogue(begin, end)
            if request not in spans:
                before = self._walked.get((begin, end)) or self._last_within(begin, end)
                spans[request] = Span(begin, end, request, fixed=self._fixed)
                if before is not None:
                    spans[request].walked_at = before.walked_at
                    spans[request].pages, spans[request].events = before.pages, before.events
        self.spans = list(spans.values())
        self._walked = {}
        self._soonest = None
        kept = {(each.begin, each.end): each for each in self.spans}
        self._walks = {at: each for at, each in self._walks.items() if at in kept}
        for at, walk in self._walks.items():
            walk.span = kept[at]

    @property
    def is_undivided(self) -> bool:
        """Whether all that the source has is asked for as a whole, whenever it takes place."""
        return self._is_undivided

    def next_page(self, now: datetime) -> Page | None:
        """The page to ask for: of the span that is late by most of its own intervals.

        A long walk gives way to a short one, and goes on after it.
        """
        if self.next_at(now) > now:
            return None
        _, at = max((self._lateness(each, now), -at) for at, each in enumerate(self.spans))
        span = self.spans[-at]
        walk = self._walks.get((span.begin, span.end))
        if walk is None or now - walk.heard_at > _STALE:
            page = Page(span, span.begin, span.end, span.request)
            walk = self._walks[span.begin, span.end] = Walk(span, now, [page])
        return walk.pages[-1]

    def next_at(self, now: datetime) -> datetime:
        """When a page is due next."""
        if self._soonest is None:
            self._soonest = min(self._due_at(each, now) for each in self.spans)
        return self._soonest

    def heard(
        self,
        page: Page,
        ids: Iterable[str],
        further: Request | None,
        *,
        is_cut: bool,
        now: datetime,
    ) -> Walk | None:
        """Go on with the walk; it is returned where it is finished."""
        walk = self._walks.get((page.span.begin, page.span.end))
        if walk is None or walk.pages[-1] is not page:
            return None
        walk.pages.pop()
        walk.asked += 1
        walk.heard_at = now
        walk.found.update(ids)
        can_be_halved = not self.is_undivided and page.end - page.begin >= 2 * SHORTEST
        if is_cut and can_be_halved:
            walk.pages += self._halves(page)
        elif further is not None:
            walk.pages.append(Page(page.span, page.begin, page.end, further))
        return self._finished(walk, now)

    def refused(self, page: Page, now: datetime) -> Walk | None:
        """The vendor will not have that request: ask for the halves instead, or do without."""
        return self.heard(page, (), None, is_cut=True, now=now)

    def begin_anew(self, page: Page) -> None:
        """Walk that span from its first page again, when it is asked for next."""
        self._walks.pop((page.span.begin, page.span.end), None)

    def demand(self, now: datetime) -> float:
        """Requests a day that the walks would need, where they cost nothing."""
        return sum(each.pages * (DAY / each.every(now)) for each in self.spans)

    def walked_every(self, starts_at: datetime | None, now: datetime) -> timedelta | None:
        """How often a walk looks at events that begin then; None: no walk does."""
        if starts_at is None:
            return self.spans[0].every(now) * self.stretch if len(self.spans) == 1 else None
        for each in self.spans:
            if each.begin <= starts_at < each.end:
                return each.every(now) * self.stretch
        return None

    def _undivided(self, now: datetime) -> tuple[datetime, datetime] | None:
        """All the time as one span, for a source that does not look at it."""
        (first, until), (then, later), *_ = _spans(now)
        if self._adapter.catalogue(first, until) != self._adapter.catalogue(then, later):
            return None
        return _MONDAY, _MONDAY + 100_000 * DAY

    def _lateness(self, span: Span, now: datetime) -> float:
        """By how many of its own intervals a span is late."""
        if span.walked_at is None:
            return _NEVER_WALKED
        return (now - self._due_at(span, now)) / span.every(now)

    def _due_at(self, span: Span, now: datetime) -> datetime:
        if span.walked_at is None:
            return now - DAY
        return span.walked_at + span.every(now) * self.stretch

    def _halves(self, page: Page) -> list[Page]:
        middle = page.begin + (page.end - page.begin) / 2
        middle = middle.replace(microsecond=0)
        bounds = ((middle, page.end), (page.begin, middle))
        return [
            Page(page.span, begin, end, self._adapter.catalogue(begin, end))
            for begin, end in bounds
        ]

    def _finished(self, walk: Walk, now: datetime) -> Walk | None:
        if walk.pages:
            return None
        walk.span.walked_at = now
        walk.span.pages, walk.span.events = walk.asked, len(walk.found)
        self._soonest = None
        del self._walks[walk.span.begin, walk.span.end]
        return walk

    def _last_within(self, begin: datetime, end: datetime) -> Span | None:
        """What was walked of a longer span before, where this one is a part of it."""
        for each in self._walked.values():
            if each.begin <= begin and end <= each.end and each.walked_at is not None:
                share = max(1, round(each.pages * ((end - begin) / (each.end - each.begin))))
                return Span(begin, end, each.request, each.walked_at, share, each.events)
        return None


def _spans(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Days, then weeks, then four weeks each; aligned, so that requests are the same for long."""
    today = datetime.combine(now.date(), time(), UTC)
    begin = today
    for _ in range(DAYS_ONE_BY_ONE):
        yield begin, begin + DAY
        begin += DAY
    begin, end = begin, _monday_after(begin)
    yield begin, end
    for _ in range(WEEKS_ONE_BY_ONE - 1):
        yield end, end + 7 * DAY
        end += 7 * DAY
    # Of the four weeks that the nearest of them lies in, what is left.
    begin, end = end, _long_after(end)
    while begin < today + FURTHEST_DAYS * DAY:
        yield begin, end
        begin, end = end, end + LONG_SPAN * DAY


def _monday_after(moment: datetime) -> datetime:
    return moment + (7 - (moment - _MONDAY).days % 7) * DAY


def _long_after(moment: datetime) -> datetime:
    return moment + (LONG_SPAN - (moment - _MONDAY).days % LONG_SPAN) * DAY
