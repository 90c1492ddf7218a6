"""Where something must be found of market snapshots, and the facts by which it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from conscope_app.audit.places import Place
from conscope_app.domains.tickets.market import EventFacts, MarketSnapshot

FIGURES = ("lowest", "median", "average", "highest", "listing_count", "availability")

_SEEN = ("event_id", "source", "observed_at")
_SAID = ("status", "currency", "basis", *FIGURES, "spoken")
_JUDGED = frozenset({"kind", "changes"})

KINDS = ("", "new", "changed", "same", "late")


@dataclass(frozen=True, slots=True)
class MarketNames:
    """The topics that are audited, and the tables."""

    raw: str = "market_snapshots"
    processed: str = "processed_markets"
    watched: str = "watched_prices"
    dead: str = "raw_prices.dead"
    history: str = "market_history"
    now: str = "market_now"
    changes: str = "event_changes"


class MarketPlaces(NamedTuple):
    """Everywhere that one thing must be found of each snapshot."""

    processed: Place
    dead: Place
    copies: Place
    history: Place

    @classmethod
    def under(cls, names: MarketNames) -> "MarketPlaces":
        """The places under these names."""
        return cls(
            Place(
                names.processed,
                (*_SEEN, "facts", "currency", "basis", *FIGURES, "kind", "changes"),
                _JUDGED,
                _judged_consistently,
                ("key", "partition"),
            ),
            Place(f"{names.raw}, dead letters", ("key", "value")),
            Place(f"{names.raw}, re-keyed", ("key", "value", "headers", "partition")),
            Place(names.history, (*_SEEN, *_SAID, "kind"), _JUDGED, _is_of_a_kind),
        )


def now_place(names: MarketNames) -> Place:
    """`market_now`, with where the raw record of each row stands."""
    return Place(names.now, ("raw_partition", "raw_offset", *_SEEN, *_SAID, "facts"))


def changes_place(names: MarketNames) -> Place:
    """`event_changes`."""
    fields = ("event_id", "source", "kind", "because", "old_value", "new_value", "name", "at")
    return Place(names.changes, fields)


def said(seen: MarketSnapshot, *, unspoken: object = None) -> dict[str, Any]:
    """The values of a snapshot by the names of the fields; `unspoken` where nothing is said."""
    figures = {name: getattr(seen, name) for name in FIGURES}
    return {
        "event_id": seen.event_id,
        "source": seen.source,
        "observed_at": seen.observed_at,
        "facts": facts_text(seen.facts),
        "status": seen.facts.status,
        "currency": seen.currency,
        "basis": seen.basis,
        "spoken": [name for name, figure in figures.items() if figure is not UNSET],
        **{name: unspoken if figure is UNSET else figure for name, figure in figures.items()},
    }


def facts_text(facts: EventFacts) -> str:
    """The same text for the same facts."""
    return msgspec.json.encode(facts).decode()


def stored_facts_text(stored: object) -> str:
    """The same of what `market_now` holds; what are no facts as they are."""
    try:
        return facts_text(msgspec.convert(stored, EventFacts))
    except msgspec.ValidationError:
        return str(stored)


def _judged_consistently(said: Mapping[str, Any]) -> bool:
    return _is_of_a_kind(said) and (said["kind"] == "changed") == bool(said["changes"])


def _is_of_a_kind(said: Mapping[str, Any]) -> bool:
    return bool(said["kind"]) and said["kind"] in KINDS
