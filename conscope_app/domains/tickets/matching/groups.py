"""Groups of events that are one, made of pairs: the same whichever pair comes first.

A pair is merged, kept apart or for review, by a rule or by a person. Groups follow from the pairs
of the present, so that undoing a merge is one more change of a pair. What a person said of a pair
no rule changes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """What a pair is at present."""

    MERGED = "merged"
    REVIEW = "review"
    APART = "apart"


class Pair(NamedTuple):
    """Two events, the lesser id first."""

    one: str
    other: str


def pair_of(one: str, other: str) -> Pair:
    """The two as a pair; ValueError where they are one and the same."""
    if one == other:
        raise ValueError(f"{one!r} is no pair with itself")
    return Pair(min(one, other), max(one, other))


class Link(NamedTuple):
    """A pair as it stands. `strength` orders what rules said (0 to 100)."""

    pair: Pair
    state: State
    by_person: bool
    strength: float = 0.0


class Membership(NamedTuple):
    """Which group an event is in, and since when."""

    group_id: str
    joined_at: datetime


class Held(NamedTuple):
    """A merge that cannot be: it would join two events that are apart."""

    pair: Pair
    against: Pair


class Grouped(NamedTuple):
    """Groups of two or more by their events, and the merges that wait for a person."""

    members: dict[str, Membership]
    held: list[Held]


class Grouping:
    """Which groups follow from pairs.

    `are_apart` says of two events whether the rules have them as different ones: of a pair that
    nobody has spoken of, as it comes with others. `former` is how the events were grouped until
    now.
    """

    def __init__(
        self, are_apart: Callable[[str, str], bool], former: Mapping[str, Membership]
    ) -> None:
        self._are_apart = are_apart
        self._former = former
        self._groups: dict[str, set[str]] = {}
        self._spoken: set[Pair] = set()  # pairs that are merged are not apart
        self._apart: dict[str, set[str]] = {}

    def group(self, links: Iterable[Link], now: datetime) -> Grouped:
        """Join what is merged, persons' merges and then the surest first.

        A merge is held that would bring together two events that a person keeps apart, or, if a
        rule merges them, two that are apart by the rules.
        """
        merges: list[Link] = []
        for link in links:
            if link.state is State.MERGED:
                merges.append(link)
                self._spoken.add(link.pair)
            elif link.state is State.APART:
                self._apart.setdefault(link.pair.one, set()).add(link.pair.other)
                self._apart.setdefault(link.pair.other, set()).add(link.pair.one)
        held = [each for link in sorted(merges, key=_order) if (each := self._join(link))]
        members: dict[str, Membership] = {}
        for group in {id(each): each for each in self._groups.values()}.values():
            members |= self._memberships(group, now)
        return Grouped(members, held)

    def _join(self, link: Link) -> Held | None:
        mine = self._groups.setdefault(link.pair.one, {link.pair.one})
        yours = self._groups.setdefault(link.pair.other, {link.pair.other})
        if mine is yours:
            return None
        against = self._conflict(mine, yours, by_person=link.by_person)
        if against is not None:
            return Held(link.pair, against)
        mine |= yours
        self._groups |= dict.fromkeys(yours, mine)
        return None

    def _conflict(self, mine: set[str], yours: set[str], *, by_person: bool) -> Pair | None:
        for one in sorted(mine):
            for other in sorted(yours):
                pair = pair_of(one, other)
                if other in self._apart.get(one, ()):
                    return pair
                if pair not in self._spoken and not by_person and self._are_apart(one, other):
                    return pair
        return None

    def _memberships(self, group: set[str], now: datetime) -> dict[str, Membership]:
        """A group's id is that of a member, and stays for as long as this member is in it."""
        if len(group) < 2:
            return {}
        former = self._former
        known = {each: former[each].joined_at for each in group if each in former}
        founders = [each for each in known if former[each].group_id == each]
        named = min(founders or known or group, key=lambda each: (known.get(each, now), each))
        return {each: Membership(named, known.get(each, now)) for each in group}


def _order(link: Link) -> tuple[bool, float, Pair]:
    return not link.by_person, -link.strength, link.pair
