"""Each way in which a field of a raw price can be odd, or at the edge of what is plain."""

import json

from conscope_app.domains.tickets.records import encode

SEAT_FIELDS = ("event_id", "source", "section", "row", "seat")

_TEXTS = (
    *("", "é", "日本", "😀", "\u2028", "</script>", 'a "quote"', "back\\slash", "a\nline"),
    *("\x7f", "\x00", "\x1f", "x" * 512, "x" * 513, "é" * 512, "é" * 513, "x" * 2_048),
    *("x" * 2_049, "é" * 4_000, "é" * 4_001),
)
AMOUNTS = (
    *("0", "0.00", "0.000000", "-0", "-0.0", "-1", "1", "1.5", "007", "0.5", "00.5", "1.", ".5"),
    *("0.01", "0.000001", "0.0000001", "0.000000000000000001", "1e5", "1E+2", "1e-7", "1.0e1"),
    *("999999999999", "1000000000000", "999999999999.999999", "123456789012.123456"),
    *("1000000000000000", "1000000000000001", "99.99000000000001", "1" * 30, "NaN", "Infinity"),
    *('"12.50"', '"x"', '"NaN"', "null", "true", "[]", "{}", "1 2", "1_000", "+1"),
)
_QUANTITIES = ("0", "1", "2", "1000000", "1000001", "-1", "-0", "01", "1.0", "1e2", '"2"', "null")
_SEATS = (
    *('"GA"', '"ga "', '" N/A"', '"*"', '"\u017fro"', '"un\u212anown"', '"general admission"'),
)
_CURRENCIES = (
    *('"USD"', '"EUR"', '"usd"', '"eur"', '"US"', '"USDT"', '"ABCDEFGH"', '"ABCDEFGHI"', '""'),
    *("null", '"US1"', '"ÜSD"', '"ßß"', '"U$D"', '" USD"', "1"),
)
_TIMESTAMPS = (
    *("2026-11-20T12:00:00Z", "2026-11-20T12:00:00", "2026-11-20T12:00:00+00:00"),
    *("2026-11-20T12:00:00-00:00", "2026-11-20T13:00:00+01:00", "2026-11-20T12:00:00z"),
    *("2026-11-20t12:00:00Z", "2026-11-20 12:00:00Z", "2026-11-20T12:00:00.5Z"),
    *("2026-11-20T12:00:00.000001Z", "2026-11-20T12:00:00.0000014Z", "2026-11-20T12:00:00.Z"),
    *("2026-11-20T12:00:00.123456+00:00", "2026-11-20T12:00:00.100", "2026-11-20T12:05:00Z"),
    *("2026-11-20T12:05:00.000001Z", "2026-11-20T12:05:01Z", "2026-11-20T11:59:60Z"),
    *("2026-11-20T24:00:00Z", "2026-11-20T11:60:00Z", "2026-02-29T00:00:00Z"),
    *("2024-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-29T23:59:59.999999Z"),
    *("2026-04-31T00:00:00Z", "2026-12-00T00:00:00Z", "2026-13-01T00:00:00Z"),
    *("1900-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "1969-12-31T23:59:59.999999Z"),
    *("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-20", ""),
    *("2026-11-20T12:00Z", "2026-11-20T12:00:00+0000", "+026-11-20T12:00:00Z", "now"),
)
_TEXT_FIELDS = (
    *(*SEAT_FIELDS, "event_name", "venue", "event_date", "listing_id", "listing_url"),
    *("delivery_method", "seller_notes", "date", "url"),
)


def _written(text: str) -> tuple[str, ...]:
    """As msgspec writes it, as those do who escape all that is not ASCII, and as it is."""
    return encode(text).decode(), json.dumps(text), f'"{text}"'


_TEXT_TOKENS = (*dict.fromkeys(token for text in _TEXTS for token in _written(text)), "null", "5")

# A field and the JSON that stands in its place; None leaves it out.
ODDITIES: tuple[tuple[str, str | None], ...] = (
    *((name, token) for name in _TEXT_FIELDS for token in (*_TEXT_TOKENS, None)),
    *((name, token) for name in ("price", "fees", "total_price") for token in (*AMOUNTS, None)),
    *(("seat", token) for token in _SEATS),
    *(("quantity", token) for token in _QUANTITIES),
    *(("currency", token) for token in _CURRENCIES),
    *(("timestamp", f'"{text}"') for text in _TIMESTAMPS),
    *(("timestamp", token) for token in ("null", "0", None)),
    *((name, "1") for name in ("seat_map", "pric", "prices", "price ", "")),
    *(("seat_map", token) for token in ("{}", '{"a": [1]}')),
)
