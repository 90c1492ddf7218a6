"""What a raw price must be to be believed; everything else is refused with a reason."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NoReturn

import msgspec
from msgspec import UNSET

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.money import is_believable, is_currency
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.records import PriceEvent, RawPrice, as_utc

# A price event is a few hundred bytes. What is larger than this cannot be one, and would not fit
# back on its topic with the headers that a re-keyed record carries.
MAX_RECORD_BYTES = 256 * 1024

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)

# A later timestamp would silence its seat: everything that is really newer would count as late.
MAX_AHEAD = timedelta(minutes=5)

# As numbers: `in` finds a byte several times as fast as bytes of length one.
_ESCAPE, _DEL = ord("\\"), 0x7F

CONTROL = re.compile("[\x00-\x1f\x7f]")
_CONTROL_IN_NOTES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TEXT_FIELDS = (
    "event_id",
    "event_name",
    "venue",
    "event_date",
    "source",
    "section",
    "row",
    "seat",
    "listing_id",
    "listing_url",
    "delivery_method",
    "currency",
)


class _StrictRawPrice(RawPrice, forbid_unknown_fields=True):
    """The same record, where a field that is not ours is an error: how they are noticed."""


_decode_strictly = msgspec.json.Decoder(_StrictRawPrice).decode
_decode_leniently = msgspec.json.Decoder(RawPrice).decode
_decode_object = msgspec.json.Decoder(dict[str, object]).decode
_KNOWN_FIELDS = frozenset(RawPrice.__struct_fields__)


def read(value: bytes | None, recorded_ms: int) -> tuple[RawPrice, int]:
    """Decode and validate one raw price: it, and how many of the record's fields were not ours.

    The raw price is in its canonical spelling, with nothing under an older name any more: encoded,
    it is a `PriceEvent`.

    `recorded_ms` is Kafka's own time of the record, in milliseconds since 1970: the "now" of every
    rule, so that a replay decides the same. Raises `Refused`.
    """
    if value is None:
        raise Refused(Reason.NO_VALUE, "the record has no value")
    if len(value) > MAX_RECORD_BYTES:
        raise Refused(Reason.TOO_LONG, f"the record has {len(value)} bytes")
    unknown_fields = 0
    try:
        raw: RawPrice = _decode_strictly(value)
    except msgspec.ValidationError as error:
        if "unknown field" not in str(error):
            refuse_field(error)
        raw, unknown_fields = _read_with_unknown_fields(value)
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_TEXT, f"the value is not UTF-8: {error.reason}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(Reason.NOT_JSON, f"the value is not JSON: {error}") from None
    _normalise(raw, recorded_ms)
    # Inside JSON a control character can only stand as an escape, DEL also as itself.
    if _ESCAPE in value or _DEL in value:
        _check_text(raw)
    return raw, unknown_fields


def validate(value: bytes | None, recorded_ms: int) -> PriceEvent:
    """One raw price as a price event. Raises `Refused`."""
    raw, _ = read(value, recorded_ms)
    return PriceEvent(**{name: getattr(raw, name) for name in PriceEvent.__struct_fields__})


def _read_with_unknown_fields(value: bytes) -> tuple[RawPrice, int]:
    try:
        raw = _decode_leniently(value)
        return raw, len(_decode_object(value).keys() - _KNOWN_FIELDS)
    except msgspec.ValidationError as error:
        refuse_field(error)
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_TEXT, f"the value is not UTF-8: {error.reason}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(Reason.NOT_JSON, f"the value is not JSON: {error}") from None


def refuse_field(error: msgspec.ValidationError) -> NoReturn:
    """Refuse a record of ours for what msgspec says of one of its fields."""
    message = str(error)
    if "missing required field" in message:
        raise Refused(Reason.MISSING_FIELD, message) from None
    if "length" in message:
        reason = Reason.TOO_LONG if "length <=" in message else Reason.MISSING_FIELD
        raise Refused(reason, message) from None
    if "RFC3339" in message or "datetime" in message:
        raise Refused(Reason.BAD_TIMESTAMP, message) from None
    if "decimal" in message.lower():
        reason = Reason.BAD_PRICE if "$.price" in message else Reason.BAD_AMOUNT
        raise Refused(reason, message) from None
    raise Refused(Reason.WRONG_TYPE, message)


def _normalise(raw: RawPrice, recorded_ms: int) -> None:
    if raw.event_date is UNSET:
        if raw.date is UNSET:
            raise Refused(Reason.MISSING_FIELD, "Object missing required field `event_date`")
        raw.event_date = raw.date
    if raw.listing_url is None and raw.url is not UNSET:
        raw.listing_url = raw.url
    raw.date = raw.url = UNSET
    if raw.currency != "USD":
        raw.currency = raw.currency.upper()
        if not is_currency(raw.currency):
            raise Refused(Reason.BAD_CURRENCY, f"{raw.currency!r} is no currency code")
    if not is_believable(raw.price) or not raw.price:
        raise Refused(Reason.BAD_PRICE, f"the price {raw.price} is not believable")
    _check_amount("fees", raw.fees)
    _check_amount("total_price", raw.total_price)
    raw.timestamp = seen_at(raw.timestamp, recorded_ms)


def _check_amount(name: str, amount: Decimal | None) -> None:
    if amount is not None and not is_believable(amount):
        raise Refused(Reason.BAD_AMOUNT, f"the {name} {amount} are not believable")


def seen_at(timestamp: datetime, recorded_ms: int) -> datetime:
    """When something was seen, in UTC. Raises `Refused` for what cannot be believed."""
    try:
        moment = as_utc(timestamp)
    except OverflowError:
        raise Refused(Reason.BAD_TIMESTAMP, f"{timestamp} has no UTC time") from None
    if moment < EARLIEST:
        raise Refused(Reason.BAD_TIMESTAMP, f"{moment.isoformat()} is before 1900")
    if moment > from_epoch_ms(recorded_ms) + MAX_AHEAD:
        raise Refused(
            Reason.TIMESTAMP_IN_FUTURE,
            f"{moment.isoformat()} is over {MAX_AHEAD.seconds // 60} minutes ahead of Kafka's time",
        )
    return moment


def _check_text(raw: RawPrice) -> None:
    for name in _TEXT_FIELDS:
        text = getattr(raw, name)
        if text and CONTROL.search(text):
            raise Refused(Reason.CONTROL_CHARACTER, f"{name} holds a control character")
    if raw.seller_notes and _CONTROL_IN_NOTES.search(raw.seller_notes):
        raise Refused(Reason.CONTROL_CHARACTER, "seller_notes holds a control character")
