"""The labelled pairs, and how the decisions agree with them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from conscope_app.domains.tickets.market import EventFacts, Venue
from conscope_app.domains.tickets.matching.decisions import Decision, Verdict, decide
from conscope_app.domains.tickets.matching.profiles import SourceEvent, profile_of
from conscope_app.domains.tickets.matching.venues import Aliases

PAIRS = Path(__file__).parent / "pairs.jsonl"


class Side(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event as one vendor might write it."""

    name: str
    venue: str
    city: str | None = None
    date: str | None = None
    time: str | None = None
    performers: tuple[str, ...] = ()
    at: tuple[float, float] | None = None
    time_zone: str | None = None
    starts_at: datetime | None = None
    date_text: str | None = None


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two events, whether they are one, and the habit of vendors that makes it hard to see."""

    same: bool
    reason: str
    held_out: bool
    one: Side
    other: Side
    several_shows: bool = False


class Agreement(NamedTuple):
    """How often the decisions are right, of all that they decided so."""

    precision: float  # of those that merge by themselves
    recall: float  # of all that are one, those that merge by themselves
    found: float  # of all that are one, those that merge by themselves or are shown to a person


def labelled_pairs() -> list[Pair]:
    """All of them, in the order of the file."""
    decode = msgspec.json.Decoder(Pair).decode
    return [decode(line) for line in PAIRS.read_bytes().splitlines()]


def an_event(side: Side, source: str) -> SourceEvent:
    """The event as its adapter would give it."""
    north, east = side.at or (None, None)
    facts = EventFacts(
        name=side.name,
        venue=Venue(
            name=side.venue,
            city=side.city,
            time_zone=side.time_zone,
            latitude=north,
            longitude=east,
        ),
        performers=side.performers,
        starts_at=side.starts_at,
        local_date=side.date,
        local_time=side.time,
    )
    sources = frozenset([source])
    event_id = f"{source}-1"
    return SourceEvent(event_id=event_id, sources=sources, facts=facts, date_text=side.date_text)


def decided(pair: Pair, aliases: Aliases) -> Decision:
    """What is decided of a pair."""
    one = profile_of(an_event(pair.one, "seatgeek"), aliases)
    other = profile_of(an_event(pair.other, "ticketmaster"), aliases)
    return decide(one, other, several_shows=pair.several_shows)


def agreement(pairs: Iterable[Pair], aliases: Aliases) -> Agreement:
    """How the decisions agree with the labels."""
    counted = Counter((pair.same, decided(pair, aliases).verdict) for pair in pairs)
    merged = counted[True, Verdict.MERGE]
    same = sum(number for (is_same, _), number in counted.items() if is_same)
    return Agreement(
        precision=merged / (merged + counted[False, Verdict.MERGE]),
        recall=merged / same,
        found=(merged + counted[True, Verdict.REVIEW]) / same,
    )
