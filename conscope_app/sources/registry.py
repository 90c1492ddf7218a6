"""Every source that `faust -A conscope_app produce SOURCE` knows. A new one is one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from conscope_app.sources.base import Source
from conscope_app.sources.tickets.mock import MockMarket


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """What was asked for on the command line; a source takes what concerns it."""

    seed: int
    events: int
    seats: int


def _mock(options: SourceOptions, now: datetime) -> Source:
    return MockMarket(seed=options.seed, events=options.events, seats=options.seats, opened_at=now)


SOURCES: Mapping[str, Callable[[SourceOptions, datetime], Source]] = MappingProxyType(
    {"mock": _mock}
)


def open_source(name: str, options: SourceOptions, now: datetime) -> Source:
    """The source of that name; raises LookupError, naming those that exist, for any other."""
    try:
        build = SOURCES[name]
    except KeyError:
        raise LookupError(f"there is no source {name!r}; there is {', '.join(SOURCES)}") from None
    return build(options, now)
