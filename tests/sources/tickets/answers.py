"""Payloads in the shapes that the vendors document, as answers that an adapter reads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conscope_app.domains.tickets.market import MarketSnapshot, decode_snapshot, encode_snapshot
from conscope_app.sources.adapter import Adapter, Answer, Reading, Request

PAYLOADS = Path(__file__).parent / "payloads"
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def payload(name: str) -> Any:
    """A payload of the folder, decoded."""
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with this body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers or {}, content, NOON)


def read(adapter: Adapter, body: Any, request: Request | None = None) -> Reading:
    """What the adapter makes of it, as the answer to a question about all events of a year."""
    asked = request or adapter.catalogue(NOON, NOON.replace(year=2028))
    return adapter.read(asked, answer(body))


def only(reading: Reading) -> MarketSnapshot:
    """Its one event, as whoever reads the topic sees it."""
    (market,) = reading.markets
    return as_read(market)


def as_read(market: MarketSnapshot) -> MarketSnapshot:
    """The snapshot after its journey over the topic."""
    return decode_snapshot(encode_snapshot(market))
