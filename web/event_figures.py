"""The arithmetic of an event's page: changes, the trend, and how they are said. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from typing import Literal

import msgspec

from conscope_app.core.money import difference, percent_of
from conscope_app.domains.tickets.watched import takes_place_at
from conscope_app.store.market.event_prices import Summary

Direction = Literal["cheaper", "dearer", "steady", "unknown"]

_TEN, _TENTH = Decimal(10), Decimal("0.1")
_EXACT = Context(prec=60)  # a percentage of two believable amounts has at most 40 digits

# Less than that is no direction: a single seat of many does as much.
_STEADY_PERCENT = Decimal("0.5")


class Change(msgspec.Struct, frozen=True):
    """A price against an earlier one; below zero it has become cheaper."""

    before: Decimal
    amount: Decimal
    percent: Decimal


class Trend(msgspec.Struct, frozen=True):
    """Whether it gets cheaper: by the lowest price since a day ago, or else by what all seats cost.

    `percent` is what the direction was read from; `since` says since when.
    """

    direction: Direction
    percent: Decimal | None
    since: Literal["a day ago", "they were first seen"]


def change_between(now: Decimal | None, before: Decimal | None) -> Change | None:
    """None where one of them is not known, or nothing can be a part of it."""
    if now is None or not before:
        return None
    amount = difference(now, before)
    return Change(before, amount, percent_of(amount, before))


def change_of_sums(now: Sequence[Decimal], before: Sequence[Decimal]) -> Change | None:
    """The same of several prices at once."""
    return change_between(sum(now, Decimal(0)), sum(before, Decimal(0)))


def trend(summary: Summary, day: Change | None) -> Trend:
    """Which way prices go."""
    if day is not None:
        return Trend(_direction(day.percent), day.percent, "a day ago")
    ever = change_between(summary.total, summary.first_total)
    if ever is None:
        return Trend("unknown", None, "they were first seen")
    return Trend(_direction(ever.percent), ever.percent, "they were first seen")


def _direction(percent: Decimal) -> Direction:
    if abs(percent) < _STEADY_PERCENT:
        return "steady"
    return "cheaper" if percent < 0 else "dearer"


def days_to(event_date: str | None, now: datetime) -> int | None:
    """How many midnights of UTC lie between; below zero where it is over. None: not known."""
    begins = None if event_date is None else takes_place_at(event_date)
    return None if begins is None else (begins.date() - now.date()).days


def day_in_words(event_date: str) -> str:
    """`15 May 2027, 19:00 UTC`; a date that is none stays as it was sent.

    A time without an offset is that of the clocks on the spot, and is not called UTC.
    """
    begins = takes_place_at(event_date)
    if begins is None:
        return event_date
    day = f"{begins.day} {begins:%B} {begins.year}"
    if ":" not in event_date:
        return day
    is_placed = datetime.fromisoformat(event_date.strip()).tzinfo is not None
    return f"{day}, {begins:%H:%M}{' UTC' if is_placed else ''}"


def days_in_words(days: int) -> str:
    """`in 12 days`, `tomorrow`, `3 days ago`"""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    return f"in {days:,} days" if days > 0 else f"{-days:,} days ago"


def signed(percent: Decimal) -> str:
    """A percentage with its sign, a real minus; `±0 %` where it rounds to nothing."""
    rounded = percent.quantize(_TENTH, context=_EXACT)
    if not rounded:
        return "±0 %"
    return f"{'−' if rounded < 0 else '+'}{rounded.copy_abs():,} %"


def coarse(amount: Decimal) -> str:
    """A price where there is room for four digits: `128`, `9.5`, `12k`, `0.05`."""
    for size, unit in ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10_000), "k")):
        if amount >= size:
            return f"{amount / (1_000 if unit == 'k' else size):,.0f}{unit}"
    if 0 < amount < 1:
        return f"{amount:.2g}"
    return f"{amount:.0f}" if amount >= _TEN or not amount else f"{amount:.1f}"


def lasting(seconds: float) -> str:
    """`3 d`, `5 h`, `12 min`, `8 s`: as coarse as a person would say it."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:,.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
