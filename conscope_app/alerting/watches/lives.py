"""Where an alert stands, and what is said of it: the values of the state machine."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches.conditions import Threshold
from conscope_app.alerting.watches.happening import Occurrence
from conscope_app.alerting.watches.verdicts import Cause, Verdict
from conscope_app.alerting.watches.watch import Rearm, Sure

_ID_BYTES = 12


class Phase(StrEnum):
    """Where a life stands. Muted: true since the watch was made, which nobody asked to hear."""

    QUIET = "q"
    MUTED = "m"
    PENDING = "p"
    RAISED = "r"


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last episode: when it was raised, at which price, and the lowest price told since."""

    episode: str
    raised_at: datetime
    raised_price: Decimal
    price: Decimal


class Life(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where an alert stands. New fields go last, with a default.

    `since` is when a pending finding was first observed (in the signal at `place`), or the first
    contrary one of a raised alert, with its `cause`; `seen` counts how often in a row a pending
    finding was observed, out of `needed`. `first` is the first price ever seen, `due_at` from when
    on time alone changes something. With an `occurrence` the alert is about what happened, at no
    price or at the item's last one.
    """

    phase: Phase = Phase.QUIET
    threshold: Threshold | None = None
    since: datetime | None = None
    place: int = 0
    seen: int = 0
    needed: int = 0
    price: Decimal | None = None
    items: tuple[str, ...] = ()
    cause: Cause | None = None
    first: Decimal | None = None
    told: Told | None = None
    due_at: datetime | None = None
    occurrence: Occurrence | None = None

    @property
    def last_told(self) -> Decimal | None:
        """The price that was told last, or else the first one that was seen."""
        return self.first if self.told is None else self.told.price


class Whose(NamedTuple):
    """What tells a life from all others."""

    subject: str
    watch_id: str
    item: str

    def episode(self, place: int) -> str:
        """The id of the episode that the signal at this place began: the same on every replay."""
        parts = msgspec.json.encode((self.subject, self.watch_id, self.item, place))
        return blake2b(parts, digest_size=_ID_BYTES).hexdigest()


class Finding(NamedTuple):
    """What a condition says of one observation; where it does not hold, why.

    `price` is None where nothing is to be had. A `doubtful` price has to be seen a second time.
    """

    price: Decimal | None
    items: tuple[str, ...]
    place: int
    threshold: Threshold | None = None
    cause: Cause | None = None
    doubtful: bool = False


class Event(NamedTuple):
    """What is to be told of an episode."""

    verdict: Verdict  # raised, updated or over
    episode: str
    price: Decimal | None
    was: Decimal | None = None
    items: tuple[str, ...] = ()
    cause: Cause | None = None


class Step(NamedTuple):
    """The life after a step, what is to be told, and what came of it."""

    life: Life
    verdict: Verdict
    events: tuple[Event, ...] = ()


class Terms(NamedTuple):
    """How sure one has to be of a watch, and when it may be told again."""

    sure: Sure
    rearm: Rearm
