"""A watch in words, as its pages show it, part by part; and its state."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from conscope_app.alerting.watches.watch import Drop, Low, Often, Rearm, Sure, To, Watch, What, When
from conscope_app.store.watches.definitions import Stored
from web.templating import moment, money, number, spoken

State = Literal["expired", "waiting", "snoozed", "published"]

SUBJECTS_SHOWN = 3
_BASELINES = {
    "previous": "the previous price",
    "last_told": "the price told last",
    "all_time_low": "the lowest ever",
}


class Words(NamedTuple):
    """One part of a watch: its heading, and what it asks for."""

    heading: str
    phrases: list[str]


def state_of(stored: Stored, now: datetime) -> State:
    """The first of these that holds; `waiting`: running workers have not been told of it yet."""
    to = stored.watch.to
    if to.expires_at is not None and to.expires_at <= now:
        return "expired"
    if not stored.is_published:
        return "waiting"
    if to.snoozed_until is not None and to.snoozed_until > now:
        return "snoozed"
    return "published"


def in_words(watch: Watch, names: Mapping[str, str]) -> list[Words]:
    """All of a watch; `names` are what people call the events, by their ids."""
    return [
        Words("What", [*of_what(watch.what, names)]),
        Words("When", [*of_when(watch.when)]),
        Words("How sure", [*_of_sure(watch.sure)]),
        Words("How often", [*_of_often(watch.often)]),
        Words("To whom", [*_of_to(watch.to)]),
    ]


def of_what(what: What, names: Mapping[str, str]) -> Iterator[str]:
    """Which events, in the first phrase, and which offers."""
    shown = [
        f"{names[each]} ({each})" if each in names else each
        for each in what.subjects[:SUBJECTS_SHOWN]
    ]
    more = len(what.subjects) - len(shown)
    yield ", ".join(shown) + (f" and {more} more" if more else "") if shown else "all events"
    for label, patterns in what.only.items():
        yield f"{label} {' or '.join(patterns)}"
    for label, patterns in what.never.items():
        yield f"never {label} {' or '.join(patterns)}"
    if what.together > 1:
        yield f"{what.together} seats together"
    if what.each == "item":
        yield "each seat by itself"
    least, most = what.days_to_go.at_least, what.days_to_go.at_most
    if least is not None:
        yield f"at least {number(least)} days ahead"
    if most is not None:
        yield f"at most {number(most)} days ahead"


def of_when(when: When) -> Iterator[str]:
    """At which price, and what happens."""
    if when.target is not None:
        yield f"at most {money(when.target.at_most, when.currency)}"
    if when.drop is not None:
        yield _of_drop(when.drop, when.currency)
    if when.low is not None:
        yield _of_low(when.low)
    if when.happens:
        yield f"when it happens: {', '.join(map(spoken, when.happens))}"
    if not when.asks_for_price:
        return
    yield "with all fees" if when.basis == "all_in" else f"{spoken(when.basis)} price"
    yield f"in {when.currency}"
    if when.on_create:
        yield "also what is so already"


def _of_drop(drop: Drop, currency: str) -> str:
    asked = []
    if drop.percent is not None:
        asked.append(f"{_plain(drop.percent)} %")
    if drop.amount is not None:
        asked.append(money(drop.amount, currency))
    than = _BASELINES.get(drop.than) or f"the median of {_days(drop.days)}"
    return f"{' and '.join(asked)} under {than}"


def _of_low(low: Low) -> str:
    lowest = "lowest" if low.nth == 1 else f"among the {low.nth} lowest"
    ever = "ever" if low.days is None else f"in {_days(low.days)}"
    return f"{lowest} {ever}" + (", or as low" if low.or_equal else "")


def _of_sure(sure: Sure) -> Iterator[str]:
    if sure.observations > 1:
        yield f"seen {sure.observations} times in a row"
    if sure.hold_s:
        yield f"for {_lasting(sure.hold_s)}"
    if sure.over_s:
        yield f"over after {_lasting(sure.over_s)}"
    yield "a jump is seen twice first" if sure.confirm_jumps else "jumps count at once"


def _of_often(often: Often) -> Iterator[str]:
    rearm = often.rearm
    if rearm.once:
        yield "once"
    elif rearm.after_minutes is not None:
        yield f"again after {_lasting(rearm.after_minutes * 60)}"
    if rearm.further_drop_percent is not None:
        yield f"again when {_plain(rearm.further_drop_percent)} % lower still"
    if rearm == Rearm():
        yield "again at once"
    if often.at_most_a_day is not None:
        yield f"at most {often.at_most_a_day} a day"
    if often.quiet is not None:
        yield f"quiet {often.quiet.begin} to {often.quiet.until}"
    if often.over_meanwhile == "tell":
        yield "what ended meanwhile is told as over"
    if often.digest is not None:
        every, daily = often.digest.every_minutes, often.digest.daily_at
        yield f"collected daily at {daily}" if every is None else f"collected for {every} min"
    yield f"an event's alerts within {_lasting(often.group.wait_s)} in one message"
    yield f"by the clocks of {often.zone}"


def _of_to(to: To) -> Iterator[str]:
    yield ", ".join(to.channels)
    yield to.severity
    if to.expires_at is not None:
        yield f"until {moment(to.expires_at)}"
    if to.snoozed_until is not None:
        yield f"snoozed until {moment(to.snoozed_until)}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _days(count: int) -> str:
    return f"{count} days" if count != 1 else "a day"


def _lasting(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"
