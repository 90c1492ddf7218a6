"""How a price event moved against the last one seen for its seat."""

from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.core.money import difference, percent_of
from conscope_app.domains.tickets.records import Kind

# Counted up with every change to `LastSeen`, so that an older version leaves the rows alone; this
# version must go on reading all earlier formats (docs/decisions/0007).
LAST_SEEN_FORMAT = 1


class LastSeen(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The table's value: the newest observation of a seat. New fields go last, with a default."""

    price: Decimal
    currency: str
    seen_at: datetime


class Move(msgspec.Struct, frozen=True, gc=False):
    """What a price event means against the last one seen; amounts are None where nothing compares.

    `change` is new minus old; `change_percent` is that in percent of the old price.
    """

    kind: Kind
    old_price: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None


_NEW = Move("new", None, None, None)
_encode_last_seen = msgspec.msgpack.Encoder().encode
_decode_last_seen = msgspec.msgpack.Decoder(LastSeen).decode


def observe(price: Decimal, currency: str, seen_at: datetime, last: LastSeen | None) -> Move:
    """Decide how a price moved. Late is what was seen before the observation that is held."""
    if last is None:
        return _NEW
    if seen_at < last.seen_at:
        if currency != last.currency:
            return Move("late", None, None, None)
        return _compare("late", price, last.price)
    if currency != last.currency:
        return _NEW
    if price < last.price:
        return _compare("drop", price, last.price)
    if price > last.price:
        return _compare("rise", price, last.price)
    return _compare("same", price, last.price)


def observe_beside(price: Decimal, currency: str, last: LastSeen) -> Move | None:
    """Decide how a price stands to one of the same moment, where nothing names what was offered.

    Nothing has two prices at once: those are two offers, and neither has moved. Of a moment the
    cheapest is held. None where the prices are the same, or do not compare.
    """
    if currency != last.currency or price == last.price:
        return None
    return _NEW if price < last.price else _compare("late", price, last.price)


def _compare(kind: Kind, price: Decimal, old_price: Decimal) -> Move:
    change = difference(price, old_price)
    return Move(kind, old_price, change, percent_of(change, old_price))


def encode_last_seen(last: LastSeen) -> bytes:
    """The table's bytes of a value."""
    return _encode_last_seen(last)


def decode_last_seen(value: bytes) -> LastSeen:
    """Read the table's bytes back."""
    return _decode_last_seen(value)
