"""Finds the events worth comparing: near in place and day, so that nobody compares all with all."""

from collections.abc import Iterable, Iterator
from math import floor
from typing import TypeVar

from conscope_app.domains.tickets.matching.decisions import Decision, Verdict, decide
from conscope_app.domains.tickets.matching.markers import Kind
from conscope_app.domains.tickets.matching.profiles import Profile
from conscope_app.domains.tickets.matching.venues import Place
from conscope_app.domains.tickets.matching.when import days_of

# A cell is a little over a kilometre from north to south; its neighbours are searched too.
_CELL_DEGREES = 0.01
# Towards the poles cells are narrower: at 60 degrees two of them are a kilometre.
_EAST_CELLS = 2

# With more events of a day than that a place is none, but a word for many ("Online", "Various"),
# and finding by it would compare all with all. A cinema of twelve screens has 70 shows a day, a
# large city some thousand events at one source.
MOST_AT_A_VENUE = 200
MOST_IN_A_CITY = 5_000

Key = tuple[str, int]
Show = tuple[str, str, int]
K = TypeVar("K", Key, Show)


class Index:
    """Events by venue, city and map cell, and day; one event a key of the few that it has."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}
        self._places: dict[Key, dict[str, None]] = {}
        self._shows: dict[Show, dict[str, None]] = {}
        self.compared = 0

    def __len__(self) -> int:
        return len(self._profiles)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._profiles

    def get(self, event_id: str) -> Profile | None:
        """What is compared of an event; None: it is not here."""
        return self._profiles.get(event_id)

    def add(self, profile: Profile) -> None:
        """Add an event; what was here under its id gives way."""
        self.remove(profile.event_id)
        self._profiles[profile.event_id] = profile
        for key in _keys(profile):
            self._places.setdefault(key, {})[profile.event_id] = None
        for show in shows_of(profile):
            self._shows.setdefault(show, {})[profile.event_id] = None

    def remove(self, event_id: str) -> None:
        """Remove an event, if it is here."""
        profile = self._profiles.pop(event_id, None)
        if profile is None:
            return
        for key in _keys(profile):
            _take(self._places, key, event_id)
        for show in shows_of(profile):
            _take(self._shows, show, event_id)

    def near(self, profile: Profile) -> Iterator[Profile]:
        """The events that may be the same as one, each once, without itself.

        A place that has too many events of a day finds none of them.
        """
        found: dict[str, None] = {}
        for name in _search_names(profile.place):
            for day in _around(profile):
                there = self._places.get((name, day), {})
                if len(there) <= _most_at(name):
                    found.update(there)
        found.pop(profile.event_id, None)
        return (self._profiles[event_id] for event_id in found)

    def matches(self, profile: Profile) -> Iterator[tuple[Profile, Decision]]:
        """The events that are one with it, or may be, and what was decided of each."""
        for other in self.near(profile):
            self.compared += 1
            several = self.has_several(profile) or self.has_several(other)
            decision = decide(profile, other, several_shows=several)
            if decision.verdict is not Verdict.APART:
                yield other, decision

    def shows_at(self, show: Show) -> Iterable[str]:
        """The shows of a source at a venue on a day; the key is one of `shows_of`."""
        return self._shows.get(show, {}).keys()

    def has_several(self, profile: Profile) -> bool:
        """Whether one of its sources has another show at its venue on its day."""
        found = (self._shows.get(show, {}) for show in shows_of(profile))
        return any(len(there) > (profile.event_id in there) for there in found)


def shows_of(profile: Profile) -> list[Show]:
    """A show of each source, venue and day; what is sold beside one is none."""
    if any(kind is Kind.OFFER for kind, _ in profile.markers):
        return []
    venue = profile.place.known or profile.place.name
    days = days_of(profile.when)
    return [(source, venue, day) for source in profile.sources for day in days]


def _keys(profile: Profile) -> list[Key]:
    return [(name, day) for name in _names(profile.place) for day in days_of(profile.when)]


def _names(place: Place) -> list[str]:
    """What an event is found by: its venue, its city and its cell on the map."""
    found = [f"venue {place.known or place.name}", f"name {place.name}"]
    if place.city:
        found.append(f"city {place.city}")
    if place.at is not None:
        found.append("cell {} {}".format(*_cell(place.at)))
    return found


def _most_at(name: str) -> int:
    return MOST_AT_A_VENUE if name.startswith(("venue ", "name ")) else MOST_IN_A_CITY


def _search_names(place: Place) -> Iterable[str]:
    yield from (name for name in _names(place) if not name.startswith("cell "))
    if place.at is not None:
        north, east = _cell(place.at)
        for up in (-1, 0, 1):
            for right in range(-_EAST_CELLS, _EAST_CELLS + 1):
                yield f"cell {north + up} {east + right}"


def _cell(at: tuple[float, float]) -> tuple[int, int]:
    return floor(at[0] / _CELL_DEGREES), floor(at[1] / _CELL_DEGREES)


def _around(profile: Profile) -> Iterable[int]:
    days = days_of(profile.when)
    return range(days.start - 1, days.stop + 1) if days else ()


def _take(kept: dict[K, dict[str, None]], key: K, event_id: str) -> None:
    there = kept[key]
    there.pop(event_id, None)
    if not there:
        del kept[key]
