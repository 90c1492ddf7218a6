"""What goes wrong at a vendor, and when: lined up by a test, or drawn from the seed."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from conscope_app.core.clock import EPOCH
from conscope_app.local.standins.draws import between, pick, share

Kind = Literal[
    "busy",  # 429, though the limits were kept
    "error",  # 500
    "page",  # 200, and a page for people
    "silence",  # nothing for half a minute, then the connection ends
    "half",  # 200, which breaks off in its body
    "changed field",  # prices in another shape than is documented
    "renamed list",  # the events under another name
    "empty stats",  # nothing said of prices
    "empty list",  # no events at all
]
KINDS: tuple[Kind, ...] = get_args(Kind)
SILENCE_S = 30.0

# In an outage of so many requests a poller's breaker opens with the fifth and tries in vain once
# more: after a minute or two it is over.
_OUTAGE = 6


@dataclass(kw_only=True)
class Misbehaviour:
    """One request in a while goes wrong, and at times all of them do, for `episode`.

    With `outage_every` so many requests in a row go wrong in each so many, all in the same way: an
    outage that whoever asks will meet, however rarely. The first is one of errors, and begins with
    one of the first requests.

    Which is which follows from the seed, the moment and how many were asked before.
    """

    seed: int = 0
    chance: float = 0.0
    episode_share: float = 0.0
    episode: timedelta = timedelta(minutes=20)
    outage_every: int = 0
    _script: deque[Kind | None] = field(default_factory=deque)
    _asked: int = 0

    def then(self, *kinds: Kind | None) -> None:
        """Line up what happens to the next requests; None is nothing."""
        self._script.extend(kinds)

    def next(self, now: datetime) -> Kind | None:
        """What goes wrong with this request, if anything does."""
        self._asked += 1
        if self._script:
            return self._script.popleft()
        if self.outage_every and (kind := self._outage()) is not None:
            return kind
        period = (now - EPOCH) // self.episode
        if share(self.seed, 60, period) < self.episode_share:
            return pick(KINDS, self.seed, 61, period)
        if share(self.seed, 62, self._asked) < self.chance:
            return pick(KINDS, self.seed, 63, self._asked)
        return None

    def _outage(self) -> Kind | None:
        turn, place = divmod(self._asked - between(3, 8, self.seed, 64), self.outage_every)
        if turn < 0 or place >= _OUTAGE:
            return None
        return "error" if turn == 0 else pick(KINDS, self.seed, 65, turn)


def well_behaved(seed: int = 0) -> Misbehaviour:
    """Nothing goes wrong, unless it is lined up."""
    return Misbehaviour(seed=seed)


def misbehaving(seed: int) -> Misbehaviour:
    """Three requests in a hundred go wrong, and about one period of twenty minutes a day."""
    return Misbehaviour(seed=seed, chance=0.03, episode_share=0.014)


def hectic(seed: int) -> Misbehaviour:
    """Three in a hundred, and an outage soon and in each 50 requests, for somebody who looks on."""
    return Misbehaviour(seed=seed, chance=0.03, outage_every=50)
