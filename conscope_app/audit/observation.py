"""What the audit takes for a price event: its own reading of the wire contract."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from conscope_app.core.clock import from_epoch_ms
from conscope_app.domains.tickets.records import PriceEvent, RawPrice

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(minutes=5)
_LARGEST = 10**15
_FINEST = -18
_CONTROL = frozenset(map(chr, (*range(0x20), 0x7F)))
_BREAKS = frozenset("\t\n\r")
_A_TO_Z = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

_decode = msgspec.json.Decoder(RawPrice).decode
T = TypeVar("T")


class NotAPriceError(Exception):
    """The bytes are no price event that may be believed."""


def read_price(value: bytes | None, appended_ms: int) -> PriceEvent:
    """The price event in a raw record that Kafka stamped so; raises NotAPriceError."""
    if value is None:
        raise NotAPriceError("no value")
    try:
        raw = _decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotAPriceError(str(error)) from error
    event = PriceEvent(
        event_id=raw.event_id,
        event_name=raw.event_name,
        venue=raw.venue,
        event_date=_first(raw.event_date, raw.date),
        source=raw.source,
        section=raw.section,
        row=raw.row,
        seat=raw.seat,
        price=raw.price,
        fees=raw.fees,
        total_price=raw.total_price,
        timestamp=_in_utc(raw.timestamp),
        listing_id=raw.listing_id,
        # A listing_url that is null cannot be told from one that is absent.
        listing_url=_first(UNSET if raw.listing_url is None else raw.listing_url, raw.url, None),
        quantity=raw.quantity,
        delivery_method=raw.delivery_method,
        seller_notes=raw.seller_notes,
        currency=raw.currency.upper(),
    )
    _check_texts(event)
    _check_amounts(event)
    _check_currency(event.currency)
    _check_time(event.timestamp, from_epoch_ms(appended_ms))
    return event


def _first(*candidates: T | UnsetType) -> T:
    for candidate in candidates:
        if candidate is not UNSET:
            return candidate
    raise NotAPriceError("neither a field nor its older name is there")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise NotAPriceError("the timestamp lies outside the calendar") from error


def _check_texts(event: PriceEvent) -> None:
    for name in event.__struct_fields__:
        text = getattr(event, name)
        if not isinstance(text, str) or text.isprintable():
            continue
        found = _CONTROL.intersection(text)
        if found - (_BREAKS if name == "seller_notes" else frozenset()):
            raise NotAPriceError(f"{name} has control characters")


def _check_amounts(event: PriceEvent) -> None:
    if not (_is_amount(event.price) and event.price > 0):
        raise NotAPriceError(f"no price: {event.price}")
    for name in ("fees", "total_price"):
        amount = getattr(event, name)
        if amount is not None and not (_is_amount(amount) and amount >= 0):
            raise NotAPriceError(f"no amount: {name} {amount}")


def _is_amount(amount: Decimal) -> bool:
    if not amount.is_finite() or amount > _LARGEST:
        return False
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _FINEST


def _check_currency(code: str) -> None:
    if not (3 <= len(code) <= 8 and _A_TO_Z.issuperset(code)):
        raise NotAPriceError(f"no currency: {code!r}")


def _check_time(observed_at: datetime, appended_at: datetime) -> None:
    if observed_at < _EARLIEST:
        raise NotAPriceError(f"too long ago: {observed_at}")
    if observed_at - appended_at > _AHEAD:
        raise NotAPriceError(f"ahead of Kafka's clock: {observed_at}")
