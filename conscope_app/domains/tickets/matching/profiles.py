"""An event as one source knows it, and what of it is compared."""

from typing import NamedTuple

import msgspec

from conscope_app.domains.tickets.market import EventFacts, Venue
from conscope_app.domains.tickets.matching.markers import Kind, offers
from conscope_app.domains.tickets.matching.names import Title, title_of
from conscope_app.domains.tickets.matching.spelling import plain, words
from conscope_app.domains.tickets.matching.venues import Aliases, Place, place_of
from conscope_app.domains.tickets.matching.when import When, when_of, when_of_text


class SourceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an event: its facts, or, of one that only has prices, three texts.

    `sources` are those that sell it under this id; `date_text` is a price event's `event_date`,
    which is read where the facts have no date of their own.
    """

    event_id: str
    sources: frozenset[str]
    facts: EventFacts
    date_text: str | None = None


def from_prices(
    event_id: str, sources: frozenset[str], name: str, venue: str, date_text: str | None
) -> SourceEvent:
    """An event of which only prices are known."""
    facts = EventFacts(name=name, venue=Venue(name=venue))
    return SourceEvent(event_id=event_id, sources=sources, facts=facts, date_text=date_text)


class Profile(NamedTuple):
    """What is compared, in one spelling; made once for all comparisons."""

    event_id: str
    sources: frozenset[str]
    title: Title
    markers: frozenset[tuple[Kind, str]]
    place: Place
    when: When
    status: str | None


def profile_of(event: SourceEvent, aliases: Aliases) -> Profile:
    """Everything of an event in one spelling."""
    facts = event.facts
    place = place_of(facts.venue, aliases)
    of_venue = words(plain(facts.venue.name))
    places = (of_venue, tuple(place.name.split()), tuple(place.city.split()))
    of_city = words(plain(facts.venue.city or ""))
    region = words(plain(facts.venue.region or ""))
    named = frozenset(filter(None, (*places, of_city, (*of_city, *region), region)))
    title = title_of(facts.name, facts.performers, named)
    return Profile(
        event_id=event.event_id,
        sources=event.sources,
        title=title,
        markers=title.markers | offers(" ".join(of_venue)),
        place=place,
        when=when_of(facts) if event.date_text is None else when_of_text(event.date_text),
        status=facts.status,
    )
