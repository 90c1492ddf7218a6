"""The seat key: what makes two price events comparable.

It is the Kafka key of `raw_prices`, `processed_prices` and `price_alerts`, and the key of the table
`last_seen_prices`; it is made here and nowhere else.
"""

from typing import NamedTuple

import msgspec

_encode = msgspec.json.Encoder().encode


class Seat(NamedTuple):
    """One seat of one event, as one source offers it."""

    event_id: str
    source: str
    section: str
    row: str
    seat: str


_decode = msgspec.json.Decoder(Seat).decode


def seat_key(event_id: str, source: str, section: str, row: str, seat: str) -> bytes:
    """The five parts as a JSON array: no part can run into the next, and people can read it."""
    return _encode((event_id, source, section, row, seat))


def parse_seat_key(key: bytes) -> Seat:
    """The parts of a key that `seat_key` made; raises ValueError for other bytes."""
    return _decode(key)
