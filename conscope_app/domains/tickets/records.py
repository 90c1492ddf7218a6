"""The records that travel on `raw_prices`, `processed_prices` and `price_alerts`.

Amounts are exact decimals, written as JSON numbers. Times are RFC 3339; one without an offset is
taken as UTC, since vendors send UTC without saying so.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

MAX_NAME = 512
MAX_URL = 2_048
MAX_NOTES = 4_000

Name = Annotated[str, Meta(max_length=MAX_NAME)]
Identity = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Url = Annotated[str, Meta(max_length=MAX_URL)]
Notes = Annotated[str, Meta(max_length=MAX_NOTES)]

Kind = Literal["new", "drop", "rise", "same", "late"]


class RawPrice(msgspec.Struct, gc=False, kw_only=True):
    """A price event as a source sends it: what the wire may hold, before it is believed.

    `date` and `url` are older names of `event_date` and `listing_url`. Fields that are not listed
    here are kept out.
    """

    event_id: Identity
    event_name: Name
    venue: Name
    event_date: Name | UnsetType | None = UNSET
    source: Identity
    section: Name
    row: Name
    seat: Name
    price: Decimal
    fees: Decimal | None = None
    total_price: Decimal | None = None
    timestamp: datetime
    listing_id: Name | None = None
    listing_url: Url | None = None
    quantity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = 1
    delivery_method: Name | None = None
    seller_notes: Notes | None = None
    currency: Name = "USD"
    date: Name | UnsetType | None = UNSET
    url: Url | UnsetType | None = UNSET


class PriceEvent(msgspec.Struct, gc=False, kw_only=True):
    """One observation of one seat by one source at one moment, validated.

    This is the wire contract of `raw_prices` in its canonical spelling. `event_date` is text, as
    vendors also send dates without a time; `timestamp` is aware, in UTC.
    """

    event_id: str
    event_name: str
    venue: str
    event_date: str | None
    source: str
    section: str
    row: str
    seat: str
    price: Decimal
    fees: Decimal | None = None
    total_price: Decimal | None = None
    timestamp: datetime
    listing_id: str | None = None
    listing_url: str | None = None
    quantity: int | None = 1
    delivery_method: str | None = None
    seller_notes: str | None = None
    currency: str = "USD"


class ProcessedPrice(PriceEvent, gc=False, kw_only=True):
    """A price event with its id (that of its raw record) and how it moved against the last one.

    `old_price`, `change` and `change_percent` are null for `new`; for `late` they compare with the
    price held, which stays. `change_percent` has four decimal places.
    """

    id: str
    kind: Kind
    old_price: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None


class PriceAlert(PriceEvent, gc=False, kw_only=True):
    """A drop: the same id as its processed price; `drop_amount` and `drop_percent` are positive.

    `alert_timestamp` is Kafka's timestamp of the raw record, so that a replay gives the same bytes.
    """

    id: str
    old_price: Decimal
    new_price: Decimal
    drop_amount: Decimal
    drop_percent: Decimal
    alert_timestamp: datetime
    alert_type: Literal["price_drop"] = "price_drop"


class Movement(msgspec.Struct, gc=False, kw_only=True):
    """What a processed price says beyond its price event."""

    id: str
    kind: Kind
    old_price: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None


class Drop(msgspec.Struct, gc=False, kw_only=True):
    """What an alert says beyond its price event."""

    id: str
    old_price: Decimal
    new_price: Decimal
    drop_amount: Decimal
    drop_percent: Decimal
    alert_timestamp: datetime
    alert_type: Literal["price_drop"] = "price_drop"


encode = msgspec.json.Encoder(decimal_format="number").encode
decode_processed = msgspec.json.Decoder(ProcessedPrice).decode
decode_alert = msgspec.json.Decoder(PriceAlert).decode


def joined(event: bytes, more: Movement | Drop) -> bytes:
    """An encoded price event and what is said beyond it, as one record: `encode` of the whole.

    Encoding the price event once serves both records that are made of it.
    """
    return event[:-1] + b"," + encode(more)[1:]


def as_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without an offset is taken as UTC."""
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
