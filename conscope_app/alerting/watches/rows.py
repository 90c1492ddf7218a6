"""What is kept of a subject, as rows: each a key and a value of bytes, small and on its own.

| key after the subject | value |
|---|---|
| `b` | how far the book has come |
| `i`, item | what an item costs now, by basis and currency |
| `p`, series | what a series has cost: previous, lows, recent |
| `d`, series, day | a day's low and last price of a series |
| `w`, watch | since when, and as what, a watch is followed |
| `l`, watch, item | where an alert stands |
| `g`, item | since when an item is gone, where anybody asks whether it comes back |

A letter that an earlier version does not know is refused by it as a row is of a later format.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from conscope_app.alerting.watches.lives import Life
from conscope_app.alerting.watches.past import Day

# Counted up with every change to a row's Struct that an earlier version could not read; this
# version must go on reading all earlier formats. New fields go last, with a default.
ROW_FORMAT = 1


class Unreadable(ValueError):
    """A row that this version cannot read."""


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How far a book has come: the newest moment and place, and the day it was last swept.

    Where nothing else has changed since, the item that was taken in last says how far that is, and
    this row is not written again.
    """

    now: datetime | None = None
    place: int = -1
    swept: date | None = None
    takes_place_at: datetime | None = None


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An item as it was seen last: its last price of each denomination, and what else is known.

    `taken_at` is the book's own time when it was taken in, at its place.
    """

    at: datetime
    place: int
    prices: Mapping[str, Decimal]
    labels: Mapping[str, str]
    line: str = ""
    first: int | None = None
    last: int | None = None
    units: int = 1
    taken_at: datetime | None = None


class PastHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A past without its days."""

    previous: Decimal
    at: datetime
    lows: tuple[Decimal, ...]
    recent: tuple[Decimal, ...]
    doubted: Decimal | None = None


class Absence(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An item is gone."""

    at: datetime


class Enrolled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A watch that is followed here, in the version it had, and what its decisions say of it."""

    version: int
    meaning: str
    basis: str
    currency: str
    expires_at: datetime | None = None
    expired: bool = False

    def asks_the_same(self, later: "Enrolled | None") -> bool:
        """Whether the same is asked for as before."""
        return later is not None and (later.meaning, later.expired) == (self.meaning, self.expired)


class Series(NamedTuple):
    """One run of comparable prices: of an item, or of the best offer of a scope."""

    scope: str  # empty: of an item
    denomination: str
    item: str  # empty: of the best offer


Row = Head | Item | PastHead | Day | Enrolled | Life | Absence
RowKey = tuple[str, ...]

_encode = msgspec.msgpack.Encoder().encode
_encode_key = msgspec.json.Encoder().encode
_decode_key = msgspec.json.Decoder(tuple[str, ...]).decode
_STRUCTS: dict[str, Any] = {
    "b": Head,
    "i": Item,
    "p": PastHead,
    "d": Day,
    "w": Enrolled,
    "l": Life,
    "g": Absence,
}


class _Formatted(msgspec.Struct, array_like=True, frozen=True):
    """A row with the number of its format."""

    format: int
    row: msgspec.Raw


_decode_formatted = msgspec.msgpack.Decoder(_Formatted).decode
_decoders = {letter: msgspec.msgpack.Decoder(struct) for letter, struct in _STRUCTS.items()}


def encode_key(subject: str, key: RowKey) -> bytes:
    """The bytes of a key; all of a subject's begin with `subject_prefix`."""
    return _encode_key((subject, *key))


def subject_prefix(subject: str) -> bytes:
    """What the keys of a subject's rows, and of no other's, begin with."""
    return _encode_key((subject,))[:-1] + b","


def encode_row(row: Row) -> bytes:
    """The bytes of a row, with its format."""
    return _encode((ROW_FORMAT, row))


def decode(key: bytes, value: bytes) -> tuple[RowKey, Row]:
    """A row with its key (without the subject); raises `Unreadable`."""
    try:
        _, *parts = _decode_key(key)
        formatted = _decode_formatted(value)
        if formatted.format > ROW_FORMAT:
            raise Unreadable(
                f"the row {key!r} has format {formatted.format}, newer than {ROW_FORMAT}"
            )
        row: Row = _decoders[parts[0]].decode(formatted.row)
    except (msgspec.MsgspecError, KeyError, IndexError) as error:
        raise Unreadable(f"the row {key!r} cannot be read: {error}") from error
    return tuple(parts), row
