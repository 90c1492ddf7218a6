"""Sections in one spelling: `Sec 101`, `SEC. 101` and `101` are one, `101W` is another.

Words are replaced only where they mean the same everywhere. What else a venue's own habits make
one (`Lower 101` and `101`, where no number comes twice) is in `venue_habits`. In doubt two names
stay two: seats that are not the same must never look as if they were.
"""

from functools import lru_cache
from typing import NamedTuple

from conscope_app.domains.tickets.seating.venue_habits import habits_of
from conscope_app.domains.tickets.seating.words import MOST_LETTERS, as_it_is, joined, words_of

# Words that only say that a section follows, in front of its name.
_SECTION = frozenset(
    ("section", "sections", "sect", "sec", "sctn", "block", "blk", "bloc", "sektor", "sector")
)

# Spellings of the parts of a house, as words; longer ones are looked for first.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "lower": ("lower level", "lower lvl", "lower bowl", "lower tier", "lwr level", "lwr", "ll"),
    "upper": ("upper level", "upper lvl", "upper bowl", "upper tier", "upr level", "upr", "ul"),
    "middle": ("middle level", "middle tier", "mid level"),
    "club": ("club level", "club lvl", "clb"),
    "floor": ("floor level", "floors", "flr", "flo"),
    "field": ("field level", "fld"),
    "main": ("main level",),
    "terrace": ("terrace level", "terr"),
    "suite": ("suites", "suite level", "ste"),
    "loge": ("loge level",),
    "box": ("boxes",),
    "mezzanine": ("mezz", "mez", "mezzanine level"),
    "balcony": ("balc", "balcony level"),
    "orchestra": ("orch", "orchestra level"),
    "promenade": ("prom", "promenade level"),
    "bleachers": ("bleacher", "blchr"),
    "center": ("centre", "ctr", "cntr"),
    "left": ("lft",),
    "right": ("rgt",),
    "ga": ("general admission", "gen admission", "general adm", "gen adm", "genadm", "g a"),
    "ga pit": ("pit ga", "pit general admission"),
    "ga floor": ("floor ga", "floor general admission"),
    "standing": ("standing room only", "standing room", "standing only", "sro"),
    "lawn": ("lawn seating", "ga lawn", "lawn ga", "lawn general admission"),
}
_NORMAL = {
    tuple(spelling.split()): tuple(normal.split())
    for normal, spellings in _SPELLINGS.items()
    for spelling in spellings
}
_MOST_WORDS = max(map(len, _NORMAL))
_AREAS = frozenset(word for normal in _SPELLINGS for word in normal.split())
_NOT_KNOWN = frozenset(("unknown", "none", "null", "tbd", "tba", "n a", "not available"))

# One replacement may make another possible: `pit general admission` takes two.
_MOST_PASSES = 4


class Section(NamedTuple):
    """A section in one spelling: the part of the house, if it names one, and what it is called.

    `Lower Level 101` is `lower` and `101`; `Pit` is `pit` and nothing.
    """

    area: str
    name: str

    def __str__(self) -> str:
        return " ".join(filter(None, self))


@lru_cache(maxsize=8_192)
def section_of(text: str, venue: str = "") -> Section:
    """The section that people wrote, as that venue has it; of empty parts where none is known."""
    if len(text) > MOST_LETTERS:
        return Section("", as_it_is(text))
    words = _replaced(words_of(text))
    if not words:
        return Section("", "" if not text.strip(" -–—") else as_it_is(text))
    if " ".join(words) in _NOT_KNOWN:
        return Section("", "")
    area, name = _split(joined(words))
    habits = habits_of(venue)
    found = Section("" if name[:1].isdigit() and area in habits.needless else area, name)
    said = habits.spellings.get(str(found))
    return found if said is None else Section(*_split(said.split()))


def zone_spelling(text: str) -> str:
    """A zone in one spelling; a number or a letter that it has adds nothing: `LL101` is `lower`."""
    section = section_of(text)
    name = section.name
    is_number = len(name) <= 1 or name[0].isdigit() or name[-1].isdigit()
    return section.area if section.area and is_number else str(section)


def _replaced(words: list[str]) -> list[str]:
    for _ in range(_MOST_PASSES):
        before, words = words, _pass(words)
        if words == before:
            break
    return words


def _pass(words: list[str]) -> list[str]:
    done: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
            normal = _NORMAL.get(tuple(words[at : at + length]))
            if normal is not None:
                done.extend(normal)
                at += length
                break
        else:
            done.append(words[at])
            at += 1
    return [
        word
        for place, word in enumerate(done)
        # With nothing behind it, `Section` is what the section is called.
        if word not in _SECTION or place + 1 == len(done)
    ]


def _split(words: list[str]) -> tuple[str, str]:
    """The words of the area, and those of the name, wherever the area stands: `101 Lower`."""
    count = 0
    while count < len(words) and words[count] in _AREAS:
        count += 1
    if count == 0 and len(words) == 2 and words[1] in _AREAS and words[0][:1].isdigit():
        return words[1], words[0]
    return " ".join(words[:count]), " ".join(words[count:])
