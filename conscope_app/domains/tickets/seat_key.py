"""The seat key: what makes two price events comparable.

It is the Kafka key of `raw_prices`, `processed_prices` and `price_alerts`, and the key of the table
`last_seen_prices`; it is made here and nowhere else.
"""

from collections.abc import Iterable
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
_decode_event = msgspec.json.Decoder(tuple[str]).decode


def seat_key(event_id: str, source: str, section: str, row: str, seat: str) -> bytes:
    """The five parts as a JSON array: no part can run into the next, and people can read it."""
    return _encode((event_id, source, section, row, seat))


def parse_seat_key(key: bytes) -> Seat:
    """The parts of a key that `seat_key` made; raises ValueError for other bytes."""
    return _decode(key)


def event_parts(keys: Iterable[bytes]) -> list[bytes]:
    """What the keys of one event's seats, and of no other's, begin with; of each key, at speed.

    Inside an id a quotation mark has a backslash before it. So the first that stands between a mark
    and a comma is behind the id, or the id is a comma, and the part ends before it.
    """
    return [key.partition(b'","')[0] for key in keys]


def event_of(part: bytes) -> str:
    """The event's id in what `event_parts` gave."""
    if part == b"[":
        return ","
    (event_id,) = _decode_event(part + b'"]')
    return event_id
