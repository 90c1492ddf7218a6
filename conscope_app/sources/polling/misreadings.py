"""What of an answer could not be read: who is there all the same, and what is to be noted of it."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from conscope_app.sources.adapter import Reading, Refusal

_PLACE = re.compile(r"\[\d+\]")
_LONGEST = 200

# Of one answer; fields are those that an adapter knows by name, so that hardly any has more.
_MOST_FIELDS = 100


class Misreading(NamedTuple):
    """A field that was refused, empty for whole events: how often, and the last case of it."""

    field: str
    events: int
    event_id: str | None
    why: str


def unread_but_there(reading: Reading, seen: Collection[str]) -> frozenset[str]:
    """Events that the answer holds and that could not be read: they are not missing from it."""
    ids = {each.event_id for each in reading.refused if each.event_id is not None}
    return frozenset(ids.difference(seen))


def incomplete(reading: Reading, seen: Collection[str]) -> int:
    """How many events are not known as they should be: without a field, or not at all.

    An item of a feed that lacks a field is no offer, which is usual; where none of them is one, the
    answer has another shape.
    """
    counted = [
        each for each in reading.refused if each.field is None or each.event_id in seen or not seen
    ]
    named = {each.event_id for each in counted if each.event_id is not None}
    return len(named) + sum(each.event_id is None for each in counted)


def misreadings(refused: Iterable[Refusal]) -> list[Misreading]:
    """What was refused, by its field; a place in a list is none of its own."""
    found: dict[str, Misreading] = {}
    for each in refused:
        field = _PLACE.sub("[]", each.field or "")[:_LONGEST]
        if field not in found and len(found) == _MOST_FIELDS:
            break
        before = found[field].events if field in found else 0
        found[field] = Misreading(field, before + 1, each.event_id, each.why[:_LONGEST])
    return list(found.values())
