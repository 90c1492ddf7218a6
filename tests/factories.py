"""Records with full defaults; a test overrides what it is about."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.seat_key import seat_key

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

_PRICE = {
    "event_id": "concert-1",
    "event_name": "A Concert",
    "venue": "A Hall",
    "event_date": "2027-05-15T19:00:00Z",
    "source": "seatgeek",
    "section": "Floor 2",
    "row": "15",
    "seat": "8",
    "price": Decimal("100.00"),
    "timestamp": NOON,
}
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class ARecord:
    """A Kafka record without Kafka."""

    key: bytes | None
    value: bytes | None
    topic: str = "raw_prices"
    partition: int = 0
    offset: int = 0
    timestamp: int = to_epoch_ms(NOON)
    headers: tuple[tuple[str, bytes], ...] = ()


def a_price(**fields: Any) -> dict[str, Any]:
    """The fields of a raw price; a field given as ... is left out."""
    return {name: value for name, value in {**_PRICE, **fields}.items() if value is not ...}


def a_value(**fields: Any) -> bytes:
    """A raw price as its bytes on the wire."""
    return _encode(a_price(**fields))


def a_record(offset: int = 0, *, headers: Any = (), **fields: Any) -> ARecord:
    """A good record under its seat key; `key=` gives it another."""
    price = a_price(**{name: value for name, value in fields.items() if name != "key"})
    own = seat_key(
        *(price[name] for name in ("event_id", "source", "section", "row", "seat")),
        price.get("listing_id"),
    )
    return ARecord(fields.get("key", own), _encode(price), offset=offset, headers=headers)


_FACTS: dict[str, Any] = {
    "name": "A Concert",
    "venue": {"name": "A Hall"},
    "status": "on_sale",
    "starts_at": datetime(2027, 5, 15, 17, tzinfo=UTC),
    "local_date": "2027-05-15",
    "local_time": "19:00",
}
_SNAPSHOT: dict[str, Any] = {
    "event_id": "seatgeek-1",
    "source": "seatgeek",
    "observed_at": NOON,
    "currency": "USD",
    "lowest": Decimal("50.00"),
    "listing_count": 12,
}


def some_facts(**fields: Any) -> dict[str, Any]:
    """The facts of an event; a field given as ... is left out."""
    return {name: value for name, value in {**_FACTS, **fields}.items() if value is not ...}


def a_snapshot_value(**fields: Any) -> bytes:
    """A market snapshot as its bytes on the wire; a field given as ... is left out."""
    snapshot = {**_SNAPSHOT, "facts": some_facts(), **fields}
    return _encode({name: value for name, value in snapshot.items() if value is not ...})


def a_snapshot_record(offset: int = 0, *, headers: Any = (), **fields: Any) -> ARecord:
    """A good snapshot under its event's id; `key=` gives it another."""
    key = fields.pop("key", fields.get("event_id", _SNAPSHOT["event_id"]).encode())
    value = a_snapshot_value(**fields)
    return ARecord(key, value, "market_snapshots", offset=offset, headers=headers)
