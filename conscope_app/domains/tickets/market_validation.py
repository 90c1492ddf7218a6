"""What a market snapshot must be to be believed; everything else is refused with a reason."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET

from conscope_app.core.money import is_believable, is_currency
from conscope_app.core.refusal import Reason, Refused
from conscope_app.domains.tickets.market import EventFacts, MarketSnapshot, Presale, decode_snapshot
from conscope_app.domains.tickets.records import as_utc
from conscope_app.domains.tickets.validation import (
    CONTROL,
    EARLIEST,
    MAX_RECORD_BYTES,
    refuse_field,
    seen_at,
)

# Vendors write "not known yet" as a day in the year 9999; a source of ours says null.
LATEST = datetime(2101, 1, 1, tzinfo=UTC)

# No venue holds a hundredth of it, and it fits the column.
MOST_LISTINGS = 1_000_000_000

_AMOUNTS = ("lowest", "median", "average", "highest")
_TIME_OF_DAY = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_snapshot(value: bytes | None, recorded_ms: int) -> MarketSnapshot:
    """Decode and validate one snapshot; its moments are in UTC, its currency in capitals.

    `recorded_ms` is Kafka's own time of the record, the "now" of every rule. Fields that are not
    ours are left out. Raises `Refused`.
    """
    if value is None:
        raise Refused(Reason.NO_VALUE, "the record has no value")
    if len(value) > MAX_RECORD_BYTES:
        raise Refused(Reason.TOO_LONG, f"the record has {len(value)} bytes")
    try:
        snapshot = decode_snapshot(value)
    except msgspec.ValidationError as error:
        refuse_field(error)
    except UnicodeDecodeError as error:
        raise Refused(Reason.NOT_TEXT, f"the value is not UTF-8: {error.reason}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(Reason.NOT_JSON, f"the value is not JSON: {error}") from None
    _check_texts(snapshot)
    _check_numbers(snapshot)
    return msgspec.structs.replace(
        snapshot,
        observed_at=seen_at(snapshot.observed_at, recorded_ms),
        currency=_currency_of(snapshot),
        facts=_facts_of(snapshot.facts),
    )


def _check_numbers(snapshot: MarketSnapshot) -> None:
    amounts = _amounts_of(snapshot)
    for name, amount in amounts.items():
        if not is_believable(amount):
            raise Refused(Reason.BAD_AMOUNT, f"the {name} price {amount} is not believable")
        if not amount:
            raise Refused(Reason.BAD_PRICE, f"the {name} price is 0; where there is none, say null")
    if "lowest" in amounts and "highest" in amounts and amounts["lowest"] > amounts["highest"]:
        raise Refused(
            Reason.BAD_AMOUNT,
            f"the lowest price {amounts['lowest']} is above the highest {amounts['highest']}",
        )
    count = snapshot.listing_count
    if isinstance(count, int) and count > MOST_LISTINGS:
        raise Refused(Reason.BAD_AMOUNT, f"{count} listings are not believable")


def _amounts_of(snapshot: MarketSnapshot) -> dict[str, Decimal]:
    amounts = {name: getattr(snapshot, name) for name in _AMOUNTS}
    return {name: amount for name, amount in amounts.items() if isinstance(amount, Decimal)}


def _currency_of(snapshot: MarketSnapshot) -> str | None:
    if snapshot.currency is None:
        if _amounts_of(snapshot):
            raise Refused(Reason.BAD_CURRENCY, "prices without a currency")
        return None
    currency = snapshot.currency.upper()
    if not is_currency(currency):
        raise Refused(Reason.BAD_CURRENCY, f"{currency!r} is no currency code")
    return currency


def _facts_of(facts: EventFacts) -> EventFacts:
    """The facts with their moments in UTC."""
    if facts.local_date is not None and not _is_day(facts.local_date):
        raise Refused(Reason.BAD_TIMESTAMP, f"the date {facts.local_date!r} is not YYYY-MM-DD")
    if facts.local_time is not None and not _TIME_OF_DAY.fullmatch(facts.local_time):
        raise Refused(Reason.BAD_TIMESTAMP, f"the time {facts.local_time!r} is not HH:MM")
    return msgspec.structs.replace(
        facts,
        starts_at=_moment("starts_at", facts.starts_at),
        on_sale_at=_moment("on_sale_at", facts.on_sale_at),
        off_sale_at=_moment("off_sale_at", facts.off_sale_at),
        presales=tuple(_presale_of(each) for each in facts.presales),
    )


def _presale_of(presale: Presale) -> Presale:
    return msgspec.structs.replace(
        presale,
        starts_at=_moment("presale's starts_at", presale.starts_at),
        ends_at=_moment("presale's ends_at", presale.ends_at),
    )


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None and EARLIEST.date() <= day < LATEST.date()


def _moment(name: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        in_utc = as_utc(moment)
    except OverflowError:
        raise Refused(Reason.BAD_TIMESTAMP, f"the {name} {moment} has no UTC time") from None
    if not EARLIEST <= in_utc < LATEST:
        raise Refused(
            Reason.BAD_TIMESTAMP,
            f"the {name} {in_utc.isoformat()} is not in the years 1900 to 2100",
        )
    return in_utc


def _check_texts(snapshot: MarketSnapshot) -> None:
    for name, text in _texts(snapshot):
        if CONTROL.search(text):
            raise Refused(Reason.CONTROL_CHARACTER, f"{name} holds a control character")


def _texts(of: msgspec.Struct) -> Iterator[tuple[str, str]]:
    """Every text of a snapshot, also of what is in it, with the name of its field."""
    for name in of.__struct_fields__:
        held = getattr(of, name)
        if held is None or held is UNSET:
            continue
        for one in held if isinstance(held, tuple) else (held,):
            if isinstance(one, str):
                yield name, one
            elif isinstance(one, msgspec.Struct):
                yield from _texts(one)
