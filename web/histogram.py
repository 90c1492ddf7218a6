"""How many seats are on sale at which price: the steps of a histogram, and its bars. Pure."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from typing import NamedTuple

import msgspec

from conscope_app.store.market.event_prices import Summary

_STEPS_WANTED, _MOST_STEPS = 16, 24
_ROUND = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))

WIDTH, HEIGHT, _GAP = 480, 120, 2
_LEAST_HEIGHT = 2  # something is never drawn as nothing
_TOPS = (1, 2, 3, 4, 5, 6, 8, 10)  # of the scale, which has half of it beside it as well

# Two believable prices divide into at most 38 digits. At the usual 28 a step that is finer than the
# rounding would be made half a million times, of two prices.
_EXACT = Context(prec=60)


class Bin(msgspec.Struct, frozen=True):
    """Seats that cost at least `at_least` and less than `below` (null: or any more)."""

    at_least: Decimal
    below: Decimal | None
    seats: int


class Bar(NamedTuple):
    """A bin as a rectangle of the drawing, which is WIDTH by HEIGHT."""

    x: float
    y: float
    width: float
    height: float
    bin: Bin


def edges(summary: Summary) -> list[Decimal]:
    """Where the steps begin, in round amounts; the last one has no end.

    The dearest twentieth does not stretch them: a seat for a million leaves the others readable.
    """
    lowest, highest, p95 = summary.lowest, summary.highest, summary.p95
    if lowest is None or highest is None or p95 is None:
        return []
    top = p95 if p95 > lowest else highest
    if top == lowest:
        return [lowest]
    with localcontext(_EXACT):
        step = _round_step((top - lowest) / _STEPS_WANTED)
        first = (lowest / step).to_integral_value(ROUND_FLOOR) * step
        if highest < first + _MOST_STEPS * step:
            top = highest
        count = int((top - first) / step) + 1
        return [first + number * step for number in range(count)]


def _round_step(least: Decimal) -> Decimal:
    """The smallest round amount that is at least so much."""
    unit = Decimal(1).scaleb(least.adjusted())
    return next(factor * unit for factor in _ROUND if factor * unit >= least)


def bins(steps: Sequence[Decimal], counts: Sequence[int], highest: Decimal | None) -> list[Bin]:
    """The steps with their seats; the last one has an end where all prices are below it."""
    if not steps:
        return []
    width = steps[1] - steps[0] if len(steps) > 1 else None
    end = None if width is None else _EXACT.add(steps[-1], width)
    last = None if end is None or highest is None or highest >= end else end
    below = [*steps[1:], last]
    return [Bin(*each) for each in zip(steps, below, counts, strict=True)]


def bars(found: Sequence[Bin]) -> list[Bar]:
    """The bins as they are drawn."""
    if not found:
        return []
    top = top_of(found)
    width = WIDTH / len(found)
    drawn = []
    for number, each in enumerate(found):
        height = max(_LEAST_HEIGHT, each.seats / top * HEIGHT) if each.seats else 0.0
        left = number * width + _GAP / 2
        drawn.append(Bar(left, HEIGHT - height, width - _GAP, height, each))
    return drawn


def top_of(found: Sequence[Bin]) -> int:
    """How many seats the height of the drawing stands for: a round, even number."""
    most = max((each.seats for each in found), default=0) or 1
    unit: int = 10 ** (len(str(most)) - 1)
    return next(top for each in _TOPS if (top := each * unit) >= most and top % 2 == 0)
