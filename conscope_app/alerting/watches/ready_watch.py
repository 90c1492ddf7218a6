"""A watch with what is asked of it all the time."""

from decimal import Decimal
from hashlib import blake2b

import msgspec

from conscope_app.alerting.watches.lives import Terms
from conscope_app.alerting.watches.past import Past
from conscope_app.alerting.watches.scope import Spellings, scope_of
from conscope_app.alerting.watches.watch import Watch

_MEANING_BYTES = 9
_FEW_DAYS = 4  # with more of them the median itself is found as soon


class ReadyWatch:
    """A watch with what is asked of it all the time. `meaning` is the same where what, when and
    how sure are the same: what was raised under it goes on.
    """

    __slots__ = (
        "asks_for_price",
        "at_most",
        "days",
        "happens",
        "id",
        "is_each_item",
        "meaning",
        "needs_past",
        "scope",
        "terms",
        "under_last",
        "under_median",
        "wants_first",
        "watch",
    )

    def __init__(self, watch: Watch, spellings: Spellings = ()) -> None:
        self.id = watch.id
        self.asks_for_price = watch.when.asks_for_price
        self.happens = frozenset(watch.when.happens or ())
        self.watch = watch
        self.scope = scope_of(watch, spellings)
        self.terms = Terms(watch.sure, watch.often.rearm)
        self.is_each_item = watch.what.each == "item"
        days, when = watch.what.days_to_go, watch.when
        self.days = None if days.at_least is None and days.at_most is None else days
        self.needs_past = bool(when.drop or when.low) or watch.sure.confirm_jumps
        self.wants_first = when.drop is not None and when.drop.than == "last_told"
        self.at_most = None if when.target is None else when.target.at_most
        than = None if when.drop is None else when.drop.than
        self.under_last = than in ("previous", "all_time_low") or when.low is not None
        self.under_median = than == "median"
        meant = msgspec.json.encode((watch.what, watch.when, watch.sure))
        self.meaning = blake2b(meant, digest_size=_MEANING_BYTES).hexdigest()

    def is_about(self, subject: str) -> bool:
        """Whether it looks at a subject."""
        subjects = self.watch.what.subjects
        return not subjects or subject in subjects

    def cannot_begin_at(self, price: Decimal, past: Past | None) -> bool:
        """Whether a price is surely no reason to raise what is quiet: a quick look, not the answer.

        All that is asked for has to be so at once. A price over the target is not. One that is
        neither under the last price nor under the low of its day is under no lowest price of a time
        that reaches to now, and one that is not under what any day ended with is under no median.
        """
        if self.wants_first:
            return False  # the first price is remembered
        if self.at_most is not None and price > self.at_most:
            return True
        if past is None:
            return False
        if self.under_last and is_over_last(price, past):
            return True
        return self.under_median and is_over_days(price, past)


def is_over_last(price: Decimal, past: Past) -> bool:
    """Whether a price is under no lowest price of a time that reaches to now, nor the last one."""
    return price >= past.previous and price >= past.days[-1].low


def is_over_days(price: Decimal, past: Past) -> bool:
    """Whether a price is surely under no median of what days ended with."""
    return len(past.days) <= _FEW_DAYS and all(price >= day.last for day in past.days)
