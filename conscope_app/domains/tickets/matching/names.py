"""Names of events, taken apart into what is meant and what a vendor adds, and how alike two are."""

import re
from typing import NamedTuple

from rapidfuzz import fuzz

from conscope_app.domains.tickets.matching.markers import Kind, marked
from conscope_app.domains.tickets.matching.spelling import plain, words

Words = tuple[str, ...]

# Alike but for a slip; anything less is for a person to judge.
CERTAIN = 95.0
# The most that names reach of which parts contradict each other.
CONTRADICTED = 90.0
ALIKE_PARTS = 85.0

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_DATE = re.compile(
    rf"\b{_WEEKDAY}{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? 20\d\d)?\b"
    rf"|\b{_WEEKDAY}\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\b(?: 20\d\d)?"
    rf"|\b{_WEEKDAY}\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b|\b20\d\d-\d\d-\d\d\b"
)
_CLOCK = re.compile(
    r"\b(?:at )?\d{1,2}(?::\d\d) ?(?:[ap]\.?m\.?)?|\b(?:at )?\d{1,2} ?[ap]\.?m\b\.?"
)
_NOTE = re.compile(
    r"\(?\b(?:re-?scheduled(?: (?:from|to)[^)\]:|]*)?|originally[^)\]:|]*|postponed[^)\]:|]*"
    r"|new date|cancell?ed|sold[ -]out!?|low tickets?|on sale now|just announced|all ages"
    r"|(?:ages )?(?:18|19|21|16|14)(?:\+| and (?:over|up)| & over)|moved (?:from|to)[^)\]:|]*"
    r"|verified resale|resale|official platinum|tickets?)(?:\b|(?<=[+!]))\)?"
)
_SPONSOR = re.compile(
    r"^.{2,60}?\b(?:presents?|pres\.|in association with)(?:\s*[:\-]\s*|\s+)(?=\S)"
)
_SPONSORED = re.compile(
    r"\s*[,\-]?\s*\(?\b(?:presented|powered|sponsored|brought to you|driven|fuelled|hosted) by\b"
    r"[^:|)]*\)?"
)
_LEADING = re.compile(r"^(?:an? )?(?:evening|night|afternoon) with (?:the )?(?=\S)")
_LIVE = re.compile(
    r"\b(?:live )?in[- ]concert\b|\blive (?:at|from|in|on)\b[^:|()]*|\blive!?(?=\s*(?:$|[:|()\-]))"
)
_SUPPORT = re.compile(
    r"[\s,(\-]+\b(?:feat(?:uring)?\b\.?|ft\b\.?|with\b|plus\b|support(?:ed)? by|supporting acts?"
    r"|(?:and )?(?:very )?special guests?|opening acts?|and guests?|and (?:many )?more)\b(.*)$"
)
_PARTS = re.compile(r"\s*(?:[:|•·~]|\s-|-\s|--|[()\[\]])\s*|\s*/\s+")
_SIDES = re.compile(r"\s(?:at|vs?\.?|versus)\s")
_TOUR = frozenset({"tour", "tournee", "residency", "gira"})
_NOISE = frozenset(words("the a an concert live musical touring broadway on official presents"))
_FESTIVAL = ("music festival", "festival", "fest")
_OF_A_TEAM = frozenset(words("fc cf sc afc football basketball hockey baseball soccer club"))
_TOWNS = {"la": "los angeles", "ny": "new york", "okc": "oklahoma city", "st": "saint"}
# A school is known by the beginning of its name, and so are others.
BEGINS_ALIKE = 94.0
_GUESTS = frozenset(words("special guest guests and more support supports the very many tba tbd"))
_YEAR = re.compile(r"(?:19|20)\d\d(?:-\d\d)?")
_DIGITS = re.compile(r"\d+")


class Title(NamedTuple):
    """A name taken apart. `parts` are what it names; the first is not always the artist."""

    parts: tuple[str, ...]
    sides: tuple[str, str] | None  # of a match
    support: str
    performers: tuple[str, ...]
    markers: frozenset[tuple[Kind, str]]
    whole: str
    joined: str  # the parts in one
    numbers: frozenset[str]


