"""Amounts as people write them: `$1,234.50`, `1.234,50 €`, `CHF 1'234.50`, `39.81`."""

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from conscope_app.core.refusal import Reason, Refused
from conscope_app.sources.files.cells import JsonNumber

DecimalSign = Literal[".", ","]

BLANK = frozenset({"", "-", "–", "—", "n/a", "na", "nan", "null", "none", "nil", "sold out"})
# A sign that several currencies share names none of them.
SIGNS = {
    "$": "USD",
    "us$": "USD",
    "a$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "r$": "BRL",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₺": "TRY",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "¥": "",
    "kr": "",
    "kr.": "",
}
_AMOUNT = re.compile(
    r"(?P<before>[^0-9.,()]*?)\s*"
    r"(?P<number>[.,]?[0-9](?:[0-9.,'’\u00a0\u202f ]*[0-9])?(?:[eE][+-]?[0-9]{1,2})?)"
    r"\s*(?P<after>[^0-9]*)"
)
_BLANKS = str.maketrans("", "", "'’\u00a0\u202f ")
_GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?"),
    ",": re.compile(r"[0-9]{1,3}(?:\.[0-9]{2,3})*\.[0-9]{3}(?:,[0-9]*)?"),
}
_PLAIN = {
    ".": re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,2})?"),
    ",": re.compile(r"[0-9]*,?[0-9]+(?:[eE][+-]?[0-9]{1,2})?"),
}


class Amount(NamedTuple):
    """An amount and the currency written beside it: None for none, "" for a sign of several."""

    value: Decimal
    currency: str | None


def is_blank(text: str) -> bool:
    """Whether the cell says that there is no amount."""
    return text.strip().lower() in BLANK


def parse_amount(text: str, decimal_sign: DecimalSign) -> Amount:
    """The amount and its currency; raises `Refused` with `bad_amount` for anything else."""
    if isinstance(text, JsonNumber):
        return Amount(_decimal(text, text), None)
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise Refused(Reason.BAD_AMOUNT, "no amount")
    before, after = match["before"].strip(), match["after"].strip()
    signs = [character for character in before if character in "-−+"]
    markers = [marker for marker in (before.strip("-−+ "), after) if marker]
    if len(markers) > 1 or len(signs) > 1:
        raise Refused(Reason.BAD_AMOUNT, "no amount: too much beside the number")
    value = _number(match["number"].translate(_BLANKS), decimal_sign, text)
    return Amount(
        value if signs in ([], ["+"]) else -value, _currency(markers[0]) if markers else None
    )


def number_in(text: str) -> str | None:
    """The digits and signs of an amount, without blanks; None where the text is no amount."""
    match = _AMOUNT.fullmatch(text.strip())
    return None if match is None else match["number"].translate(_BLANKS)


def _number(number: str, decimal_sign: DecimalSign, text: str) -> Decimal:
    group = "," if decimal_sign == "." else "."
    if _GROUPED[decimal_sign].fullmatch(number):
        number = number.replace(group, "")
    elif not _PLAIN[decimal_sign].fullmatch(number):
        raise Refused(Reason.BAD_AMOUNT, f"no amount with the decimal sign {decimal_sign!r}")
    return _decimal(number.replace(",", "."), text)


def _decimal(number: str, text: str) -> Decimal:
    try:
        value = Decimal(number)
    except ArithmeticError as error:
        raise Refused(Reason.BAD_AMOUNT, f"no amount: {text[:40]!r}") from error
    if not value.is_finite():
        raise Refused(Reason.BAD_AMOUNT, "no amount: it is not finite")
    return value


def _currency(marker: str) -> str:
    if len(marker) == 3 and marker.isascii() and marker.isalpha():
        return marker.upper()
    try:
        return SIGNS[marker.lower()]
    except KeyError:
        raise Refused(Reason.BAD_AMOUNT, f"no amount: {marker[:40]!r} is no currency") from None
