"""Every source that can be produced or polled. A new one is one line here."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import MappingProxyType

from conscope_app.sources.adapter import Adapter
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


# What a stand-in is asked goes by a name of its own, so that nobody takes what it invents for the
# vendor's: no page, id, recording, or what is stored of the vendor. The pages look for the word.
SIMULATED = "simulated-"

# Those that are polled, by module and class: a worker imports what it is set to poll.
ADAPTERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "seatgeek": ("conscope_app.sources.tickets.seatgeek", "SeatGeek"),
        "ticketmaster": ("conscope_app.sources.tickets.ticketmaster", "Ticketmaster"),
    }
)


def open_adapter(name: str) -> Adapter:
    """The adapter of that name; raises LookupError, naming those that exist, for any other.

    With `simulated-` before it, it is the one for a stand-in of that vendor.
    """
    try:
        module, adapter = ADAPTERS[name.removeprefix(SIMULATED)]
    except KeyError:
        raise LookupError(
            f"there is no source {name!r} to poll; there is {', '.join(ADAPTERS)}"
        ) from None
    found: Adapter = getattr(import_module(module), adapter)(name)
    return found


def adapter_names() -> Iterator[str]:
    """Every name that `open_adapter` knows."""
    for name in ADAPTERS:
        yield name
        yield SIMULATED + name
