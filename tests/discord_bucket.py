"""A rate limit as Discord keeps one, and as it tells of it."""

from collections import deque


class Bucket:
    """`limit` posts in any `per_s` seconds; without a limit it says nothing."""

    def __init__(self, limit: int | None, per_s: float) -> None:
        self._limit = limit
        self._per_s = per_s
        self._taken_at: deque[float] = deque()

    def pause_s(self, now: float) -> float:
        """How long the bucket is empty still; where it is not, a token is taken from it."""
        if self._limit is None:
            return 0.0
        while self._taken_at and self._taken_at[0] <= now - self._per_s:
            self._taken_at.popleft()
        if len(self._taken_at) >= self._limit:
            return self._taken_at[0] + self._per_s - now
        self._taken_at.append(now)
        return 0.0

    def headers(self, now: float) -> dict[str, str]:
        """What stands on an answer after a token was taken."""
        if self._limit is None:
            return {}
        reset_after = max(0.0, self._taken_at[0] + self._per_s - now)
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(self._limit - len(self._taken_at)),
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
        }
