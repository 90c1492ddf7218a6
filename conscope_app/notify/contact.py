"""How long the outbox has answered us without a break, and what that allows.

A sender whose lease has run out may be alive: it told the channel, and the outbox went away before
the note of it. When the outbox is back, that sender writes its note with its next try. Whoever asks
first must leave it the time for that, or the same alerts are told again though nobody died.
"""

from datetime import datetime, timedelta

# A living sender writes its note at the latest so long after the outbox is back: a connection that
# was being tried when it came back fails after 5 s, the pause after it is at most 5 s
# (`courier.LONGEST_OUTAGE_S`), and the next connection takes at most 5 s.
RECONNECT_S = 15.0


class Contact:
    """When a lease of another sender, which has run out, may be taken over.

    By the outbox's clock. Where the outbox has answered for `RECONNECT_S` with no failure and no
    silence longer than `silence_s`, at once: a living sender would have lengthened its lease.
    Otherwise, and after our own start, when it has answered for so long.
    """

    def __init__(self, silence_s: float) -> None:
        self._silence = timedelta(seconds=silence_s)
        self._since: datetime | None = None
        self._last: datetime | None = None

    @property
    def take_over_before(self) -> datetime | None:
        """Until which moment what is known now allows it; None: it is not allowed.

        An answer that comes later than that has itself waited out a silence.
        """
        if self._since is None or self._last is None:
            return None
        if self._last - self._since < timedelta(seconds=RECONNECT_S):
            return None
        return self._last + self._silence

    def heard(self, now: datetime) -> None:
        """The outbox answered, and this is its present moment."""
        # A clock that was put back says nothing of how long ago we last heard.
        if self._since is None or self._last is None or abs(now - self._last) > self._silence:
            self._since = now
        self._last = now

    def lost(self) -> None:
        """The outbox could not be reached."""
        self._since = self._last = None
