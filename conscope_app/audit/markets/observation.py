"""What the audit takes for a market snapshot: its own reading of the wire contract."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NoReturn

import msgspec

from conscope_app.audit.believable import (
    CONTROL,
    EARLIEST,
    NotBelievedError,
    check_currency,
    check_time,
    in_utc,
    is_amount,
)
from conscope_app.core.clock import from_epoch_ms
from conscope_app.domains.tickets.market import (
    EventFacts,
    MarketSnapshot,
    Presale,
    decode_snapshot,
)

_LONGEST = 256 * 1024
_MOST_LISTINGS = 10**9
# A day in a year behind it is how vendors spell "not known yet".
_TOO_LATE = datetime(2101, 1, 1, tzinfo=UTC)
_DIGITS = frozenset("0123456789")


def read_snapshot(value: bytes | None, appended_ms: int) -> MarketSnapshot:
    """The snapshot in a raw record that Kafka stamped so; raises NotBelievedError."""
    if value is None or len(value) > _LONGEST:
        raise NotBelievedError("no value, or one that is too long")
    try:
        said = decode_snapshot(value)
        _check_texts(said)
        _check_figures(said)
        observed_at = in_utc(said.observed_at)
        check_time(observed_at, from_epoch_ms(appended_ms))
        currency = said.currency and said.currency.upper()
        if currency is not None:
            check_currency(currency)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotBelievedError(str(error)) from error
    return msgspec.structs.replace(
        said, observed_at=observed_at, currency=currency, facts=_facts(said.facts)
    )


def _refuse(why: str) -> NoReturn:
    raise NotBelievedError(why)


def _check_texts(said: MarketSnapshot) -> None:
    for text in _texts(msgspec.to_builtins(said, builtin_types=(datetime, Decimal))):
        if not text.isprintable() and CONTROL.intersection(text):
            _refuse("control characters")


def _texts(of: object) -> Iterator[str]:
    if isinstance(of, str):
        yield of
    elif isinstance(of, dict):
        for each in of.values():
            yield from _texts(each)
    elif isinstance(of, (list, tuple)):
        for each in of:
            yield from _texts(each)


def _check_figures(said: MarketSnapshot) -> None:
    amounts = [
        amount
        for amount in (said.lowest, said.median, said.average, said.highest)
        if isinstance(amount, Decimal)
    ]
    if not all(is_amount(amount) and amount > 0 for amount in amounts):
        _refuse("no price that can be believed")
    if amounts and said.currency is None:
        _refuse("prices without a currency")
    low, high = said.lowest, said.highest
    if isinstance(low, Decimal) and isinstance(high, Decimal) and low > high:
        _refuse("the lowest price is above the highest")
    if isinstance(said.listing_count, int) and said.listing_count > _MOST_LISTINGS:
        _refuse("too many listings")


def _facts(facts: EventFacts) -> EventFacts:
    if facts.local_date is not None and not _is_day(facts.local_date):
        _refuse("no day")
    if facts.local_time is not None and not _is_time_of_day(facts.local_time):
        _refuse("no time of day")
    return msgspec.structs.replace(
        facts,
        starts_at=_moment(facts.starts_at),
        on_sale_at=_moment(facts.on_sale_at),
        off_sale_at=_moment(facts.off_sale_at),
        presales=tuple(
            Presale(
                name=each.name, starts_at=_moment(each.starts_at), ends_at=_moment(each.ends_at)
            )
            for each in facts.presales
        ),
    )


def _moment(said: datetime | None) -> datetime | None:
    if said is None:
        return None
    moment = in_utc(said)
    if not EARLIEST <= moment < _TOO_LATE:
        _refuse(f"not of these two centuries: {moment}")
    return moment


def _is_day(text: str) -> bool:
    year, month, day = (*text.split("-"), "", "")[:3]
    if len(text) != 10 or not _are_digits(year, 4) or not _are_digits(month + day, 4):
        return False
    try:
        return EARLIEST.date() <= date(int(year), int(month), int(day)) < _TOO_LATE.date()
    except ValueError:
        return False


def _is_time_of_day(text: str) -> bool:
    hour, _, minute = text.partition(":")
    if not _are_digits(hour, 2) or not _are_digits(minute, 2):
        return False
    return int(hour) < 24 and int(minute) < 60


def _are_digits(text: str, count: int) -> bool:
    return len(text) == count and _DIGITS.issuperset(text)
