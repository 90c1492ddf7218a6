"""What watches decided, and the raw prices that led to it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from confluent_kafka import Message

from bench.arrivals import Arrival
from bench.delays import Times
from bench.reading import messages
from conscope_app.alerting.watches.control import SIGNAL
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.topics.tickets import WATCHED_PRICES


class Place(NamedTuple):
    """Where a watched price stands in its topic."""

    partition: int
    offset: int


class Decided(NamedTuple):
    """A decision; `at_ms` is when whoever reads committed records could know of it."""

    verdict: Verdict
    episode: str
    place: Place
    at_ms: float


class _Decision(msgspec.Struct, gc=False):
    verdict: Verdict
    episode: str
    place: int


class _WithId(msgspec.Struct, gc=False):
    id: str


_decode = msgspec.json.Decoder(_Decision).decode
_decode_price = msgspec.json.Decoder(_WithId).decode


def decided(arrivals: Iterable[Arrival]) -> list[Decided]:
    """All decisions, in the order in which they came."""
    said = ((each, _decode(each.value)) for each in arrivals)
    return [
        Decided(what.verdict, what.episode, Place(each.partition, what.place), each.at_ms)
        for each, what in said
    ]


def raised(arrivals: Iterable[Arrival]) -> list[Decided]:
    """Those with which an alert began."""
    return [each for each in decided(arrivals) if each.verdict is Verdict.RAISED]


def watched_prices(
    bootstrap: str, ends: Mapping[int, int], begins: Mapping[int, int]
) -> dict[Place, str]:
    """The raw price of each price between two places of what watches are told."""
    found = {}
    for message in messages(bootstrap, WATCHED_PRICES.name, ends, begins):
        if all(name != SIGNAL for name, _ in _headers(message)):
            place = Place(message.partition() or 0, message.offset() or 0)
            found[place] = _decode_price(message.value() or b"").id
    return found


def _headers(message: Message) -> list[tuple[str, str | bytes | None]]:
    headers = message.headers() or []
    assert isinstance(headers, list), "whoever reads is given a list"
    return headers


def causes(
    decisions: Iterable[Decided], prices: Mapping[Place, str], appended: Times
) -> dict[Decided, float]:
    """When the raw price of each decision was appended; those of other prices are left out."""
    led = {each: prices[each.place] for each in decisions if each.place in prices}
    return {each: appended[price] for each, price in led.items() if price in appended}
