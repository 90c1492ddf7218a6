"""Venues of several sources: the table of other names first, then name, city and coordinates."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

import msgspec
from rapidfuzz import fuzz

from conscope_app.domains.tickets.market import Venue
from conscope_app.domains.tickets.matching.spelling import plain, words
from conscope_app.domains.tickets.matching.venue_names import GENERIC, ROOMS, city_name, name_of

NEAR_KM = 1.0
# One name that far apart is a chain's: coordinates of a city's centre are nearer than that.
FAR_KM = 25.0
SAME_NAME = 92.0
SIMILAR_NAME = 75.0


class Place(NamedTuple):
    """A venue in one spelling. `known` is its id in the table of other names; None: not there."""

    name: str
    city: str
    region: str
    country: str
    known: str | None
    at: tuple[float, float] | None


class Same(StrEnum):
    """Whether two venues are one."""

    YES = "same venue"
    PERHAPS = "perhaps the same venue"
    NO = "other venue"


class Alias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other names of a venue, and why they are its: a line of `venue_aliases.jsonl`.

    `city` is that of the venue; names that many venues have belong here only with one.
    """

    name: str
    city: str
    also: tuple[str, ...]
    reason: str


class Aliases:
    """Which venue is meant by a name, where that cannot be told from the name itself.

    `digest` stands for the whole table: another table, another digest.
    """

    def __init__(self, entries: Iterable[Alias] = ()) -> None:
        entries = list(entries)
        self.digest = sha256(msgspec.json.encode(entries)).hexdigest()
        self._known: dict[tuple[str, str], str] = {}
        named: dict[str, set[str]] = {}
        for entry in entries:
            city = city_name(entry.city)
            known = f"{name_of(entry.name, city)} · {city}"
            for each in (entry.name, *entry.also):
                self._known[name_of(each, city), city] = known
                for name in (name_of(each, city), name_of(each, "")):
                    named.setdefault(name, set()).add(known)
        self._only = {name: known for name, (known, *more) in named.items() if not more}

    def find(self, name: str, city: str) -> str | None:
        """The venue's id by a name in one spelling. Without a city, a name that one venue has."""
        found = self._known.get((name, city))
        return found or (self._only.get(name) if not city else None)


_NO_ALIASES = Aliases()


def place_of(venue: Venue, aliases: Aliases = _NO_ALIASES) -> Place:
    """A venue in one spelling."""
    city = city_name(venue.city or "")
    name = name_of(venue.name, city)
    return Place(
        name=name,
        city=city,
        region=" ".join(words(plain(venue.region or ""))),
        country=" ".join(words(plain(venue.country or ""))),
        known=aliases.find(name, city),
        at=_on_earth(venue.latitude, venue.longitude),
    )


def _on_earth(north: float | None, east: float | None) -> tuple[float, float] | None:
    """Coordinates; some vendors write 0, 0 for what they do not know."""
    if north is None or east is None or not (north or east):
        return None
    return (north, east) if abs(north) <= 90 and abs(east) <= 180 else None


def compare(one: Place, other: Place) -> Same:
    """Whether two venues are one."""
    if one.known is not None and one.known == other.known:
        return Same.YES
    if one.known is not None and other.known is not None:
        return Same.NO
    distance_km = _distance_km(one, other)
    where = _same_town(one, other, distance_km)
    if where is Same.NO:
        return Same.NO
    named = _same_name(one.name, other.name)
    if named is Same.YES:
        return where
    is_there = distance_km is not None and distance_km <= NEAR_KM
    return Same.PERHAPS if named is Same.PERHAPS or (is_there and where is Same.YES) else Same.NO


def _same_town(one: Place, other: Place, distance_km: float | None) -> Same:
    if distance_km is not None and distance_km > FAR_KM:
        return Same.NO
    for mine, yours in ((one.country, other.country), (one.region, other.region)):
        if mine and yours and len(mine) == len(yours) == 2 and mine != yours:
            return Same.NO
    if one.city and other.city:
        if one.city == other.city:
            # Two houses of a chain may be in one city, but not next to each other.
            is_far = distance_km is not None and distance_km > NEAR_KM * 5
            return Same.PERHAPS if is_far else Same.YES
        # A suburb may have the city's name at another source.
        if distance_km is None:
            return Same.NO
        return Same.YES if distance_km <= NEAR_KM else Same.PERHAPS
    return Same.YES if distance_km is not None and distance_km <= NEAR_KM else Same.PERHAPS


@lru_cache(maxsize=262_144)
def _same_name(one: str, other: str) -> Same:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return Same.YES
    mine, yours = set(one.split()), set(other.split())
    unlike = mine ^ yours
    ratio = fuzz.token_sort_ratio(one, other)
    if unlike & ROOMS and not unlike <= GENERIC:
        return Same.PERHAPS if ratio >= SIMILAR_NAME or mine < yours or yours < mine else Same.NO
    shared = (mine & yours) - GENERIC
    is_part = mine < yours or yours < mine
    if shared and is_part and unlike <= GENERIC:
        return Same.YES if len(shared) > 1 or ratio >= SIMILAR_NAME else Same.PERHAPS
    if (
        ratio >= SAME_NAME
        and _have_same_digits(one, other)
        and all(len(each) > 1 for each in unlike)
    ):
        return Same.YES
    return Same.PERHAPS if (shared and is_part) or ratio >= SIMILAR_NAME else Same.NO


def _have_same_digits(one: str, other: str) -> bool:
    return re.findall(r"\d+", one) == re.findall(r"\d+", other)


def _distance_km(one: Place, other: Place) -> float | None:
    if one.at is None or other.at is None:
        return None
    (north, east), (to_north, to_east) = one.at, other.at
    rise, run = radians(to_north - north) / 2, radians(to_east - east) / 2
    part = sin(rise) ** 2 + cos(radians(north)) * cos(radians(to_north)) * sin(run) ** 2
    return 2 * 6_371 * asin(min(1.0, sqrt(part)))
