"""How fast one key may ask: the vendor's documented rate, and what its answers say besides."""

from datetime import datetime, timedelta

from conscope_app.sources.adapter import Allowance

# An allowance that is used up without a word of when it begins anew is believed for so long.
UNTOLD_RESET_S = 60.0


class TokenBucket:
    """A bucket for one token, which fills `per_second` times a second.

    One token, as the vendors count within windows of their own: with more of them a burst could put
    twice the rate into one of those. It begins empty, so that a restart is no burst either.
    """

    def __init__(self, per_second: float, now: datetime) -> None:
        self._every = timedelta(seconds=1 / per_second)
        self._full_at = now + self._every
        self._left: int | None = None
        self._resets_at = now
        self._closed_until = now

    @property
    def closed_until(self) -> datetime:
        """Until when the vendor has asked to be left alone; in the past where it has not."""
        return self._closed_until

    def ready_at(self, now: datetime) -> datetime:
        """When the next request may be sent; not after `now`: at once."""
        ready = max(self._full_at, self._closed_until)
        left = self.left(now)
        return max(ready, self._resets_at) if left is not None and left <= 0 else ready

    def left(self, now: datetime) -> int | None:
        """How many requests the vendor still allows by its own words; None: it has said nothing."""
        return None if now >= self._resets_at else self._left

    def resets_at(self, now: datetime) -> datetime | None:
        """Until when `left` counts."""
        return None if now >= self._resets_at else self._resets_at

    def take(self, now: datetime) -> None:
        """A request is about to be sent."""
        self._full_at = max(now, self._full_at) + self._every
        if self._left is not None:
            self._left -= 1

    def hear(self, allowance: Allowance, now: datetime) -> None:
        """Follow what an answer says of the requests that are left."""
        resets_at = allowance.resets_at or now + timedelta(seconds=UNTOLD_RESET_S)
        if resets_at > now:
            self._left, self._resets_at = allowance.left, resets_at

    def close(self, until: datetime) -> None:
        """Send nothing before that."""
        self._closed_until = max(self._closed_until, until)
