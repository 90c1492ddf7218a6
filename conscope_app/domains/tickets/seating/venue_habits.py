"""What venues do in their own way. One line a venue, for people to add to.

The name of a venue is looked up as `venue_name` spells it. Add what a venue's own plan says, and
nothing that is only likely: a wrong line makes two sections one.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from conscope_app.domains.tickets.seating.words import MOST_LETTERS, as_it_is, words_of


class ByTwos(NamedTuple):
    """Where neighbours have every other number: odd ones on one side, even ones on the other.

    It holds in these areas, for numbers below `below`: at and above it the seats of the centre are
    counted one by one.
    """

    areas: frozenset[str]
    below: int = 100


class Habits(NamedTuple):
    """How one venue differs from others; names are as `section_of` spells them.

    `needless` are areas that add nothing to a section's number, since no number is in two of them.
    `spellings` are sections under a further name. With `doubled_in_front` rows AA, BB, CC … come
    before A.
    """

    needless: frozenset[str] = frozenset()
    spellings: Mapping[str, str] = {}
    by_twos: ByTwos | None = None
    doubled_in_front: bool = False


_BOWL = frozenset(("lower", "upper"))
# On Broadway the left of the house is odd, the right even, and the centre begins with 101.
_BROADWAY = Habits(by_twos=ByTwos(frozenset(("orchestra", "mezzanine", "balcony"))))

HABITS: Mapping[str, Habits] = {
    "madison square garden": Habits(needless=_BOWL),
    "metlife stadium": Habits(needless=_BOWL),
    "staples center": Habits(needless=_BOWL),
    "crypto com arena": Habits(needless=_BOWL),
    "gershwin theater": _BROADWAY,
    "majestic theater ny": _BROADWAY,
    "minskoff theater": _BROADWAY,
    "richard rodgers theater": _BROADWAY,
}

_PLAIN = Habits()
_WORDS = {"theatre": "theater", "theaters": "theater", "centre": "center", "&": "and"}


@lru_cache(maxsize=4_096)
def habits_of(venue: str) -> Habits:
    """The habits of a venue; those of any other where it is not in the table."""
    return HABITS.get(venue_name(venue), _PLAIN) if venue else _PLAIN


def venue_name(venue: str) -> str:
    """A venue's name in one spelling: `The Gershwin Theatre` is `gershwin theater`."""
    if len(venue) > MOST_LETTERS:
        return as_it_is(venue)
    words = [_WORDS.get(word, word) for word in words_of(venue)]
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)
