"""How often one key may ask, as the vendor counts it."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass
class Quota:
    """So many in any second and in a day of UTC; those refused for haste count for neither."""

    per_second: int
    per_day: int
    used: int = 0
    _day: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    _recent: deque[datetime] = field(default_factory=deque)

    def is_too_fast(self, now: datetime) -> bool:
        """Whether this is one more than a second allows; if not, it is counted."""
        while self._recent and now - self._recent[0] >= _SECOND:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            return True
        self._recent.append(now)
        return False

    def take(self, now: datetime) -> bool:
        """Use one of the day's; false where none is left."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if day != self._day:
            self._day, self.used = day, 0
        if self.used >= self.per_day:
            return False
        self.used += 1
        return True

    @property
    def left(self) -> int:
        return self.per_day - self.used

    @property
    def resets_at(self) -> datetime:
        return self._day + _DAY
