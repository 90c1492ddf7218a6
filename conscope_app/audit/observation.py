"""What the audit takes for a price event: its own reading of the wire contract."""

from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from conscope_app.audit.believable import (
    CONTROL,
    NotBelievedError,
    check_currency,
    check_time,
    in_utc,
    is_amount,
)
from conscope_app.core.clock import from_epoch_ms
from conscope_app.domains.tickets.records import PriceEvent, RawPrice

_BREAKS = frozenset("\t\n\r")

_decode = msgspec.json.Decoder(RawPrice).decode
T = TypeVar("T")


def read_price(value: bytes | None, appended_ms: int) -> PriceEvent:
    """The price event in a raw record that Kafka stamped so; raises NotBelievedError."""
    if value is None:
        raise NotBelievedError("no value")
    try:
        raw = _decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotBelievedError(str(error)) from error
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
        timestamp=in_utc(raw.timestamp),
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
    check_currency(event.currency)
    check_time(event.timestamp, from_epoch_ms(appended_ms))
    return event


def _first(*candidates: T | UnsetType) -> T:
    for candidate in candidates:
        if candidate is not UNSET:
            return candidate
    raise NotBelievedError("neither a field nor its older name is there")


def _check_texts(event: PriceEvent) -> None:
    for name in event.__struct_fields__:
        text = getattr(event, name)
        if not isinstance(text, str) or text.isprintable():
            continue
        found = CONTROL.intersection(text)
        if found - (_BREAKS if name == "seller_notes" else frozenset()):
            raise NotBelievedError(f"{name} has control characters")


def _check_amounts(event: PriceEvent) -> None:
    if not (is_amount(event.price) and event.price > 0):
        raise NotBelievedError(f"no price: {event.price}")
    for name in ("fees", "total_price"):
        amount = getattr(event, name)
        if amount is not None and not (is_amount(amount) and amount >= 0):
            raise NotBelievedError(f"no amount: {name} {amount}")
