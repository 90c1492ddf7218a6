"""How a source is doing, as a value with its reason.

What a source does not say is no news of the market: where it is not healthy, what it has not
answered is unknown, and never a price.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

State = Literal["healthy", "late", "empty", "short", "failing", "not authorised", "over budget"]

# Of what it is known to have, a source may leave out so much before it is short of it.
LEAST_SHARE = 0.7
# From so many on a share means something.
_ENOUGH = 10
_REMEMBERED = 50
_EMPTY_IN_A_ROW = 3
# Another shape shows in every answer: that it is as before shows soon, too.
_READ_REMEMBERED = 5

_LONGEST_SILENCE = timedelta(hours=2)


class Health(NamedTuple):
    """What can be said of a source, and why."""

    state: State
    reason: str


class Signs(NamedTuple):
    """What is known of a source at one moment."""

    now: datetime
    answered_at: datetime | None  # the last answer that could be read
    due_at: datetime  # since when, or from when on, there is something to ask
    barred: str | None  # why the key is not accepted
    failing: str | None  # why the last request failed, where several did in a row
    unpaid: int  # looks that must be had and cannot be paid for
    overdue: int  # looks that must be had and are late
    known: int  # events
    walked: bool  # whether the catalogue has ever been read


class Coverage:
    """How much of what was asked for came, in the last answers."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._pairs: deque[tuple[int, int]] = deque(pairs, maxlen=_REMEMBERED)
        self._read: deque[tuple[int, int]] = deque(maxlen=_READ_REMEMBERED)

    def note(self, asked: int, came: int) -> None:
        """An answer to a question about so many known events held so many of them."""
        if asked:
            self._pairs.append((asked, came))

    def note_read(self, events: int, incomplete: int) -> None:
        """An answer spoke of so many events, of which so many could not be read in full."""
        if events:
            self._read.append((events, incomplete))

    @property
    def incomplete(self) -> tuple[int, int] | None:
        """Events that could not be read in full and all of them, where that is too many."""
        events = sum(each for each, _ in self._read)
        incomplete = sum(each for _, each in self._read)
        if events >= _ENOUGH and incomplete > (1 - LEAST_SHARE) * events:
            return incomplete, events
        return None

    @property
    def is_empty(self) -> bool:
        """Whether the last answers held nothing of what was asked for."""
        last = list(self._pairs)[-_EMPTY_IN_A_ROW:]
        return len(last) == _EMPTY_IN_A_ROW and not any(came for _, came in last)

    @property
    def short_by(self) -> tuple[int, int] | None:
        """What came and what was asked for, where that is too little."""
        asked = sum(each for each, _ in self._pairs)
        came = sum(each for _, each in self._pairs)
        return (came, asked) if asked >= _ENOUGH and came < LEAST_SHARE * asked else None


def health_of(signs: Signs, coverage: Coverage) -> Health:
    """The worst that can be said, for what comes first here says more than what comes after."""
    if signs.barred is not None:
        return Health("not authorised", signs.barred)
    if signs.failing is not None:
        return Health("failing", signs.failing)
    if signs.unpaid:
        return Health("over budget", f"{signs.unpaid} looks that are due cannot be paid for")
    if coverage.is_empty or (signs.walked and not signs.known):
        return Health("empty", "the last answers held nothing of what was asked for")
    if (short := coverage.short_by) is not None:
        return Health("short", f"{short[0]} of {short[1]} events asked for were in the answers")
    if (incomplete := coverage.incomplete) is not None:
        said = f"{incomplete[0]} of {incomplete[1]} events could not be read in full"
        return Health("short", said)
    if signs.overdue:
        return Health("late", f"{signs.overdue} events are to be looked at, and were not yet")
    if signs.answered_at is None:
        return Health("late", "it has not answered yet")
    # Where nothing is to be asked, its silence is ours.
    if signs.now - max(signs.answered_at, signs.due_at) > _LONGEST_SILENCE:
        minutes = (signs.now - signs.answered_at) // timedelta(minutes=1)
        return Health("late", f"the last answer came {minutes} minutes ago")
    return Health("healthy", f"{signs.known} events are known")
