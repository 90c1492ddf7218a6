"""The moments before an event at which it must be looked at: 72, 48, 24, 12, 6, 3 and 1 h before.

A milestone is met by the first look after it. It is missed where the next one comes, or the event
begins, and nobody has looked.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

HOURS_BEFORE = (72, 48, 24, 12, 6, 3, 1)
_BEFORE = tuple(timedelta(hours=hours) for hours in HOURS_BEFORE)
_SPANS = tuple(zip(_BEFORE, (*_BEFORE[1:], timedelta(0)), strict=True))

# Looks may wait for others to share a request with, for a twelfth of what they have at most.
_PATIENCE_SHARE = 12
_MOST_PATIENCE = timedelta(minutes=15)


class Milestone(NamedTuple):
    """To be met from `due_at` to before `ends_at`."""

    due_at: datetime
    ends_at: datetime

    @property
    def ripe_at(self) -> datetime:
        """Until when it may wait for others to share a request with."""
        return self.due_at + min((self.ends_at - self.due_at) / _PATIENCE_SHARE, _MOST_PATIENCE)


def milestones(starts_at: datetime) -> tuple[Milestone, ...]:
    """All of an event, in their order."""
    return tuple(Milestone(starts_at - due, starts_at - end) for due, end in _SPANS)


def next_milestone(
    starts_at: datetime | None, seen_at: datetime | None, now: datetime
) -> Milestone | None:
    """The one that is to be met next: due already and not met yet, or ahead; None: no more."""
    if starts_at is None or now >= starts_at:
        return None
    left = starts_at - now
    for due, end in _SPANS:
        if left <= end:
            continue  # over
        due_at = starts_at - due
        if due_at > now or seen_at is None or seen_at < due_at:
            return Milestone(due_at, starts_at - end)
    return None
