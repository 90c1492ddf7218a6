"""When a watch is true: the price under which it is, and where that comes from.

It is reckoned anew with each observation until an alert is in sight, and then stays what it was
until the alert is over: a drop under yesterday's price lasts as long as the price stays there.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec

from conscope_app.alerting.watches.past import Past
from conscope_app.alerting.watches.watch import Drop, Low, Target, When

_HUNDRED = Decimal(100)


class Threshold(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The price at which a watch is true, or under which: what was asked for, under what."""

    price: Decimal
    or_equal: bool
    asked: str
    baseline: Decimal | None = None  # what a drop is measured from
    baseline_name: str = ""
    currency: str = ""  # empty: of an alert that was raised before it was kept here

    def is_met_by(self, price: Decimal) -> bool:
        """Whether a price is low enough."""
        return price <= self.price if self.or_equal else price < self.price

    def compare(self, price: Decimal) -> str:
        """How a price stands to it, in words."""
        if not self.baseline:
            return f"{_said(price, self.currency)}, asked for {self.asked}"
        percent = (self.baseline - price) / self.baseline * _HUNDRED
        side = "under" if percent >= 0 else "over"
        return (
            f"{abs(percent):.1f}% {side} {self.baseline_name} "
            f"{_said(self.baseline, self.currency)}, asked for {self.asked}"
        )


class Unknown(NamedTuple):
    """There is nothing yet to measure from."""

    reason: str


def threshold(
    when: When, past: Past | None, told: Decimal | None, now: datetime
) -> Threshold | Unknown:
    """The threshold before an observation is taken in: the lowest of all that are asked for.

    `told` is the price told last.
    """
    if when.drop is None and when.low is None:
        assert when.target is not None, "a watch has a condition"
        return _target(when.target, when.currency)
    if past is None:
        return Unknown("the first price seen: nothing to compare it with")
    currency = when.currency
    thresholds = [] if when.target is None else [_target(when.target, currency)]
    for found in (
        None if when.drop is None else _drop(when.drop, past, told, now, currency),
        None if when.low is None else _low(when.low, past, now, currency),
    ):
        if isinstance(found, Unknown):
            return found
        if found is not None:
            thresholds.append(found)
    return min(thresholds, key=_strictness)


def _strictness(threshold: Threshold) -> tuple[Decimal, bool]:
    return threshold.price, threshold.or_equal


def _said(amount: Decimal, currency: str) -> str:
    return f"{amount} {currency}".rstrip()


def _target(target: Target, currency: str) -> Threshold:
    asked = f"at most {_said(target.at_most, currency)}"
    return Threshold(target.at_most, True, asked, currency=currency)


def _low(low: Low, past: Past, now: datetime, currency: str) -> Threshold | Unknown:
    if low.nth > 1:
        if len(past.lows) < low.nth:
            return Unknown(f"fewer than {low.nth} different prices so far")
        price = past.lows[low.nth - 1]
        asked = f"at most the low number {low.nth}, {_said(price, currency)}"
        return _low_again(price, asked, past, currency)
    lowest, name = _lowest(low, past, now)
    if lowest is None:
        return Unknown(f"no price in the last {low.days} days")
    named = f"{name} {_said(lowest, currency)}"
    if low.or_equal:
        return _low_again(lowest, f"at most {named}", past, currency)
    return Threshold(lowest, False, f"less than {named}", currency=currency)


def _low_again(price: Decimal, asked: str, past: Past, currency: str) -> Threshold:
    """A low that may be an old one. What stays where it was has not become low again."""
    if price < past.previous:
        return Threshold(price, True, asked, currency=currency)
    asked = f"{asked}, and less than before"
    return Threshold(past.previous, False, asked, currency=currency)


def _lowest(low: Low, past: Past, now: datetime) -> tuple[Decimal | None, str]:
    if low.days is None:
        return past.lows[0], "the lowest so far,"
    return past.low_since(_first_day(low.days, now)), f"the lowest of {low.days} days,"


def _drop(
    drop: Drop, past: Past, told: Decimal | None, now: datetime, currency: str
) -> Threshold | Unknown:
    baseline, name = _baseline(drop, past, told, now)
    if baseline is None:
        return Unknown(f"no price to compare with: {name}")
    if baseline <= 0:
        return Unknown(f"nothing is under {name}, {_said(baseline, currency)}")
    asked, prices = [], []
    if drop.percent is not None:
        asked.append(f"{drop.percent}%")
        prices.append(baseline * (_HUNDRED - drop.percent) / _HUNDRED)
    if drop.amount is not None:
        asked.append(_said(drop.amount, currency))
        prices.append(baseline - drop.amount)
    return Threshold(min(prices), True, " and ".join(asked), baseline, name, currency)


def _baseline(
    drop: Drop, past: Past, told: Decimal | None, now: datetime
) -> tuple[Decimal | None, str]:
    if drop.than == "previous":
        return past.previous, "the previous price"
    if drop.than == "last_told":
        return told, "the price told last"
    if drop.than == "all_time_low":
        return past.lows[0], "the lowest price so far"
    return past.median_since(_first_day(drop.days, now)), f"the median of {drop.days} days"


def _first_day(days: int, now: datetime) -> date:
    return (now.astimezone(UTC) - timedelta(days=days)).date()
