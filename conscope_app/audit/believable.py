"""What the audit believes of times, amounts and texts: bounds of its own."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
CONTROL = frozenset(map(chr, (*range(0x20), 0x7F)))

_AHEAD = timedelta(minutes=5)
_LARGEST = 10**15
_FINEST = -18
_A_TO_Z = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class NotBelievedError(Exception):
    """The bytes are nothing that may be believed; the message says why."""


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without an offset is taken as UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise NotBelievedError("the timestamp lies outside the calendar") from error


def is_amount(amount: Decimal) -> bool:
    """Whether it is a number, neither too large nor too fine; it may be below zero."""
    if not amount.is_finite() or amount > _LARGEST:
        return False
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _FINEST


def check_currency(code: str) -> None:
    """Three to eight capital letters."""
    if not (3 <= len(code) <= 8 and _A_TO_Z.issuperset(code)):
        raise NotBelievedError(f"no currency: {code!r}")


def check_time(observed_at: datetime, appended_at: datetime) -> None:
    """Of a time when something was seen: neither long ago nor ahead of Kafka's clock."""
    if observed_at < EARLIEST:
        raise NotBelievedError(f"too long ago: {observed_at}")
    if observed_at - appended_at > _AHEAD:
        raise NotBelievedError(f"ahead of Kafka's clock: {observed_at}")
