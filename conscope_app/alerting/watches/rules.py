"""What a well-formed watch may not ask for: contradictions, and amounts that mean nothing."""

from collections.abc import Iterator
from decimal import Decimal

from conscope_app.alerting.watches.happening import OF_ITEMS
from conscope_app.alerting.watches.local_time import NoSuchZone, zone_of
from conscope_app.alerting.watches.watch import Drop, Low, Often, Watch, What, When
from conscope_app.core.money import MAX_AMOUNT

_HUNDRED = Decimal(100)

Contradiction = tuple[str, str]  # the field, and a sentence


def contradictions(watch: Watch) -> Iterator[Contradiction]:
    """Each field that makes no sense, with the reason; none where the watch can be taken."""
    yield from _of_what(watch.what)
    yield from _of_when(watch.when)
    yield from _of_happenings(watch)
    yield from _of_often(watch.often)
    if not watch.to.channels:
        yield "to.channels", "must name at least one channel"
    for name in ("expires_at", "snoozed_until"):
        moment = getattr(watch.to, name)
        if moment is not None and moment.tzinfo is None:
            yield f"to.{name}", "must say its offset from UTC: 2027-01-31T12:00:00Z"


def _of_what(what: What) -> Iterator[Contradiction]:
    if what.together > 1 and what.each == "item":
        yield "what.together", "neighbours are several items: leave out each: item"
    least, most = what.days_to_go.at_least, what.days_to_go.at_most
    if least is not None and most is not None and least > most:
        yield "what.days_to_go.at_least", f"must not be over at_most, {most:g}"


def _of_when(when: When) -> Iterator[Contradiction]:
    if not when.asks_for_price and not when.happens:
        yield "when", "must have a target, a drop, a low, or what happens"
    if when.target is not None:
        yield from _of_amount("when.target.at_most", when.target.at_most)
    if when.drop is not None:
        yield from _of_drop(when.drop)
    if when.low is not None:
        yield from _of_low(when.low)


def _of_happenings(watch: Watch) -> Iterator[Contradiction]:
    happens = watch.when.happens or ()
    if len(set(happens)) < len(happens):
        yield "when.happens", "must name nothing twice"
    of_items = [each for each in happens if each in OF_ITEMS]
    if of_items and watch.what.each != "item":
        yield "when.happens", f"{of_items[0]} is of each item: ask for each: item"


def _of_drop(drop: Drop) -> Iterator[Contradiction]:
    if drop.percent is None and drop.amount is None:
        yield "when.drop", "by how many percent, or by which amount?"
    if drop.percent is not None:
        yield from _of_percent("when.drop.percent", drop.percent)
    if drop.amount is not None:
        yield from _of_amount("when.drop.amount", drop.amount)


def _of_low(low: Low) -> Iterator[Contradiction]:
    if low.nth > 1 and low.days is not None:
        yield "when.low.nth", "the n-th low is one of all times: leave out days"


def _of_often(often: Often) -> Iterator[Contradiction]:
    try:
        zone_of(often.zone)
    except NoSuchZone as error:
        yield "often.zone", str(error)
    rearm, digest, quiet = often.rearm, often.digest, often.quiet
    if rearm.once and (rearm.after_minutes is not None or rearm.further_drop_percent is not None):
        yield "often.rearm.once", "once is once: leave out after_minutes and further_drop_percent"
    if rearm.further_drop_percent is not None:
        yield from _of_percent("often.rearm.further_drop_percent", rearm.further_drop_percent)
    if quiet is not None and quiet.begin == quiet.until:
        yield "often.quiet.until", "must differ from begin, or it would always be quiet"
    if digest is not None and (digest.every_minutes is None) == (digest.daily_at is None):
        yield "often.digest", "must have either every_minutes or daily_at"
    if often.group.alone_s > often.group.wait_s:
        yield "often.group.alone_s", f"must not be over wait_s, {often.group.wait_s:g}"


def _of_percent(field: str, percent: Decimal) -> Iterator[Contradiction]:
    if not percent.is_finite() or percent <= 0:
        yield field, "must be over 0"
    elif percent >= _HUNDRED:
        yield field, "must be under 100"


def _of_amount(field: str, amount: Decimal) -> Iterator[Contradiction]:
    if not amount.is_finite() or amount <= 0:
        yield field, "must be over 0"
    elif amount > MAX_AMOUNT:
        yield field, f"must not be over {MAX_AMOUNT}"
