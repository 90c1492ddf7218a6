"""Names of venues and cities in one spelling."""

import re
from functools import lru_cache

from conscope_app.domains.tickets.matching.spelling import plain, words

_SHORT = {
    "theatre": "theater",
    "theatres": "theater",
    "theaters": "theater",
    "centre": "center",
    "ctr": "center",
    "cntr": "center",
    "amphitheatre": "amphitheater",
    "amp": "amphitheater",
    "amph": "amphitheater",
    "auditorio": "auditorium",
    "aud": "auditorium",
    "stade": "stadium",
    "stad": "stadium",
    "univ": "university",
    "st": "saint",
    "ste": "saint",
    "mt": "mount",
    "ft": "fort",
    "intl": "international",
    "natl": "national",
    "perf": "performing",
    "cnty": "county",
    "co": "county",
    "mem": "memorial",
    "bldg": "building",
    "pk": "park",
    "hse": "house",
    "blvd": "boulevard",
    "ave": "avenue",
}
_PHRASES = (("performing arts center", "pac"), ("performing arts centre", "pac"))
# What says nothing of which venue it is.
GENERIC = frozenset(
    words(
        "the at of and in a theater arena hall center stadium concert music amphitheater auditorium"
        " pavilion club park house venue complex events event ballroom field ground live"
    )
)
# Parts of one house, which have programmes of their own.
ROOMS = frozenset(
    words(
        "upstairs downstairs north south east west lounge studio lawn main lower upper room rooms"
        " garden small grand big little indoor outdoor outdoors underground basement rooftop stage"
        " cafe bar annex plaza second front back mainstage foundry gym practice parking lot lots"
        " ballroom hall theater 1 2 3 4 5 6 7 8 9 i ii iii"
    )
)
_CITIES = {
    "new york city": "new york",
    "nyc": "new york",
    "manhattan": "new york",
    "la": "los angeles",
    "l a": "los angeles",
    "washington dc": "washington",
    "washington d c": "washington",
    "dc": "washington",
    "sf": "san francisco",
    "philly": "philadelphia",
    "munchen": "munich",
    "koln": "cologne",
    "wien": "vienna",
    "praha": "prague",
    "roma": "rome",
    "milano": "milan",
    "torino": "turin",
    "lisboa": "lisbon",
    "ciudad de mexico": "mexico city",
    "cdmx": "mexico city",
    "kobenhavn": "copenhagen",
    "geneve": "geneva",
    "zuerich": "zurich",
    "bruxelles": "brussels",
    "warszawa": "warsaw",
}
_CITY_SHORT = {"st": "saint", "ft": "fort", "mt": "mount", "ste": "saint"}
_LOTS = re.compile(r"\bparking\b.*$")


@lru_cache(maxsize=65_536)
def name_of(name: str, city: str) -> str:
    """A venue's name in one spelling, without its city where that is only added."""
    text = _LOTS.sub("", plain(name)) or plain(name)
    for phrase, short in _PHRASES:
        text = text.replace(phrase, short)
    parts = [words(each) for each in re.split(r"\s+-\s+|\s*[,()|]\s*", text)]
    spelled = [tuple(_SHORT.get(each, each) for each in part if each != "the") for part in parts]
    of_city = tuple(city.split())
    kept = [part for part in spelled if part and part != of_city and not _is_region(part, of_city)]
    found = [each for part in kept or spelled for each in part]
    length = len(of_city)
    if length and tuple(found[-length:]) == of_city and not GENERIC.issuperset(found[:-length]):
        found = found[:-length]
    return " ".join(found)


def _is_region(part: tuple[str, ...], of_city: tuple[str, ...]) -> bool:
    """`tx`, or `austin tx`."""
    rest = part[len(of_city) :] if of_city and part[: len(of_city)] == of_city else part
    return len(rest) == 1 and len(rest[0]) == 2 and rest[0].isalpha() and rest[0] != "o2"


@lru_cache(maxsize=16_384)
def city_name(city: str) -> str:
    """A city in one spelling."""
    spelled = " ".join(_CITY_SHORT.get(each, each) for each in words(plain(city.split(",")[0])))
    return _CITIES.get(spelled, spelled)
