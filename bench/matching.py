"""`python -m bench.matching`: 20,000 events of one source matched with 20,000 of another.

One process, one core; a year of events in 300 cities, of which the largest has a sixth. Six of ten
events are at both sources, written in two ways; the others are neighbours of one another.
"""

import argparse
from collections import Counter
from datetime import date, timedelta
from random import Random
from time import perf_counter, process_time

from conscope_app.domains.tickets.market import EventFacts, Venue
from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.domains.tickets.matching.decisions import Verdict
from conscope_app.domains.tickets.matching.index import Index
from conscope_app.domains.tickets.matching.profiles import SourceEvent, profile_of

EVENTS = 20_000
CITIES = 300
VENUES_A_CITY = 12
SHARED = 0.6
FIRST_DAY = date(2027, 1, 1)

_BEGINNINGS = "Silver Golden Hollow Electric Midnight Crimson Paper Broken Velvet Northern Arctic"
_ENDS = "Foxes Rivers Machines Lanterns Thieves Harbours Wolves Mirrors Engines Gardens Choir Kings"
_HOUSES = ("Theatre", "Arena", "Music Hall", "Stadium", "Ballroom", "Amphitheatre")
_HOURS = ("13:00", "19:00", "19:30", "20:00", "21:30")


def an_event(random: Random, number: int) -> tuple[EventFacts, EventFacts]:
    """One event as two vendors write it."""
    cities = range(CITIES)
    (city,) = random.choices(cities, [1 / (each + 1) for each in cities])
    house = random.randrange(VENUES_A_CITY)
    venue = f"{_BEGINNINGS.split()[house % 11]} {city}-{house} {_HOUSES[house % 6]}"
    at = (25 + city * 0.07 + house * 0.004, -120 + city * 0.15)
    words = _BEGINNINGS.split(), _ENDS.split()
    artist = f"{random.choice(words[0])} {random.choice(words[1])} {random.randrange(400)}"
    day = (FIRST_DAY + timedelta(days=random.randrange(365))).isoformat()
    hour = random.choice(_HOURS)
    tour = random.choice(("", ": The World Tour", " with special guests", " (18+)", " - Night 1"))

    def facts(name: str, of_venue: str) -> EventFacts:
        place = Venue(name=of_venue, city=f"City {city}", latitude=at[0], longitude=at[1])
        return EventFacts(name=name, venue=place, local_date=day, local_time=hour)

    said = f"Somebody Presents {artist}" if number % 5 == 0 else artist
    return facts(artist + tour, venue), facts(said, venue.replace("Theatre", "Theater"))


def main() -> None:
    """Print what was compared and decided, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, help="of each source")
    asked = parser.parse_args()
    random, aliases = Random(8), aliases_with()
    pairs = [an_event(random, number) for number in range(asked.events)]
    shared = int(asked.events * SHARED)
    others = [an_event(random, number)[1] for number in range(asked.events - shared)]
    here = [_of("one", number, one) for number, (one, _) in enumerate(pairs)]
    there = [other for _, other in pairs[:shared]] + others
    theirs = [_of("other", number, each) for number, each in enumerate(there)]

    began, began_work = perf_counter(), process_time()
    index = Index()
    for event in here:
        index.add(profile_of(event, aliases))
    profiles = [profile_of(event, aliases) for event in theirs]
    spelled_s = process_time() - began_work
    found = Counter(
        (decision.verdict, _is_one(profile.event_id, other.event_id, shared))
        for profile in profiles
        for other, decision in index.matches(profile)
    )
    took_s, worked_s = perf_counter() - began, process_time() - began_work

    print(f"events        {len(here):,} x {len(theirs):,}")
    print(f"pairs         {len(here) * len(theirs):,} there are, {index.compared:,} compared")
    print(f"at both       {shared:,}")
    for verdict in (Verdict.MERGE, Verdict.REVIEW):
        right, wrong = found[verdict, True], found[verdict, False]
        print(f"{verdict.value:14}{right:,} that are one, {wrong:,} that are not")
    print(f"seconds       {took_s:.1f}")
    print(f"of a core     {worked_s:.1f}, {spelled_s:.1f} of them to bring names into one spelling")


def _is_one(one: str, other: str, shared: int) -> bool:
    number, same = (int(each.split("-")[1]) for each in (one, other))
    return number == same < shared


def _of(source: str, number: int, facts: EventFacts) -> SourceEvent:
    return SourceEvent(event_id=f"{source}-{number}", sources=frozenset([source]), facts=facts)


if __name__ == "__main__":
    main()
