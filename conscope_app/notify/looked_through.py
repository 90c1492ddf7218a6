"""What a sender remembers of a queue in which nothing was due: it need not be read again yet."""

from datetime import datetime

from conscope_app.alerting.watches.telling import Look, Turn
from conscope_app.notify.rest import IDLE, POLL_S, Rest

# Looking through all that waits is to take at most a twentieth of the time while nothing changes.
# Definitions and silences that changed are seen with the next such look.
_SHARE = 20


class LookedThrough:
    """The queue as it was looked through last, and when something of it is due.

    `monotonic` is our own clock; moments are the outbox's.
    """

    def __init__(self) -> None:
        self._revision: int | None = None
        self._next_at: datetime | None = None
        self._until = 0.0

    def forget(self) -> None:
        """Look through it all the next time."""
        self._revision = self._next_at = None

    def note(self, turn: Turn, *, took_s: float, monotonic: float) -> None:
        """Nothing was due at this turn."""
        self._revision, self._next_at = turn.revision, turn.next_at
        self._until = monotonic + max(POLL_S, took_s * _SHARE)

    def knows(self, look: Look, *, monotonic: float) -> bool:
        """Whether nothing has changed since, as far as can be seen, and nothing is due."""
        if look.revision != self._revision or monotonic >= self._until:
            return False
        return self._next_at is None or look.now < self._next_at

    def rest(self, now: datetime) -> Rest:
        """Until something is due; looked at each second, as another worker may have more."""
        if self._next_at is None:
            return IDLE
        return Rest(min(POLL_S, max(0.0, (self._next_at - now).total_seconds())))
