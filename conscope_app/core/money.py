"""Money is Decimal with a currency; these are the bounds within which an amount is believed."""

import re
from decimal import Context, Decimal

# Fifteen digits before the point hold any price that exists (a trillion of the smallest currency),
# eighteen after it the smallest unit of any traded currency (Ethereum's wei).
MAX_AMOUNT = Decimal(10) ** 15
MAX_FRACTION_DIGITS = 18
_CENT, _TENTH, _WHOLE = Decimal("0.01"), Decimal("0.1"), Decimal(1)
_NOTHING, _HUNDRED = Decimal(0), Decimal(100)
PERCENT_QUANTUM = Decimal("0.0001")
_NO_PERCENT = Decimal("0.0000")

# Two believable amounts differ in at most 34 digits and divide into at most 38: the default context
# of 28 would round a change, or refuse a percentage.
_EXACT = Context(prec=60)

_CURRENCY = re.compile(r"[A-Z]{3,8}")


def is_believable(amount: Decimal) -> bool:
    """Whether an amount is from nothing to `MAX_AMOUNT`, and not finer than any currency."""
    # Most amounts are in cents. Taking one apart costs several times as much as this question.
    is_in = amount.same_quantum
    if is_in(_CENT) or is_in(_TENTH) or is_in(_WHOLE):
        return _NOTHING <= amount <= MAX_AMOUNT
    if not amount.is_finite() or not _NOTHING <= amount <= MAX_AMOUNT:
        return False
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_FRACTION_DIGITS


def is_currency(code: str) -> bool:
    """Whether the text is shaped like an ISO 4217 or exchange currency code (`USD`, `USDT`)."""
    return _CURRENCY.fullmatch(code) is not None


def difference(new: Decimal, old: Decimal) -> Decimal:
    """`new - old`, exact for any two believable amounts."""
    return _EXACT.subtract(new, old)


def total(price: Decimal, fees: Decimal) -> Decimal:
    """`price + fees`, exact for any two believable amounts."""
    return _EXACT.add(price, fees)


def percent_of(part: Decimal, whole: Decimal) -> Decimal:
    """`part` as a percentage of `whole` (which is not zero), with four decimal places."""
    if not part:  # most prices have not moved
        return _NO_PERCENT
    return _EXACT.quantize(_EXACT.divide(_EXACT.multiply(part, _HUNDRED), whole), PERCENT_QUANTUM)
