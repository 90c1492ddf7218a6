"""The seat key: what makes two price events comparable.

It is the Kafka key of `raw_prices`, `processed_prices` and `price_alerts`, and the key of the table
`last_seen_prices`; it is made here and nowhere else.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

_encode = msgspec.json.Encoder().encode


# What feeds write in the place of a seat where they know none or none is numbered: in ASCII, small
# letters, without spaces around. The same words are in native/src/unseated.rs and, by way of
# `store/tickets/identity.py`, in SQL. Another word would give its seats other keys
# (docs/decisions/0013).
SAYS_NOTHING = frozenset(
    {
        *("", "*", "**", "-", "--", "---", "?", "??", "any", "any seat", "best available"),
        *("free seating", "ga", "gen adm", "general", "general admission", "lawn", "multiple"),
        *("n/a", "na", "none", "not available", "not specified", "null", "open seating", "pit"),
        *("sro", "standing", "standing room", "standing room only", "tba", "tbd", "unassigned"),
        *("undisclosed", "unknown", "unnumbered", "unreserved", "unspecified", "varies"),
        *("various",),
    }
)


class Seat(NamedTuple):
    """One seat of one event, as one source offers it.

    Where it says nothing (`says_nothing`), the id of the listing tells it from others; everywhere
    else that is empty.
    """

    event_id: str
    source: str
    section: str
    row: str
    seat: str
    listing_id: str = ""


_decode = msgspec.json.Decoder(Seat).decode
_decode_event = msgspec.json.Decoder(tuple[str]).decode


def seat_key(
    event_id: str, source: str, section: str, row: str, seat: str, listing_id: str | None = None
) -> bytes:
    """The parts as a JSON array: no part can run into the next, and people can read it.

    They are five; where the seat says nothing and the listing has an id, that is the sixth.
    """
    if listing_id and says_nothing(seat) and not says_nothing(listing_id):
        return _encode((event_id, source, section, row, seat, listing_id))
    return _encode((event_id, source, section, row, seat))


def says_nothing(text: str) -> bool:
    """Whether a seat, or the id of a listing, is empty or a word for "not known"."""
    return text.isascii() and text.strip(" ").lower() in SAYS_NOTHING


def is_unnamed(seat: str, listing_id: str | None) -> bool:
    """Whether nothing tells an offer from another of the same row: neither a seat nor a listing."""
    return says_nothing(seat) and says_nothing(listing_id or "")


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
