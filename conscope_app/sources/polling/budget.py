"""What one key may spend within a day, and what of it is kept back for what must be asked.

A vendor's day begins when the vendor says, or does not say. So what counts here are any 24 hours on
end: who stays within those stays within every day, whenever that begins, and across restarts, as
the use by the hour is what is stored.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from conscope_app.core.clock import EPOCH

HOUR = timedelta(hours=1)
WINDOW_HOURS = 24

# Requests that must be made may fail and be made again: a quarter more is kept back for them.
RESERVE_FACTOR = 1.25
# Of a day's requests so much is kept back besides, for what nobody foresees.
SPARE_SHARE = 0.05

# Of what may be spent at will, so much more than an even share may be spent within an hour.
HOURLY_SHARE = 1.5


def hour_of(moment: datetime) -> int:
    """The hour, counted from 1970."""
    return (moment - EPOCH) // HOUR


def start_of(hour: int) -> datetime:
    """When an hour, counted from 1970, begins."""
    return EPOCH + hour * HOUR


class Budget:
    """Requests by the hour, and those that are kept back for the hours to come.

    The hour that began 24 hours ago counts as a whole. `per_day` None is no limit.
    """

    def __init__(self, per_day: int | None, used: Mapping[int, int], now: datetime) -> None:
        self.per_day = per_day
        self._used = dict(used)
        self._kept: dict[int, int] = {}
        self._at_will: dict[int, int] = {}
        self._counted = (-1, 0)  # up to which hour, and how many: asked for at every step
        self._ahead: dict[int, float] = {}  # what is kept back, by how many hours it is for
        self._vendor_left: int | None = None
        self._vendor_resets: int = hour_of(now)

    def used(self, now: datetime) -> int:
        """How many requests count at this moment."""
        return self._within(hour_of(now))

    def used_in(self, hour: int) -> int:
        """How many requests were spent in an hour."""
        return self._used.get(hour, 0)

    def keep(self, needed: Mapping[int, int], now: datetime) -> None:
        """Keep back what must be asked in the hours to come, by the hour."""
        hour = hour_of(now)
        self._kept = {each: count for each, count in needed.items() if each >= hour}
        self._ahead.clear()
        for old in [each for each in self._used if each < hour - WINDOW_HOURS]:
            del self._used[old]
            self._at_will.pop(old, None)

    def hear(self, left: int | None, resets_at: datetime | None) -> None:
        """What the vendor says is left; it counts for less than ours, never for more."""
        self._vendor_left = left
        self._vendor_resets = 0 if resets_at is None else hour_of(resets_at)

    def spend(self, now: datetime, *, at_will: bool) -> int:
        """Count a request, before it is sent; how many this hour has by now."""
        hour = hour_of(now)
        self._counted = (hour, self._within(hour) + 1)
        self._used[hour] = self._used.get(hour, 0) + 1
        if self._vendor_left is not None:
            self._vendor_left -= 1
        if at_will:
            self._at_will[hour] = self._at_will.get(hour, 0) + 1
        elif self._kept.get(hour, 0):
            self._kept[hour] -= 1
            self._ahead.clear()
        return self._used[hour]

    def affords(self, now: datetime) -> bool:
        """Whether there is anything left at all."""
        return self.per_day is None or self.used(now) < self.per_day

    def affords_at_will(self, now: datetime) -> bool:
        """Whether a request can be paid for without one that must be made being missed."""
        hour = hour_of(now)
        if self._at_will.get(hour, 0) >= self.hourly(now):
            return False
        return self._spare(hour) > 0

    def frees_at(self, now: datetime) -> datetime:
        """When it can be otherwise: as the next hour begins, and an old one ends to count."""
        return start_of(hour_of(now) + 1)

    def hourly(self, now: datetime) -> float:
        """How many requests at will an hour may have; at least one."""
        per_day = self.daily_at_will(now)
        return float("inf") if per_day is None else max(1.0, HOURLY_SHARE * per_day / WINDOW_HOURS)

    def daily_at_will(self, now: datetime) -> float | None:
        """How many requests a day can be spent at will, as things stand; None: without limit."""
        hour = hour_of(now)
        rates = []
        if self.per_day is not None:
            rates.append(self.per_day * (1 - SPARE_SHARE) - self._needed(hour, WINDOW_HOURS))
        hours = self._vendor_resets - hour
        if self._vendor_left is not None and hours > 0:
            spare = self._vendor_left - self._needed(hour, hours)
            rates.append(spare * WINDOW_HOURS / hours)
        return max(0.0, min(rates)) if rates else None

    def _spare(self, hour: int) -> float:
        """The least that is left, at the end of any hour until the present one counts no more."""
        spare = float("inf")
        if self.per_day is not None:
            most = self.per_day * (1 - SPARE_SHARE)
            counted = self._within(hour)
            needed = 0.0
            for ahead in range(WINDOW_HOURS + 1):
                if ahead:
                    counted -= self._used.get(hour - WINDOW_HOURS + ahead - 1, 0)
                needed += RESERVE_FACTOR * self._kept.get(hour + ahead, 0)
                spare = min(spare, most - counted - needed)
                if spare < 1:
                    return 0.0
        if self._vendor_left is not None and self._vendor_resets > hour:
            needed = self._needed(hour, self._vendor_resets - hour)
            spare = min(spare, self._vendor_left - needed)
        return spare if spare >= 1 else 0.0

    def _within(self, hour: int) -> int:
        """What counts in that hour."""
        if self._counted[0] != hour:
            hours = range(hour - WINDOW_HOURS, hour + 1)
            self._counted = (hour, sum(self._used.get(each, 0) for each in hours))
            self._ahead.clear()
        return self._counted[1]

    def _needed(self, hour: int, hours: int) -> float:
        self._within(hour)
        if hours not in self._ahead:
            ahead = range(hour, hour + min(hours, 2 * WINDOW_HOURS) + 1)
            kept = sum(self._kept.get(each, 0) for each in ahead)
            self._ahead[hours] = RESERVE_FACTOR * kept
        return self._ahead[hours]
