"""What a sender remembers of a plan: the messages that are due after the first one."""

from collections import deque
from collections.abc import Collection, Iterable

# Planning is to take at most about a twentieth of the time where a lot waits. Where little does, a
# plan is so quick that it holds for no other message.
_SHARE = 20

# What is more urgent and comes meanwhile waits no longer than that for its turn.
_LONGEST_S = 30.0


class PlannedAhead:
    """The episodes of messages that are due, the most urgent first, for as long as a plan holds.

    Which message they are told in, if any, is decided of them alone when their turn has come, as
    things stand then. `monotonic` is our own clock.
    """

    def __init__(self) -> None:
        self._messages: deque[Collection[str]] = deque()
        self._until = 0.0

    def forget(self) -> None:
        """Plan the next message anew."""
        self._messages.clear()

    def note(self, messages: Iterable[Collection[str]], *, took_s: float, monotonic: float) -> None:
        """These are due too, by a plan that took so long."""
        self._messages = deque(messages)
        self._until = monotonic + min(took_s * _SHARE, _LONGEST_S)

    def first(self, *, monotonic: float) -> Collection[str] | None:
        """The episodes of the message whose turn it is; None where it has to be planned."""
        if monotonic >= self._until:
            self._messages.clear()
        return self._messages[0] if self._messages else None

    def had(self) -> None:
        """The first one has had its turn."""
        self._messages.popleft()
