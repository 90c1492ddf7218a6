"""How a price moved, in floats: the numbers that a JSON document gives in these frameworks."""

from typing import NamedTuple


class Movement(NamedTuple):
    """Fields of the processed price."""

    kind: str
    old_price: float | None
    change: float | None
    change_percent: float | None


_NEW = Movement("new", None, None, None)


def movement(price: float, old_price: float | None) -> Movement:
    """A price against the last one seen for its seat."""
    if old_price is None:
        return _NEW
    change = round(price - old_price, 2)
    percent = round(change * 100 / old_price, 4)
    kind = "drop" if change < 0 else "rise" if change > 0 else "same"
    return Movement(kind, old_price, change, percent)
