"""What the milestones of the next day will cost, so that it can be kept back for them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from conscope_app.sources.polling.budget import hour_of
from conscope_app.sources.polling.events import MISSES_TO_DOUBT, EventState
from conscope_app.sources.polling.milestones import Milestone, milestones, next_milestone

_AHEAD = timedelta(hours=25)


def milestones_ahead(
    events: Iterable[EventState], now: datetime, per_request: int
) -> Mapping[int, int]:
    """How many requests the milestones of the next day need, by the hour."""
    needed: dict[int, int] = {}
    joined, ripe_at = 0, now
    for each in sorted(_coming(events, now)):
        if joined and joined < per_request and each.due_at <= ripe_at:
            joined += 1
            continue
        joined, ripe_at = 1, each.ripe_at
        hour = hour_of(max(each.due_at, now))
        needed[hour] = needed.get(hour, 0) + 1
    return needed


def _coming(events: Iterable[EventState], now: datetime) -> Iterator[Milestone]:
    for event in events:
        if event.starts_at is None or event.standing != "open":
            continue
        if event.misses >= MISSES_TO_DOUBT:
            continue
        if event.starts_at - now > timedelta(hours=72) + _AHEAD:
            continue
        first = next_milestone(event.starts_at, event.seen_at, now)
        if first is not None:
            for each in milestones(event.starts_at):
                if first.due_at <= each.due_at < now + _AHEAD:
                    yield each
