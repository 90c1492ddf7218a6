"""Records of other versions: what a rolling restart has workers read of each other."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.domains.tickets.records import (
    Drop,
    Movement,
    PriceAlert,
    PriceEvent,
    ProcessedPrice,
    decode_alert,
    decode_processed,
    encode,
    joined,
)
from conscope_app.domains.tickets.validation import read, validate
from tests.factories import NOON, ARecord, a_price, a_value

PROCESSED = ProcessedPrice(
    **a_price(),
    id="raw_prices-0-1",
    kind="drop",
    old_price=Decimal(125),
    change=Decimal(-25),
    change_percent=Decimal(-20),
)
ALERT = PriceAlert(
    **a_price(),
    id="raw_prices-0-1",
    old_price=Decimal(125),
    new_price=Decimal(100),
    drop_amount=Decimal(25),
    drop_percent=Decimal(20),
    alert_timestamp=NOON,
)

each_record = pytest.mark.parametrize(
    ("record", "decode"),
    [
        pytest.param(PROCESSED, decode_processed, id="processed price"),
        pytest.param(ALERT, decode_alert, id="alert"),
    ],
)


@each_record
def test_a_newer_versions_fields_are_left_out(
    record: PriceEvent, decode: Callable[[bytes], PriceEvent]
) -> None:
    """A sink that has not been restarted yet reads what a newer detector writes."""
    newer = {**json.loads(encode(record)), "seller_rating": {"stars": 4}, "aisle": None}

    assert decode(json.dumps(newer).encode()) == record


@each_record
def test_an_older_versions_record_lacks_only_what_has_a_default(
    record: PriceEvent, decode: Callable[[bytes], PriceEvent]
) -> None:
    """A sink that was restarted first reads what waits since before: a new field has a default."""
    older: dict[str, Any] = json.loads(encode(record))
    for name in ("fees", "listing_url", "quantity", "currency"):
        older.pop(name)

    assert decode(json.dumps(older).encode()) == record


def test_a_newer_sources_fields_are_counted_and_left_out() -> None:
    """A source may be ahead of us, too."""
    now = ARecord(None, None).timestamp

    _, unknown_fields = read(a_value(seat_map="north"), now)

    assert unknown_fields == 1
    assert validate(a_value(seat_map="north"), now) == validate(a_value(), now)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(a_value(), id="as we write it"),
        pytest.param(
            a_value(event_date=None, date="2026-12-24", url="https://example.com/"),
            id="with older names beside ours",
        ),
        pytest.param(a_value(event_name='a "quoted" }\u00e9 name', seller_notes=None), id="text"),
    ],
)
def test_what_is_joined_is_what_would_be_encoded_as_a_whole(value: bytes) -> None:
    """The detector encodes a price event once for both records that are made of it."""
    now = ARecord(None, None).timestamp
    raw, _ = read(value, now)
    event = {name: getattr(raw, name) for name in PriceEvent.__struct_fields__}
    for whole, part in ((PROCESSED, Movement), (ALERT, Drop)):
        more = {name: getattr(whole, name) for name in part.__struct_fields__}

        assert joined(encode(raw), part(**more)) == encode(type(whole)(**event, **more))
