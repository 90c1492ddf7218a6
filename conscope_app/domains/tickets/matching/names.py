"""Names of events, taken apart into what is meant and what a vendor adds."""

import re
from typing import NamedTuple

from conscope_app.domains.tickets.matching.markers import Kind, marked
from conscope_app.domains.tickets.matching.spelling import plain, words

Words = tuple[str, ...]

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
    r"\b(?:live )?in[- ]concert\b|\blive (?:at|from|in)\b[^:|()\[\]]*|\blive on stage\b"
    r"|\blive!?(?=\s*(?:$|[:|()\-]))"
)
_SUPPORT = re.compile(
    r"[\s,(\-]+\b(?:feat(?:uring)?\b\.?|ft\b\.?|with\b|plus\b|support(?:ed)? by|supporting acts?"
    r"|(?:and )?(?:very )?special guests?|opening acts?|and guests?|and (?:many )?more)\b(.*)$"
)
_PARTS = re.compile(r"\s*(?:[:|•·~]|\s-|-\s|--|[()\[\]])\s*|\s*/\s+")
_ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_SIDES = re.compile(r"\s(?:at|vs?\.?|versus)\s")
_TOUR = frozenset({"tour", "tournee", "residency", "gira"})
_NOISE = frozenset(words("the a an concert live musical touring broadway on official presents"))
_FESTIVAL = ("music festival", "festival", "fest")
_OF_A_TEAM = frozenset(words("fc cf sc afc football basketball hockey baseball soccer club"))
_TOWNS = {"la": "los angeles", "ny": "new york", "okc": "oklahoma city", "st": "saint"}
_GUESTS = frozenset(words("special guest guests and more support supports the very many tba tbd"))
_YEAR = re.compile(r"(?:19|20)\d\d(?:-\d\d)?")
_DIGITS = re.compile(r"\d+")


class Title(NamedTuple):
    """A name taken apart. `parts` are what it names; the first is not always the artist.

    `aside` are those of them that are in brackets, where vendors put what nobody thought of yet.
    """

    parts: tuple[str, ...]
    sides: tuple[str, str] | None  # of a match
    support: str
    aside: frozenset[str]
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
    aside = {_core(words(each)) for each in _ASIDE.findall(text)} & set(parts)
    parts = parts or (
        " ".join(words(plain(name))) or plain(name),
    )  # bands are called Live, and !!!
    cast = tuple(filter(None, (_core(words(plain(each))) for each in performers)))
    parts = tuple(dict.fromkeys(_without_tour(part, cast) for part in parts))
    joined = " ".join(parts)
    return Title(
        parts=parts,
        sides=sides,
        support=" ".join(each for each in support if each not in _GUESTS),
        aside=frozenset(aside),
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
        if not rest or of_part in places or _NOISE.issuperset(of_part):
            continue
        match = _SIDES.split(f" {each.strip()} ")
        if sides is None and len(match) == 2 and _ends(match, places):
            sides = (_team(words(match[0])), _team(words(match[1])))
            sides = sides if all(sides) else None
        (tours if _TOUR & set(of_part) else named).append(rest)
    return tuple(named or tours or filter(None, [_core(words(text))])), sides


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
