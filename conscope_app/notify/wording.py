"""Prices and places as people read them, the same in every channel."""

import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal

from conscope_app.alerting.waiting import WaitingAlert

BRAND = "ConScope Price Monitor"
UNKNOWN = "–"  # Discord refuses an empty field

_TENTH = Decimal("0.1")
_CENT = Decimal("0.01")
_EXACT = Context(prec=60)

# Format characters that hold emoji and some scripts together. The others are dropped: one that
# turns the reading direction lets a name pass for another.
_JOINERS = "\u200c\u200d"


def plain(text: str) -> str:
    """A name from outside on one line, without characters that nobody can see."""
    if not text.isprintable():
        text = "".join(map(_visible, text))
    line = " ".join(text.split())
    return line if line.strip(_JOINERS + " ") else UNKNOWN


def amount(value: Decimal, currency: str) -> str:
    """`$1,234.50`, or with its code where it is not in US dollars: `12,000 JPY`."""
    if currency == "USD":
        return f"${_digits(value, at_least_cents=True)}"
    return f"{_digits(value, at_least_cents=False)} {plain(currency)}"


def percent(value: Decimal) -> str:
    """With one decimal place; a drop too small for it is still a drop."""
    rounded = value.quantize(_TENTH, ROUND_HALF_UP, _EXACT)
    return "<0.1%" if rounded == 0 < value else f"{rounded}%"


def price_change(alert: WaitingAlert) -> str:
    """The old price and the new one."""
    return f"{amount(alert.old_price, alert.currency)} → {amount(alert.new_price, alert.currency)}"


def drop(alert: WaitingAlert) -> str:
    """How much cheaper it is, and how much that is of the old price."""
    return f"{amount(alert.drop_amount, alert.currency)} ({percent(alert.drop_percent)})"


def place(alert: WaitingAlert) -> str:
    """`S Row R Seat T`, with only the parts that are known."""
    parts = [alert.section]
    if alert.row.strip():
        parts.append(f"Row {alert.row}")
    if alert.seat.strip():
        parts.append(f"Seat {alert.seat}")
    return plain(" ".join(parts))


def _visible(character: str) -> str:
    if character in _JOINERS:
        return character
    category = unicodedata.category(character)
    if category in ("Cf", "Cs"):
        return ""
    # A control character may be a line's end, or move a terminal's cursor.
    return " " if category in ("Cc", "Zl", "Zp") else character


def _digits(value: Decimal, *, at_least_cents: bool) -> str:
    shortest = value.normalize(_EXACT)
    exponent = shortest.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent >= 0 and not at_least_cents:
        return f"{shortest:,.0f}"
    if exponent > -2:
        return f"{shortest.quantize(_CENT, context=_EXACT):,f}"
    return f"{shortest:,f}"
