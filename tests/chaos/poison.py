"""Bad records of every kind, and what each must become. Pure but for the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import msgspec

from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.seat_key import seat_key

EVENT = "chaos-poison"
SOURCE = "chaos"

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Dose(NamedTuple):
    """A record as a foreign sender writes it."""

    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class Kind:
    """A way to be bad. `reason` is None where the record is put right instead: re-keyed.

    `repair` are the fields that make it good again (an empty one: the present moment); None where
    nobody can.
    """

    name: str
    make: Callable[[Random, datetime, str], Dose]
    reason: Reason | None
    repair: Mapping[str, str] | None = None


def fields_of(now: datetime, seat: str, **changed: Any) -> dict[str, Any]:
    """A good price of a seat of its own; a field changed to ... is left out."""
    good = {
        "event_id": EVENT,
        "event_name": "A poisoned concert",
        "venue": "Nowhere Hall",
        "event_date": "2027-05-15T19:00:00Z",
        "source": SOURCE,
        "section": "Floor 2",
        "row": "15",
        "seat": seat,
        "price": Decimal("100.00"),
        "timestamp": now,
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not ...}


def key_of(seat: str) -> bytes:
    """The key of that seat."""
    return seat_key(EVENT, SOURCE, "Floor 2", "15", seat)


def changed(**fields: Any) -> Callable[[Random, datetime, str], Dose]:
    """A good record but for these fields."""

    def make(_dice: Random, now: datetime, seat: str) -> Dose:
        return Dose(key_of(seat), _encode(fields_of(now, seat, **fields)))

    return make


def _bytes(value: bytes | None) -> Callable[[Random, datetime, str], Dose]:
    return lambda _dice, _now, seat: Dose(key_of(seat), value)


def _noise(dice: Random, _now: datetime, seat: str) -> Dose:
    # It begins like no JSON, so that chance cannot make it any.
    return Dose(key_of(seat), b"\xfe" + dice.randbytes(dice.randrange(1, 2_000)))


def _cut_short(_dice: Random, now: datetime, seat: str) -> Dose:
    return Dose(key_of(seat), _encode(fields_of(now, seat))[:-20])


def _huge(dice: Random, now: datetime, seat: str) -> Dose:
    notes = "x" * dice.randrange(300_000, 900_000)
    return Dose(key_of(seat), _encode(fields_of(now, seat, seller_notes=notes)))


def _not_utf8(_dice: Random, now: datetime, seat: str) -> Dose:
    value = _encode(fields_of(now, seat, venue="VENUE")).replace(b"VENUE", b"\xff\xfe")
    return Dose(key_of(seat), value)


def _in_the_future(_dice: Random, now: datetime, seat: str) -> Dose:
    return changed(timestamp=now + timedelta(hours=3))(_dice, now, seat)


def _under(key: bytes | None) -> Callable[[Random, datetime, str], Dose]:
    return lambda _dice, now, seat: Dose(key, _encode(fields_of(now, seat)))


KINDS = (
    Kind("no JSON", _bytes(b"price: 12.50"), Reason.NOT_JSON),
    Kind("noise", _noise, Reason.NOT_JSON),
    Kind("cut short", _cut_short, Reason.NOT_JSON),
    Kind("empty", _bytes(b""), Reason.NOT_JSON),
    Kind("a null value", _bytes(None), Reason.NO_VALUE),
    Kind("neither key nor value", lambda *_: Dose(None, None), Reason.NO_VALUE),
    Kind("JSON, but no object", _bytes(b"[1, 2, 3]"), Reason.WRONG_TYPE),
    Kind("deep", _bytes(b"[" * 100_000), Reason.WRONG_TYPE),
    Kind("huge", _huge, Reason.TOO_LONG, {"seller_notes": "short"}),
    Kind("not UTF-8", _not_utf8, Reason.NOT_TEXT, {"venue": "A Hall"}),
    Kind("a number for a text", changed(venue=5), Reason.WRONG_TYPE, {"venue": "A Hall"}),
    Kind("a field missing", changed(venue=...), Reason.MISSING_FIELD, {"venue": "A Hall"}),
    Kind("a long name", changed(venue="x" * 600), Reason.TOO_LONG, {"venue": "A Hall"}),
    Kind(
        "a control character",
        changed(venue="A\x00Hall"),
        Reason.CONTROL_CHARACTER,
        {"venue": "A Hall"},
    ),
    Kind("a price in words", changed(price="cheap"), Reason.BAD_PRICE, {"price": "55.50"}),
    Kind("a price of nothing", changed(price=0), Reason.BAD_PRICE, {"price": "55.50"}),
    Kind("a negative fee", changed(fees=Decimal(-1)), Reason.BAD_AMOUNT, {"fees": "1.50"}),
    Kind("no currency", changed(currency="$"), Reason.BAD_CURRENCY, {"currency": "USD"}),
    Kind("a time in words", changed(timestamp="now"), Reason.BAD_TIMESTAMP, {"timestamp": ""}),
    Kind(
        "the year 1",
        changed(timestamp="0001-01-01T00:00:00Z"),
        Reason.BAD_TIMESTAMP,
        {"timestamp": ""},
    ),
    Kind(
        "the year 9999",
        changed(timestamp="9999-12-31T23:59:59Z"),
        Reason.TIMESTAMP_IN_FUTURE,
        {"timestamp": ""},
    ),
    Kind("hours ahead", _in_the_future, Reason.TIMESTAMP_IN_FUTURE, {"timestamp": ""}),
    Kind("no key", _under(None), None),
    Kind("another key", _under(b"theirs"), None),
)
