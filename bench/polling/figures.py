"""What came of a simulated month, as the vendor saw it: the plan's own books are not asked."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bench.polling.market import MarketEvent
from conscope_app.sources.polling.milestones import Milestone, milestones

BANDS_DAYS = (1, 3, 7, 30, 120)
_MINUTE = timedelta(minutes=1)

# What was announced just now is found by the next walk, and not by the next milestone.
_NEWS = timedelta(days=4)


class Kept(NamedTuple):
    """Milestones that could be met, and what became of them."""

    met: int
    missed: list[tuple[str, Milestone]]
    late_s: list[float]


class Looks:
    """When the vendor told of each event, in full."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}
        self._met: dict[tuple[str, datetime], datetime] = {}
        self._gaps: dict[int, Counter[int]] = {days: Counter() for days in BANDS_DAYS}

    def note(self, events: Iterable[MarketEvent], now: datetime) -> None:
        """The vendor has just told of these."""
        for event in events:
            last = self._last.get(event.id)
            self._last[event.id] = now
            left = event.starts_at - now
            for milestone in milestones(event.starts_at) if left < timedelta(days=4) else ():
                if milestone.due_at <= now < milestone.ends_at:
                    self._met.setdefault((event.id, milestone.due_at), now)
            if last is not None and left > timedelta(0):
                band = next((each for each in BANDS_DAYS if left <= timedelta(days=each)), None)
                if band is not None:
                    self._gaps[band][max(1, (now - last) // _MINUTE)] += 1

    def kept(self, events: Iterable[MarketEvent], begin: datetime, end: datetime) -> Kept:
        """What became of the milestones between these moments that a client could know of."""
        late, missed = [], []
        for event in events:
            for each in milestones(event.starts_at):
                known = max(begin, event.announced_at + _NEWS)
                over = min(end, event.withdrawn_at or end)
                if each.due_at < known or each.ends_at > over or event.is_faulty:
                    continue
                met_at = self._met.get((event.id, each.due_at))
                if met_at is None:
                    missed.append((event.id, each))
                else:
                    late.append((met_at - each.due_at).total_seconds())
        return Kept(len(late), missed, sorted(late))

    def age_minutes(self, band: int, share: float) -> float | None:
        """The age that what is known of an event stays below for this share of the time."""
        gaps = self._gaps[band]
        whole = sum(gap * count for gap, count in gaps.items())
        if not whole:
            return None
        # Within a gap every age up to it has its equal time.
        below, left = 0.0, sum(gaps.values())
        at = 0
        for gap, count in sorted(gaps.items()):
            reached = below + left * (gap - at)
            if reached >= share * whole:
                return at + (share * whole - below) / left
            below, left, at = reached, left - count, gap
        return float(at)
