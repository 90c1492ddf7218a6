"""Words of a name that tell apart what is otherwise alike: "late show", "night 2", "parking".

A marker has a kind. Of most kinds two names that have different ones are different events, and one
that has none leaves it open; what is not the show itself (parking, a package) is never the show.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a marker speaks of."""

    OFFER = "offer"  # something beside the seat, or in place of it
    TRIBUTE = "tribute"  # others play the music of those who are named
    FORM = "form"  # another form of the same programme: a rehearsal, a screening
    TEAM = "team"  # which team of a club or school
    SHOWING = "showing"  # which of a day's showings
    NUMBER = "number"  # which of several nights, days, games
    PASS = "pass"  # noqa: S105 which days of a festival a ticket is for


# Where only one of two names has a marker of these, they are different; of the others it is open.
STRICT = frozenset({Kind.OFFER, Kind.TRIBUTE, Kind.FORM})

_OFFERS = {
    "parking": r"(?:premium |preferred |valet )?parking(?: lots?| pass(?:es)?| garages?)?|car park"
    r"|park(?:tickets?|platze?)|parcheggio|aparcamiento|estacionamiento|stationnement",
    "shuttle": r"shuttle(?: bus)?(?: pass)?|bus transfer|party bus|park and ride",
    "vip": r"vip(?: (?:packages?|experiences?|upgrades?|tickets?|pass(?:es)?|lounge))*",
    "package": r"(?:hotel|travel|ticket|platinum|premium|merch|ultimate|gold|silver|fan) packages?"
    r"|packages?|tickets? (?:and|plus|with) hotel",
    "camping": r"(?:car |tent |rv )?camping(?: pass(?:es)?)?|campsites?|glamping|rv pass",
    "hospitality": r"hospitality(?: packages?)?|club access|lounge access|premium lounge|suites?$"
    r"|(?:premium|club|table|box) (?:seats?|seating)|reservations?"
    r"|(?:luxury |private )?suites? (?:pass|rental|reservation|tickets?)",
    "meet": r"meet (?:and|n) greets?|m and g|photo op(?:portunity)?s?",
    "upgrade": r"upgrades?|add ons?|fast lane|early entry",
    "party": r"(?:pre|after) ?(?:show )?part(?:y|ies)|afterparty|tailgates?(?: party)?",
    "season": r"season tickets?|season pass|flex plan|membership|gift cards?|voucher",
    "locker": r"lockers?(?: rental)?",
    "stream": r"live ?streams?|virtual (?:event|ticket)|watch party",
}
_FORMS = {
    "rehearsal": r"(?:open |dress )?rehearsals?|sound ?check(?: party)?",
    "screening": r"(?:film )?screenings?|on screen|the movie|film with live orchestra|in cinemas?",
    "dj": r"dj set",
    "acoustic": r"acoustic (?:set|show|evening|performance)",
    "lesson": r"workshops?|master ?class(?:es)?|open training|open practice|stadium tour ticket",
    "sing": r"sing a ?long",
    "relaxed": r"relaxed performance|sensory friendly|asl (?:interpreted|performance)"
    r"|audio described",
    "young": r"(?:jr|kids|junior|youth) edition",
}
_TEAMS = {
    "women": r"womens?|ladies",
    "young": r"u ?(?:1\d|2[0-3])s?|juniors?|youth|academy|reserves|b team",
    "former": r"legends|alumni|all ?stars?|old boys",
}
_TRIBUTE = (
    r"tribute(?: (?:to|band|show|concert|act|night))*|salute to|(?:the )?(?:music|songs|sounds) of"
    r"|(?:a )?celebration of|celebrating|performing the (?:music|songs) of|candlelight|cover band"
    r"|plays the music of|in the style of|performed by|remembering"
)
_SHOWING = {
    "early": r"early(?: (?:show|performance|set|session|seating))?",
    "late": r"late(?: (?:show|performance|set|session|seating))?|late ?night show",
    "matinee": r"matinees?(?: (?:show|performance))?|afternoon (?:show|performance|session)",
    "evening": r"evening (?:show|performance|session)|night (?:show|session)",
    "morning": r"morning (?:show|performance|session)",
    "midnight": r"midnight (?:show|screening)",
    "first": r"(?:1st|first) (?:show|performance|seating)",
    "second": r"(?:2nd|second|added|extra|additional) (?:show|performance|seating)",
}
_COUNTS = (
    ("1", "one", "i", "1st", "first"),
    ("2", "two", "ii", "2nd", "second"),
    ("3", "three", "iii", "3rd", "third"),
    ("4", "four", "iv", "4th", "fourth"),
    ("5", "five", "v", "5th", "fifth"),
    ("6", "six", "vi", "6th", "sixth"),
    ("7", "seven", "vii", "7th", "seventh"),
)
_NUMBERS: Mapping[str, str] = {each: counts[0] for counts in _COUNTS for each in counts}
_UNIT = r"night|nite|day|weekend|week|game|show|part|session|round|match|evening|concert|leg|race"
_COUNT = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
_NUMBERED = re.compile(
    rf"\b(?:(?:home )?({_UNIT}) ?(?:no )?({_COUNT}|\d{{1,2}})|(n|d)([1-7]))\b(?! day| night)"
    rf"|\b({_COUNT}) ({_UNIT})\b(?! pass)"
)
_OF_ALL = re.compile(r"\b(?:of|/) \d{1,2}\b")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = {
    "mon": "monday",
    "tue": "tuesday",
    "tues": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "thur": "thursday",
    "thurs": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}
