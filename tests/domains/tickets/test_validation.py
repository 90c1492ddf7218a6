import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.validation import MAX_RECORD_BYTES, read, validate
from tests.factories import NOON, a_price, a_value

NOW_MS = to_epoch_ms(NOON)


def test_a_raw_price_keeps_its_exact_amount() -> None:
    """The digits on the wire are the price; no float rounds them on the way."""
    event = validate(b"%s" % a_value().replace(b"100.00", b"99.99000000000001"), NOW_MS)

    assert event.price == Decimal("99.99000000000001")


def test_old_names_are_accepted() -> None:
    """`date` stands for `event_date`, `url` for `listing_url`."""
    event = validate(a_value(event_date=..., date="2027-01-01", url="https://a.example/1"), NOW_MS)

    assert event.event_date == "2027-01-01"
    assert event.listing_url == "https://a.example/1"


def test_a_time_without_offset_is_utc() -> None:
    """Vendors send UTC without saying so."""
    event = validate(a_value(timestamp="2026-11-20T11:00:00"), NOW_MS)

    assert event.timestamp == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_unknown_fields_are_kept_out_and_counted() -> None:
    """A field that is not ours is never an error."""
    _, unknown_fields = read(a_value(colour="red", mood=[1, 2]), NOW_MS)

    assert unknown_fields == 2


def test_a_lower_case_currency_is_meant() -> None:
    """`eur` is EUR."""
    assert validate(a_value(currency="eur"), NOW_MS).currency == "EUR"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"price": ...}, Reason.MISSING_FIELD, id="no price"),
        pytest.param({"event_date": ...}, Reason.MISSING_FIELD, id="no date under either name"),
        pytest.param({"event_id": ""}, Reason.MISSING_FIELD, id="empty event"),
        pytest.param({"price": 0}, Reason.BAD_PRICE, id="price of nothing"),
        pytest.param({"price": -5}, Reason.BAD_PRICE, id="negative price"),
        pytest.param({"price": "NaN"}, Reason.BAD_PRICE, id="not a number"),
        pytest.param({"price": "much"}, Reason.BAD_PRICE, id="no number at all"),
        pytest.param({"price": 10**16}, Reason.BAD_PRICE, id="beyond any price"),
        pytest.param({"price": None}, Reason.BAD_PRICE, id="null price"),
        pytest.param({"fees": -1}, Reason.BAD_AMOUNT, id="negative fees"),
        pytest.param({"total_price": "Infinity"}, Reason.BAD_AMOUNT, id="infinite total"),
        pytest.param({"event_name": 5}, Reason.WRONG_TYPE, id="a number for a name"),
        pytest.param({"venue": "x" * 513}, Reason.TOO_LONG, id="over-long text"),
        pytest.param({"seller_notes": "x" * 300_000}, Reason.TOO_LONG, id="huge record"),
        pytest.param({"section": "a\x00b"}, Reason.CONTROL_CHARACTER, id="NUL"),
        pytest.param({"section": "a\x7fb"}, Reason.CONTROL_CHARACTER, id="DEL"),
        pytest.param({"venue": "a\nb"}, Reason.CONTROL_CHARACTER, id="a line break in a name"),
        pytest.param({"currency": "$"}, Reason.BAD_CURRENCY, id="no currency code"),
        pytest.param({"timestamp": "yesterday"}, Reason.BAD_TIMESTAMP, id="no time"),
        pytest.param({"timestamp": "0001-01-01T00:00:00Z"}, Reason.BAD_TIMESTAMP, id="year 1"),
        pytest.param(
            {"timestamp": "0001-01-01T00:00:00+14:00"}, Reason.BAD_TIMESTAMP, id="before time"
        ),
        pytest.param(
            {"timestamp": NOON + timedelta(minutes=5, seconds=1)},
            Reason.TIMESTAMP_IN_FUTURE,
            id="over five minutes ahead",
        ),
    ],
)
def test_a_bad_field_is_refused_with_its_reason(fields: dict[str, Any], reason: Reason) -> None:
    """Each kind of mistake has its own word, to be counted by."""
    with pytest.raises(Refused) as refused:
        read(a_value(**fields), NOW_MS)

    assert refused.value.reason is reason
    assert refused.value.message


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, Reason.NO_VALUE, id="null"),
        pytest.param(b"", Reason.NOT_JSON, id="empty"),
        pytest.param(b"{", Reason.NOT_JSON, id="cut off"),
        pytest.param(b"\x00\x01", Reason.NOT_JSON, id="binary"),
        pytest.param(b"[]", Reason.WRONG_TYPE, id="an array"),
        pytest.param(b"[" * 100_000, Reason.WRONG_TYPE, id="deep nesting"),
        pytest.param(b'{"event_id":"\xff"}', Reason.NOT_TEXT, id="not UTF-8"),
        pytest.param(b'{"x":' + b"[" * 100_000, Reason.NOT_JSON, id="deep nesting in a field"),
        pytest.param(b" " * (MAX_RECORD_BYTES + 1), Reason.TOO_LONG, id="too many bytes"),
    ],
)
def test_bytes_that_are_no_raw_price_are_refused(value: bytes | None, reason: Reason) -> None:
    """Whatever arrives, the answer is a refusal, never another exception."""
    with pytest.raises(Refused) as refused:
        read(value, NOW_MS)

    assert refused.value.reason is reason


def test_five_minutes_ahead_are_forgiven() -> None:
    """Clocks differ; what is a little ahead is taken."""
    event = validate(a_value(timestamp=NOON + timedelta(minutes=5)), NOW_MS)

    assert event.timestamp > NOON


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(value: bytes) -> None:
    """A fuzzer's bytes are refused like any others."""
    with pytest.raises(Refused):
        read(value, NOW_MS)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.sampled_from(sorted(a_price())), json_values)
def test_any_json_in_any_field_is_read_or_refused(field: str, value: Any) -> None:
    """No value of any type in any field raises anything but a refusal."""
    raw = json.dumps({**json.loads(a_value()), field: value}).encode()
    try:
        valid, _ = read(raw, NOW_MS)
    except Refused as refused:
        assert refused.message
    else:
        assert valid.price > 0
