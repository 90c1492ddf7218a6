"""How alike two names of events are, and whether they contradict each other."""

from typing import NamedTuple

from rapidfuzz import fuzz

from conscope_app.domains.tickets.matching.names import Title

# Alike but for a slip; anything less is for a person to judge.
CERTAIN = 95.0
# The most that names reach of which parts contradict each other.
CONTRADICTED = 90.0
ALIKE_PARTS = 85.0
# A school is known by the beginning of its name, and so are others.
BEGINS_ALIKE = 94.0


class Likeness(NamedTuple):
    """From 0 to 100. `loose` forgives what one of them leaves out."""

    strict: float
    loose: float


def likeness(one: Title, other: Title) -> Likeness:
    """How alike two names are; what contradicts itself is never `CERTAIN`."""
    strict = max(_by_sides(one, other), _by_names(one, other), _by_performers(one, other))
    if strict >= CERTAIN and _is_contradicted(one, other):
        strict = CONTRADICTED
    loose = max(strict, fuzz.token_set_ratio(one.whole, other.whole), _loosely(one, other))
    return Likeness(strict, loose)


def _by_sides(one: Title, other: Title) -> float:
    if one.sides is None or other.sides is None:
        return 0.0
    (home, away), (first, second) = one.sides, other.sides
    return max(
        min(_side(home, first), _side(away, second)), min(_side(home, second), _side(away, first))
    )


def _side(one: str, other: str) -> float:
    """A team's nickname stands at the end of its name, and of what a vendor put before it."""
    if one == other or one.endswith(f" {other}") or other.endswith(f" {one}"):
        return 100.0
    if one.startswith(f"{other} ") or other.startswith(f"{one} "):
        return BEGINS_ALIKE
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _by_names(one: Title, other: Title) -> float:
    whole = _spelled_alike(one.joined, other.joined)
    if len(one.parts) == 1 or len(other.parts) == 1:
        # One of them has a subtitle, or who it is by, and the other has none.
        shorter, longer = sorted((one.parts, other.parts), key=len)
        whole = max(whole, *(_spelled_alike(shorter[0], part) for part in longer))
    return whole


def _spelled_alike(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 100.0
    # A letter more or less of a short name is another name.
    least = 12
    if min(len(one), len(other)) < least:
        return min(fuzz.token_sort_ratio(one, other), CONTRADICTED)
    return fuzz.token_sort_ratio(one, other)


def _by_performers(one: Title, other: Title) -> float:
    if one.performers and other.performers:
        fewer, more = sorted((one.performers, other.performers), key=len)
        return min(max(_spelled_alike(each, of) for of in more) for each in fewer)
    for cast, title in ((one.performers, other), (other.performers, one)):
        if cast and len(title.parts) >= 1:
            return max(_spelled_alike(cast[0], part) for part in title.parts)
    return 0.0


def _is_contradicted(one: Title, other: Title) -> bool:
    """Whether each says something that the other does not: two subtitles, numbers, performers."""
    if one.sides is not None and other.sides is not None:
        return _by_sides(one, other) < ALIKE_PARTS
    if _has_aside(one, other) or _has_aside(other, one):
        return True
    if one.numbers != other.numbers:
        return True
    if one.performers and other.performers and _by_performers(one, other) < ALIKE_PARTS:
        return True
    if one.support and other.support and not _loosely_same(one.support, other.support):
        return True
    mine, yours = _left_over(one, other), _left_over(other, one)
    return bool(mine and yours) and fuzz.token_sort_ratio(mine, yours) < ALIKE_PARTS


def _has_aside(one: Title, other: Title) -> bool:
    """Whether one says something in brackets that the other does not say at all."""
    known = set(other.joined.split()).union(*(each.split() for each in other.performers))
    return any(not known.issuperset(each.split()) for each in one.aside)


def _left_over(one: Title, other: Title) -> str:
    known = set(other.joined.split()).union(*(each.split() for each in other.performers))
    of_cast = set().union(*(each.split() for each in one.performers))
    return " ".join(each for each in one.joined.split() if each not in known | of_cast)


def _loosely_same(one: str, other: str) -> bool:
    return fuzz.token_set_ratio(one, other) >= ALIKE_PARTS


def _loosely(one: Title, other: Title) -> float:
    mine, yours = (" ".join((*each.parts, *each.performers)) for each in (one, other))
    return fuzz.token_set_ratio(mine, yours)
