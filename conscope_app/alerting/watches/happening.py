"""Something that happens once, to a subject or to one of its items: a word, and what belongs to it.

The words are the domain's; two of them are known here, since items have prices: an item that was
there is gone, and one that was gone is there again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

VANISHED = "vanished"
CAME_BACK = "came_back"
OF_ITEMS = frozenset({VANISHED, CAME_BACK})

# Every source is looked at at least once a day. Twice that, and one that was away for a day says
# nothing new when it says what another one has said before.
SAME_WITHIN = timedelta(days=2)

# What was told comes again after a failure, from a topic that keeps it for a week.
KEPT = timedelta(days=8)


class Happening(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What happened, as the source that said it first saw it; `details` are texts by their names.

    The `item` is empty where it happened to the subject as a whole.
    """

    what: str
    observed_at: datetime
    source: str = ""
    item: str = ""
    details: Mapping[str, str] = {}

    @property
    def sentence(self) -> str:
        """What happened, for a person who reads why."""
        parts = [self.what.replace("_", " ")]
        parts += [f"{name.replace('_', ' ')} {text}" for name, text in self.details.items()]
        if self.source:
            parts.append(f"as {self.source} says")
        return ", ".join(parts)


class Occurrence(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A happening as one watch has heard of it. New fields go last, with a default.

    It was first heard of at `heard_at`. `said` has every source that speaks of it: null while it
    says so, or since when it says the contrary. `episode` is the last one that was raised for a
    happening of this kind, at `raised_at`.
    """

    happening: Happening
    labels: Mapping[str, str]
    heard_at: datetime
    said: Mapping[str, datetime | None]
    episode: str = ""
    raised_at: datetime | None = None


# No name of an item begins with a control character.
_BETWEEN = "\x1f"


def life_of(what: str, item: str = "", key: str = "") -> str:
    """The name under which a book keeps how an alert about a happening stands, beside its items."""
    return _BETWEEN.join(("", what, item, key))


def lives_of(what: str) -> str:
    """What such names of one word begin with, for the subject as a whole."""
    return _BETWEEN.join(("", what, "", ""))
