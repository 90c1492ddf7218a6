"""Raw prices as hypothesis makes them up: mostly plain, and odd in one or two of all ways."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.pricing import LastSeen, encode_last_seen
from conscope_app.domains.tickets.records import encode
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.domains.tickets.tracking import REKEYED_FROM
from tests.domains.tickets.oddities import ODDITIES, SEAT_FIELDS
from tests.factories import NOON, ARecord, a_price, a_record

SEATS = ("1", "2", "Ä 3")
_UNSEATED = ("", "GA", " Unknown ", "n/a", "General  Admission", "\u212a")
_prices = st.decimals(0, 10**13, places=3).map(str) | st.integers(1, 10**12).map(str)
_oddities = st.sampled_from(ODDITIES) | st.tuples(st.just("price"), _prices)
_spaces = st.sampled_from(("", "", "", " ", "\n", "\t \r\n", "\x0b", "\xa0"))
_bytes = st.sampled_from([b'"', b"\\", b"{", b"}", b",", b":", b"0", b".", b"\x00", b"\x7f", b""])
_damages = st.tuples(
    st.floats(0, 1, exclude_max=True), st.integers(0, 2), _bytes | st.binary(max_size=2)
)


@st.composite
def _values(draw: st.DrawFn, seat: str) -> tuple[dict[str, str], bytes]:
    """A raw price by field, and its JSON, which may be damaged."""
    timestamp = NOON + timedelta(seconds=draw(st.integers(-2, 2)))
    price = Decimal(draw(st.integers(9_980, 10_020))).scaleb(-2)
    full = a_price(seat=seat, price=price, timestamp=timestamp)
    full |= draw(st.sampled_from(({}, {"fees": Decimal("1.50"), "quantity": 2, "currency": "EUR"})))
    full |= draw(st.sampled_from(({}, {}, {"listing_id": "l-1"}, {"listing_id": "tbd"})))
    return draw(odd_values(full, _oddities))


@st.composite
def odd_values(
    draw: st.DrawFn, full: dict[str, Any], oddities: st.SearchStrategy[tuple[str, str | None]]
) -> tuple[dict[str, str], bytes]:
    """An object by field with up to two oddities, and its JSON, which may be damaged."""
    fields = tokens(full)
    for name, token in draw(st.lists(oddities, max_size=2)):
        put(fields, name, token)
    pairs = list(fields.items())
    if draw(st.integers(0, 4)) == 0:
        pairs = draw(st.permutations(pairs + pairs[: draw(st.integers(0, 1))]))
    space = draw(_spaces)
    inner = f",{space}".join(f'"{name}"{space}:{space}{token}' for name, token in pairs)
    value = f"{space}{{{space}{inner}{space}}}{space}".encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 5)) == 0:
        for where, cut, more in draw(st.lists(_damages, max_size=2)):
            at = int(where * len(value))
            value = value[:at] + more + value[at + cut :]
    return fields, value


def tokens(fields: dict[str, Any]) -> dict[str, str]:
    """A record by field, each as its JSON."""
    return {name: encode(value).decode() for name, value in fields.items()}


def put(fields: dict[str, str], name: str, token: str | None) -> None:
    """Put other JSON in the place of a field; it comes last then."""
    fields.pop(name, None)
    if token is not None:
        fields[name] = token


def own_key(fields: dict[str, str]) -> bytes | None:
    """The seat key of a raw price, where it has one."""
    try:
        listing_id = json.loads(fields.get("listing_id", "null"))
        parts = [json.loads(fields[name]) for name in SEAT_FIELDS]
        return seat_key(*parts, listing_id)
    except (KeyError, ValueError, AttributeError):
        return None


@st.composite
def odd_records(draw: st.DrawFn) -> ARecord:
    """A record, nearly always under the key that it ought to have."""
    seat = draw(st.sampled_from(SEATS) | st.sampled_from(SEATS) | st.sampled_from(_UNSEATED))
    fields, value = draw(_values(seat))
    dice = draw(st.integers(0, 30))
    return ARecord(
        key=own_key(fields) if dice else draw(st.none() | st.binary(max_size=3)),
        value=value if dice != 1 else None,
        topic="raw_prices" if dice != 2 else draw(st.sampled_from(("raw.prices-2", 'a"b', "é"))),
        partition=0 if dice != 3 else draw(st.integers(-(2**31), 2**31)),
        offset=draw(st.integers(0, 2**63 - 1)),
        timestamp=to_epoch_ms(NOON) + draw(clock_errors),
        headers=((REKEYED_FROM, b"1-2"),) if dice in (4, 5) else (),
    )


clock_errors = st.sampled_from(
    (0, 0, 0, 1, 999, -1_000, -400_000, 10**12, 10**15, -(10**13), 2**62)
)


def key_of(seat: str) -> bytes:
    """The seat key of one of `SEATS`."""
    key = a_record(seat=seat).key
    assert key is not None
    return key


_held_prices = st.sampled_from(
    ("100.00", "100", "0.000001", "0", "1E+2", "1E-7", "999999999999.999999", "-5", "1e15", "NaN")
).map(Decimal)
_good_rows = st.builds(
    LastSeen,
    _held_prices,
    st.sampled_from(("USD", "EUR", "", "Ü", "X" * 40)),
    st.sampled_from((NOON, NOON.replace(microsecond=1), NOON.replace(year=1900))),
).map(encode_last_seen)


@st.composite
def _damaged_rows(draw: st.DrawFn) -> bytes:
    row = draw(_good_rows)
    at = draw(st.integers(0, len(row)))
    return row[:at] + draw(st.binary(max_size=2)) + row[at + draw(st.integers(0, 2)) :]


_other_rows: st.SearchStrategy[Any] = st.sampled_from(
    (
        msgspec.msgpack.encode([Decimal("100.00"), "USD", "2026-11-20T12:00:00Z"]),
        msgspec.msgpack.encode([Decimal("100.00"), "USD", NOON.replace(tzinfo=None)]),
        msgspec.msgpack.encode([100, "USD", NOON]),
        msgspec.msgpack.encode(["100.00", "USD", NOON, "more"]),
        msgspec.msgpack.encode(["0100.00", "USD", NOON.replace(year=9999)]),
        "a text",
        OSError("too many open files"),
        ValueError("no"),
    )
)
# What the table holds of a seat: a row, none, or an exception that is raised for it.
rows = st.none() | _good_rows | _good_rows | _damaged_rows() | _other_rows