_SEVERAL = {"two": "2", "three": "3", "four": "4", "five": "5", "full": "weekend", "all": "weekend"}
_PASS = re.compile(
    r"\b(?:(\d|two|three|four|five) days?(?: (?:pass(?:es)?|tickets?|ga))+|(full|all) festival"
    r"(?: pass(?:es)?)?|(weekend) (?:pass(?:es)?|tickets?)|(\d|two|three|four|five) days?\b)"
)
_DAY = re.compile(
    rf"\b(?:({'|'.join((*_DAYS, *_SHORT_DAYS))})(?: (?:only|single day|day|1 day))?"
    r"(?: (?:pass(?:es)?|tickets?|admission))*"
    r"|(?:single|one|1) day(?: (?:pass(?:es)?|tickets?))*)\b"
)


def _any_of(patterns: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?P<{name}>{each})\b" for name, each in patterns.items()))


_NAMED = {
    Kind.OFFER: _any_of(_OFFERS),
    Kind.FORM: _any_of(_FORMS),
    Kind.TRIBUTE: _any_of({"tribute": _TRIBUTE}),
    Kind.TEAM: _any_of(_TEAMS),
    Kind.SHOWING: _any_of(_SHOWING),
}


class Marked(NamedTuple):
    """The markers of a name, and what is left of it."""

    markers: frozenset[tuple[Kind, str]]
    rest: str


def marked(text: str) -> Marked:
    """The markers of a name, given as words with one blank between them."""
    found: set[tuple[Kind, str]] = set()

    def numbered(match: re.Match[str]) -> str:
        unit, count, letter, short, count_before, unit_after = match.groups()
        number = short or count or count_before
        unit = unit or unit_after or {"n": "night", "d": "day"}[letter]
        found.add((Kind.NUMBER, f"{unit} {_NUMBERS.get(number, number)}"))
        return " "

    def passed(match: re.Match[str]) -> str:
        value = next(each for each in match.groups() if each)
        found.add((Kind.PASS, _SEVERAL.get(value, value)))
        return " "

    def dated(match: re.Match[str]) -> str:
        day = match.group(1)
        found.add((Kind.PASS, _SHORT_DAYS.get(day, day) if day else "1"))
        return " "

    for kind, pattern in _NAMED.items():

        def named(match: re.Match[str], kind: Kind = kind) -> str:
            found.add((kind, str(match.lastgroup)))
            return " "

        text = pattern.sub(named, text)
    text = _PASS.sub(passed, text)
    text = _OF_ALL.sub(" ", _NUMBERED.sub(numbered, text))
    text = _DAY.sub(dated, text)
    return Marked(frozenset(found), " ".join(text.split()))


def offers(text: str) -> frozenset[tuple[Kind, str]]:
    """Only what is sold beside the seat: venues have it in their names, "Arena Parking Lots"."""
    return frozenset(
        (Kind.OFFER, str(match.lastgroup)) for match in _NAMED[Kind.OFFER].finditer(text)
    )


class Difference(NamedTuple):
    """What one name has and the other has not. `is_open`: it may be the same for all that."""

    kind: Kind
    values: tuple[str, ...]
    is_open: bool


def difference(
    one: frozenset[tuple[Kind, str]], other: frozenset[tuple[Kind, str]]
) -> Difference | None:
    """The weightiest difference of two names' markers; None: there is none."""
    if one == other:
        return None
    unlike = one ^ other
    found = []
    for kind in Kind:
        if values := tuple(sorted(value for each, value in unlike if each is kind)):
            have_both = all(any(each is kind for each, _ in markers) for markers in (one, other))
            found.append(Difference(kind, values, not (have_both or kind in STRICT)))
    return min(found, key=lambda each: each.is_open)
