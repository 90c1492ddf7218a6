"""Whether two events of two sources are one: a value with its reason."""

from enum import StrEnum
from typing import NamedTuple

from conscope_app.domains.tickets.matching.likeness import CERTAIN, Likeness, likeness
from conscope_app.domains.tickets.matching.markers import Difference, difference
from conscope_app.domains.tickets.matching.profiles import Profile
from conscope_app.domains.tickets.matching.venues import Same
from conscope_app.domains.tickets.matching.venues import compare as compare_places
from conscope_app.domains.tickets.matching.when import Timing
from conscope_app.domains.tickets.matching.when import compare as compare_when

# To be raised with any change of what is decided, or how names are read: all events that are not
# over are compared anew then.
RULES = 2

# Below both of them a person would not think of the two as one.
NEAR_STRICT = 80.0
NEAR_LOOSE = 88.0


class Verdict(StrEnum):
    """What becomes of a pair."""

    MERGE = "merge"
    REVIEW = "review"
    APART = "apart"


class Reason(StrEnum):
    """Why."""

    CERTAIN = "certain"
    ONLY_SHOW_THAT_DAY = "only_show_that_day"
    OTHER_DAY = "other_day"
    OTHER_START = "other_start"
    OTHER_VENUE = "other_venue"
    OTHER_NAME = "other_name"
    MARKER = "marker"
    SAME_SOURCE = "same_source"
    STATUS = "status"
    NEAR_START = "near_start"
    TIME_UNKNOWN = "time_unknown"
    ZONE_UNKNOWN = "zone_unknown"
    VENUE_NEAR = "venue_near"
    NAME_NEAR = "name_near"
    # Of a pair by itself nothing spoke against it, but of one that it would join with it.
    GROUP = "group"


class Decision(NamedTuple):
    """What becomes of a pair, why, and how alike their names are (0 to 100)."""

    verdict: Verdict
    reason: Reason
    names: float
    detail: str = ""


def decide(one: Profile, other: Profile, *, several_shows: bool) -> Decision:
    """Compare two events. Which one comes first makes no difference.

    `several_shows`: one of them has another show at this venue on this day, at any source; then
    an unknown time says nothing.
    """
    timing = compare_when(one.when, other.when)
    if timing is Timing.OTHER_DAY:
        return Decision(Verdict.APART, Reason.OTHER_DAY, 0.0)
    if timing is Timing.OTHER_START:
        return Decision(Verdict.APART, Reason.OTHER_START, 0.0)
    venue = compare_places(one.place, other.place)
    if venue is Same.NO:
        return Decision(Verdict.APART, Reason.OTHER_VENUE, 0.0)
    unlike = difference(one.markers, other.markers)
    if unlike is not None and not unlike.is_open:
        return Decision(Verdict.APART, Reason.MARKER, 0.0, _words(unlike))
    names = likeness(one.title, other.title)
    if names.strict < NEAR_STRICT and names.loose < NEAR_LOOSE:
        return Decision(Verdict.APART, Reason.OTHER_NAME, names.strict)
    if one.sources & other.sources and one.title.numbers != other.title.numbers:
        # A source that numbers its events tells them apart.
        return Decision(Verdict.APART, Reason.SAME_SOURCE, names.strict)
    doubt = _doubt(one, other, timing, venue, unlike, names, several_shows=several_shows)
    if doubt is not None:
        return doubt
    known = timing is Timing.SAME_START
    reason = Reason.CERTAIN if known else Reason.ONLY_SHOW_THAT_DAY
    return Decision(Verdict.MERGE, reason, names.strict)


def are_apart(one: Profile, other: Profile) -> bool:
    """Whether two events must not become one by way of a third: one source does not sell it twice.

    What is only near is not apart; a person, or a third that both are one with, may know better.
    """
    decision = decide(one, other, several_shows=False)
    return decision.verdict is Verdict.APART or bool(one.sources & other.sources)


def _doubt(
    one: Profile,
    other: Profile,
    timing: Timing,
    venue: Same,
    unlike: Difference | None,
    names: Likeness,
    *,
    several_shows: bool,
) -> Decision | None:
    """The first thing that a person should look at; None: there is nothing."""
    best = names.strict
    if unlike is not None:
        return Decision(Verdict.REVIEW, Reason.MARKER, best, _words(unlike))
    if one.sources & other.sources:
        shared = ", ".join(sorted(one.sources & other.sources))
        return Decision(Verdict.REVIEW, Reason.SAME_SOURCE, best, shared)
    if one.status != other.status and {one.status, other.status} & {"postponed", "cancelled"}:
        detail = f"{one.status or 'unknown'}, {other.status or 'unknown'}"
        return Decision(Verdict.REVIEW, Reason.STATUS, best, detail)
    if timing is Timing.NEAR:
        return Decision(Verdict.REVIEW, Reason.NEAR_START, best)
    if timing is Timing.UNCLEAR:
        return Decision(Verdict.REVIEW, Reason.ZONE_UNKNOWN, best)
    if timing is Timing.TIME_UNKNOWN and several_shows:
        return Decision(Verdict.REVIEW, Reason.TIME_UNKNOWN, best)
    if venue is Same.PERHAPS:
        return Decision(Verdict.REVIEW, Reason.VENUE_NEAR, best)
    if best < CERTAIN:
        return Decision(Verdict.REVIEW, Reason.NAME_NEAR, best)
    return None


def _words(unlike: Difference) -> str:
    return f"{unlike.kind.value}: {', '.join(unlike.values)}"