def title_of(name: str, performers: tuple[str, ...], places: frozenset[Words]) -> Title:
    """Take a name apart; `places` are the venue's and the city's, which some vendors add to it."""
    text = _CLOCK.sub(" ", _DATE.sub(" ", plain(name))).replace("@", " at ")
    markers = marked(" ".join(words(text))).markers
    text = " ".join(_NOTE.sub(" ", text).split())
    text = _LEADING.sub("", _LIVE.sub(" ", _SPONSORED.sub("", _SPONSOR.sub("", text))))
    supported = _SUPPORT.search(text)
    if supported is not None and supported.start():
        text = text[: supported.start()]
    support = words(supported.group(1)) if supported is not None else ()
    parts, sides = _parts(text, places)
    cast = tuple(filter(None, (_core(words(plain(each))) for each in performers)))
    parts = tuple(dict.fromkeys(_without_tour(part, cast) for part in parts))
    joined = " ".join(parts)
    return Title(
        parts=parts,
        sides=sides,
        support=" ".join(each for each in support if each not in _GUESTS),
        performers=cast,
        markers=markers,
        whole=marked(" ".join(words(text))).rest,
        joined=joined,
        numbers=frozenset(_DIGITS.findall(joined)),
    )


def _parts(text: str, places: frozenset[Words]) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    named: list[str] = []
    tours: list[str] = []
    sides: tuple[str, str] | None = None
    for each in _PARTS.split(text):
        of_part = _without_place(words(each or ""), places)
        rest = _core(tuple(marked(" ".join(of_part)).rest.split()))
        if not rest or of_part in places:
            continue
        match = _SIDES.split(f" {each.strip()} ")
        if sides is None and len(match) == 2 and _ends(match, places):
            sides = (_team(words(match[0])), _team(words(match[1])))
            sides = sides if all(sides) else None
        (tours if _TOUR & set(of_part) else named).append(rest)
    return tuple(named or tours or [_core(words(text))]), sides


def _ends(match: list[str], places: frozenset[Words]) -> bool:
    return bool(match[0].strip()) and words(match[1]) not in places


def _without_place(of_part: Words, places: frozenset[Words]) -> Words:
    for place in places:
        rest = of_part[: -len(place)]
        if len(rest) < 2 or of_part[-len(place) :] != place:
            continue
        while rest and rest[-1] in ("at", "in", "the"):
            rest = rest[:-1]
        return rest or of_part
    return of_part


def _team(of_part: Words) -> str:
    spelled = [_TOWNS.get(each, each) for each in of_part if each not in _OF_A_TEAM]
    return _core(tuple(" ".join(spelled or of_part).split()))


def _core(of_part: Words) -> str:
    kept = [each for each in of_part if each not in _NOISE and not _YEAR.fullmatch(each)]
    text = " ".join(kept or of_part)
    for ending in _FESTIVAL:
        shorter = text.removesuffix(f" {ending}")
        if shorter != text and " " in shorter:
            return shorter
    return text


def _without_tour(part: str, performers: tuple[str, ...]) -> str:
    """A tour's name behind the artist's says nothing more, if nothing stands between them."""
    if _TOUR & set(part.split()):
        for each in performers:
            if part.startswith(f"{each} "):
                return each
    return part


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
    """Whether each says something that the other does not: two subtitles, numbers or supports."""
    if one.sides is not None and other.sides is not None:
        return _by_sides(one, other) < ALIKE_PARTS
    if one.numbers != other.numbers:
        return True
    if one.support and other.support and not _loosely_same(one.support, other.support):
        return True
    mine, yours = _left_over(one, other), _left_over(other, one)
    return bool(mine and yours) and fuzz.token_sort_ratio(mine, yours) < ALIKE_PARTS


def _left_over(one: Title, other: Title) -> str:
    known = set(other.joined.split()).union(*(each.split() for each in other.performers))
    of_cast = set().union(*(each.split() for each in one.performers))
    return " ".join(each for each in one.joined.split() if each not in known | of_cast)


def _loosely_same(one: str, other: str) -> bool:
    return fuzz.token_set_ratio(one, other) >= ALIKE_PARTS


def _loosely(one: Title, other: Title) -> float:
    mine, yours = (" ".join((*each.parts, *each.performers)) for each in (one, other))
    return fuzz.token_set_ratio(mine, yours)
