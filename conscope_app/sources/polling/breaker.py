"""When a source that fails is left alone, and when it is tried again.

Each failure makes the next request wait, twice as long as the last one. From the fifth in a row on
the breaker is open: nothing is sent until a while has passed, and then one request (half-open),
which closes it or opens it again for longer.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from conscope_app.sources.polling.answers import Failed, Trouble

FAILURES_TO_OPEN = 5

_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(seconds=30)
_FIRST_OPEN = timedelta(seconds=30)
# An hour before an event it must be looked at within the hour: an outage that ends is noticed soon
# enough for that.
_LONGEST_OPEN = timedelta(minutes=5)
# Who asks too often, and is not told how long to wait, waits longer than after a mere failure.
_TOO_MANY_WAIT = timedelta(seconds=10)

State = Literal["closed", "open", "half-open"]


class Breaker(NamedTuple):
    """How a source has answered lately. Nothing is sent before `until`."""

    state: State = "closed"
    failures: int = 0
    until: datetime | None = None
    reason: str | None = None
    openings: int = 0  # in a row, without an answer between

    def waits_until(self, now: datetime) -> datetime | None:
        """Until when nothing is to be sent; None: a request may go out."""
        return self.until if self.until is not None and self.until > now else None

    def trying(self, now: datetime) -> "Breaker":
        """A request is about to be sent: an open breaker becomes half-open with it."""
        if self.state == "open" and self.waits_until(now) is None:
            return self._replace(state="half-open")
        return self

    def answered(self) -> "Breaker":
        """The source has answered in a way that makes sense."""
        return Breaker()

    def failed(self, failed: Failed, now: datetime, random: float) -> "Breaker":
        """It has not. `random` (0 to 1) takes off up to half of a wait."""
        failures = self.failures + 1
        if self.state == "half-open" or failures >= FAILURES_TO_OPEN:
            wait = min(_FIRST_OPEN * 2 ** min(self.openings, 10), _LONGEST_OPEN)
            state: State = "open"
        else:
            first = _TOO_MANY_WAIT if failed.trouble is Trouble.TOO_MANY else _FIRST_WAIT
            wait = min(first * 2 ** min(failures - 1, 10), _LONGEST_WAIT)
            state = "closed"
        until = now + wait * (1 - random / 2)
        if failed.not_before is not None:
            until = max(until, failed.not_before)
        openings = self.openings + (state == "open")
        return Breaker(state, failures, until, failed.reason, openings)
