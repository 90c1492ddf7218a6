"""What every source of prices is: something that can be asked for the next records."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from conscope_app.domains.tickets import records
from conscope_app.domains.tickets.market import MarketSnapshot, encode_snapshot
from conscope_app.domains.tickets.records import Kind, PriceEvent
from conscope_app.domains.tickets.seat_key import seat_key


class Outgoing(NamedTuple):
    """A record on its way to Kafka: its key, value and headers."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


class Observation(NamedTuple):
    """What a source saw of one seat, and how it moved as far as the source knows."""

    outgoing: Outgoing
    move: Kind


class Source(Protocol):
    """Prices to publish, in the order in which they are to arrive."""

    def take(self, count: int, now: datetime) -> list[Observation]:
        """The next observations, `count` of them at most; fewer where no more are to be had."""


class Publishing(Protocol):
    """Where records go: `publisher.Publisher`, or its twin in the tests."""

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Hand records over; on return they are on their way."""

    async def flush(self) -> None:
        """Wait until everything published so far has arrived, or raise why it has not."""


def outgoing(event: PriceEvent) -> Outgoing:
    """The event under its seat key, in the canonical JSON of the wire contract."""
    key = seat_key(
        event.event_id, event.source, event.section, event.row, event.seat, event.listing_id
    )
    return Outgoing(key, records.encode(event))


def outgoing_market(snapshot: MarketSnapshot) -> Outgoing:
    """The snapshot under its event's id, as it travels on `market_snapshots`."""
    return Outgoing(snapshot.event_id.encode(), encode_snapshot(snapshot))
