"""What a sender remembers of a queue in which nothing was due: it need not be read again yet."""

from datetime import datetime

from conscope_app.alerting.watches.telling import Look, Turn
from conscope_app.notify.rest import IDLE, POLL_S, Rest

# Looking through all that waits is to take at most a twentieth of the time while nothing changes.
# Definitions and silences that changed are seen with the next such look.
_SHARE = 20

# Where something did change, it is read again sooner; in a queue that is read quickly, at once. One
# look that took long says nothing of the queue: the server may have been busy with something else.
_SHARE_OF_CHANGES = 5
_QUICK_S = 0.1


class LookedThrough:
    """The queue as it was looked through last, and when something of it is due.

    `monotonic` is our own clock; moments are the outbox's.
    """

    def __init__(self) -> None:
        self._revision: int | None = None
        self._next_at: datetime | None = None
        self._until = self._deaf_until = 0.0
        self._took_s = 0.0  # the look before

    def forget(self) -> None:
        """Look through it all the next time."""
        self._revision = self._next_at = None

    def note(self, turn: Turn, *, took_s: float, monotonic: float) -> None:
        """Nothing was due at this turn."""
        self._revision, self._next_at = turn.revision, turn.next_at
        self._until = monotonic + max(POLL_S, took_s * _SHARE)
        took_s, self._took_s = min(took_s, self._took_s), took_s
        self._deaf_until = monotonic + (took_s * _SHARE_OF_CHANGES if took_s > _QUICK_S else 0)

    def knows(self, look: Look, *, monotonic: float) -> bool:
        """Whether nothing is due, as far as it has to be known by now."""
        if self._revision is None:
            return False
        changed = look.revision != self._revision
        if monotonic >= (self._deaf_until if changed else self._until):
            return False
        return self._next_at is None or look.now < self._next_at

    def rest(self, now: datetime) -> Rest:
        """Until something is due; looked at each second, as another worker may have more."""
        if self._next_at is None:
            return IDLE
        return Rest(min(POLL_S, max(0.0, (self._next_at - now).total_seconds())))
