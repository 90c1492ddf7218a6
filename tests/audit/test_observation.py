"""What the audit takes for a price event."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.audit.believable import NotBelievedError
from conscope_app.audit.observation import read_price

APPENDED_AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
APPENDED_MS = 1_795_341_600_000
FIELDS = {
    "event_id": "e",
    "event_name": "n",
    "venue": "v",
    "event_date": None,
    "source": "s",
    "section": "",
    "row": "",
    "seat": "",
    "price": 1,
    "timestamp": "2026-11-22T10:00:00Z",
}


def value(**changes: Any) -> bytes:
    """A good raw price, changed; a field that is set to Ellipsis is left out."""
    fields = {**FIELDS, **changes}
    return json.dumps({name: said for name, said in fields.items() if said is not ...}).encode()


def test_the_append_time_of_these_tests_is_what_it_says() -> None:
    """The two spellings of the moment agree."""
    assert APPENDED_AT.timestamp() * 1000 == APPENDED_MS


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(None, id="no value"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{" * 5_000, id="nested without end"),
        pytest.param(value() + b" x", id="more after the object"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(value(event_id=""), id="empty event_id"),
        pytest.param(value(source=""), id="empty source"),
        pytest.param(value(seat=...), id="no seat"),
        pytest.param(value(event_date=...), id="no date under either name"),
        pytest.param(value(venue="v" * 513), id="over-long text"),
        pytest.param(value(venue="a\x7fb"), id="a control character"),
        pytest.param(value(event_name="a\nb"), id="a line break outside the notes"),
        pytest.param(value(seller_notes="a\x00"), id="a NUL in the notes"),
        pytest.param(value(price=0), id="price 0"),
        pytest.param(value(price="NaN"), id="price NaN"),
        pytest.param(value(price="1000000000000000.1"), id="price over the largest"),
        pytest.param(value(price="0.0000000000000000001"), id="price finer than any"),
        pytest.param(value(price=None), id="price null"),
        pytest.param(value(fees=-1), id="negative fees"),
        pytest.param(value(total_price="Infinity"), id="infinite total"),
        pytest.param(value(currency="US"), id="short currency"),
        pytest.param(value(currency=None), id="currency null"),
        pytest.param(value(currency="ＵＳＤ"), id="currency in wide letters"),
        pytest.param(value(timestamp="2026-11-22T10:05:00.001Z"), id="ahead of Kafka's clock"),
        pytest.param(value(timestamp="1899-12-31T23:59:59Z"), id="before 1900"),
        pytest.param(value(timestamp="0001-01-01T00:00:00+01:00"), id="before the calendar"),
        pytest.param(value(timestamp="yesterday"), id="no timestamp"),
    ],
)
def test_what_cannot_be_believed_is_no_price(bad: bytes | None) -> None:
    """Each of these belongs into the dead letters."""
    with pytest.raises(NotBelievedError):
        read_price(bad, APPENDED_MS)


@pytest.mark.parametrize(
    ("good", "field", "expected"),
    [
        pytest.param(value(price="1.50"), "price", Decimal("1.5"), id="price as text"),
        pytest.param(value(price=1e15), "price", Decimal(10) ** 15, id="the largest price"),
        pytest.param(value(event_date=..., date="d"), "event_date", "d", id="older name of date"),
        pytest.param(value(date="d"), "event_date", None, id="a null date is a date"),
        pytest.param(value(url="u"), "listing_url", "u", id="older name of url"),
        pytest.param(value(listing_url="l", url="u"), "listing_url", "l", id="both urls"),
        pytest.param(value(currency="eur"), "currency", "EUR", id="currency in small letters"),
        pytest.param(value(seller_notes="a\r\n\tb"), "seller_notes", "a\r\n\tb", id="notes"),
        pytest.param(value(quantity=None), "quantity", None, id="quantity null"),
        pytest.param(value(extra={"a": 1}), "quantity", 1, id="an unknown field"),
        pytest.param(
            value(timestamp="2026-11-22T10:05:00"),
            "timestamp",
            datetime(2026, 11, 22, 10, 5, tzinfo=UTC),
            id="five minutes ahead, without an offset",
        ),
        pytest.param(
            value(timestamp="2026-11-22T12:00:00+02:00"), "timestamp", APPENDED_AT, id="an offset"
        ),
    ],
)
def test_what_the_contract_allows_is_read(good: bytes, field: str, expected: object) -> None:
    """Each of these is a price event with this field."""
    event = read_price(good, APPENDED_MS)

    assert getattr(event, field) == expected
