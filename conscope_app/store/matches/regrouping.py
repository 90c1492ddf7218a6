"""Groups, made anew where their pairs have changed."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

from conscope_app.domains.tickets.matching.decisions import Reason
from conscope_app.domains.tickets.matching.groups import (
    Grouping,
    Held,
    Membership,
    Pair,
    State,
)
from conscope_app.store.market.group_lines import tell_of_groups
from conscope_app.store.matches.pairs import Standing, put_pairs, read_pairs

_MEMBERS = """
SELECT event_id, group_id, joined_at FROM event_match_members
WHERE group_id IN (SELECT group_id FROM event_match_members WHERE event_id = ANY(%(ids)s))
"""
_LEAVE = "DELETE FROM event_match_members WHERE event_id = ANY(%(ids)s)"
_JOIN = "INSERT INTO event_match_members (event_id, group_id, joined_at) VALUES %s"

AreApart = Callable[[str, str], bool]
Memberships = Mapping[str, Membership]


class Around:
    """Some events with all that their groups depend on."""

    def __init__(self, cursor: Cursor, ids: Collection[str]) -> None:
        self.pairs: dict[Pair, Standing] = {}
        self.former: dict[str, Membership] = {}
        self.ids: set[str] = set()
        fresh = set(ids)
        while fresh:
            self.ids |= fresh
            fresh = self._next_to(cursor, fresh) - self.ids

    def _next_to(self, cursor: Cursor, ids: set[str]) -> set[str]:
        found = read_pairs(cursor, ids)
        self.pairs |= found
        cursor.execute(_MEMBERS, {"ids": list(ids)})
        members = {event_id: Membership(*rest) for event_id, *rest in cursor.fetchall()}
        self.former |= members
        merged = {
            each for pair in found.values() if pair.link.state is State.MERGED for each in pair.pair
        }
        return merged | members.keys()


def regroup(cursor: Cursor, around: Around, are_apart: AreApart, now: datetime) -> list[Held]:
    """Write the groups that follow from the pairs; a rule's merge that cannot be goes to review.

    The overview's lines of events that are in another group than before follow within seconds.
    Returns the merges that persons asked for and that cannot be.
    """
    links = [each.link for each in around.pairs.values()]
    grouped = Grouping(are_apart, around.former).group(links, now)
    held = {each.pair: each for each in grouped.held}
    changed = []
    for pair, standing in around.pairs.items():
        if standing.by_whom is None and standing.link.state is State.MERGED:
            wanted = _held(standing, held[pair]) if pair in held else _merged(standing)
            if wanted != standing:
                changed.append(wanted)
    put_pairs(cursor, changed, now)
    if grouped.members != around.former:
        cursor.execute(_LEAVE, {"ids": list(around.ids)})
        rows = [(event_id, *member) for event_id, member in sorted(grouped.members.items())]
        if rows:
            execute_values(cursor, _JOIN, rows)
        tell_of_groups(cursor, _moved(around.former, grouped.members))
    return [each for each in grouped.held if around.pairs[each.pair].by_whom is not None]


def _moved(former: Memberships, now: Memberships) -> list[str]:
    """The events that are in another group than before, or in one or none as they were not."""
    ids = former.keys() | now.keys()
    return [each for each in ids if _group(former, each) != _group(now, each)]


def _group(members: Memberships, event_id: str) -> str | None:
    return members[event_id].group_id if event_id in members else None


def _held(standing: Standing, held: Held) -> Standing:
    detail = f"{held.against.one} and {held.against.other} are apart"
    return standing._replace(state=State.REVIEW, reason=Reason.GROUP.value, detail=detail)


def _merged(standing: Standing) -> Standing:
    if standing.state is State.MERGED:
        return standing
    return standing._replace(state=State.MERGED, reason=Reason.CERTAIN.value, detail="")
