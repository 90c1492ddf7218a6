"""The places where something must be found, and the facts by which it is compared there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal
from operator import attrgetter
from typing import Any

from conscope_app.audit.expectation import percent_of, subtract
from conscope_app.domains.tickets.records import PriceEvent

_EXACT = Context(prec=80)
_EVENT = PriceEvent.__struct_fields__

Facts = tuple[str | None, ...]


def plain(value: Any) -> str | None:
    """A value as text that is equal exactly where the values are: 80, 80.00 and 8E+1 are one."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Decimal):
        return _plain_amount(value)
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC).isoformat()
        except OverflowError:  # a day before the first or after the last of the calendar
            return repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _plain_amount(amount: Decimal) -> str:
    if not amount:
        return "0"
    shortest = _EXACT.normalize(amount)
    # Written out, 1E+999999999 would fill the memory; no amount that is believed comes near.
    return f"{shortest:f}" if abs(shortest.adjusted()) <= _EXACT.prec else str(shortest)


def _moved_consistently(said: Mapping[str, Any]) -> bool:
    """Whether kind, old price and changes agree with one another and with the price."""
    kind, price, old = said["kind"], said["price"], said["old_price"]
    if old is None:
        return kind in ("new", "late") and said["change"] is None and said["change_percent"] is None
    change = subtract(price, old)
    signs = {"drop": change < 0, "rise": change > 0, "same": change == 0, "late": True}
    return (
        signs.get(kind, False)
        and said["change"] == change
        and said["change_percent"] == percent_of(change, old)
    )


def _dropped_consistently(said: Mapping[str, Any]) -> bool:
    """Whether an alert's prices, amount and percentage agree with one another."""
    old, new = said["old_price"], said["new_price"]
    amount = subtract(old, new)
    return (
        amount > 0
        and said["drop_amount"] == amount
        and said["drop_percent"] == percent_of(amount, old)
    )


def _always(_said: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """One topic or table. `derived` are the fields that come of the comparison with the old price.

    `around` are what is compared beside the record's own fields: its Kafka key and partition.
    """

    name: str
    fields: tuple[str, ...]
    derived: frozenset[str] = frozenset()
    consistent: Callable[[Mapping[str, Any]], bool] = _always
    around: tuple[str, ...] = ()
    _values: Callable[[Any], tuple[Any, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_values", attrgetter(*self.fields))

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each fact."""
        return (*self.fields, *self.around)

    def facts(self, thing: object, *around: object, weak: bool = False) -> Facts:
        """The facts of an object that has the place's fields as attributes."""
        return self.facts_of(self._values(thing), *around, weak=weak)

    def facts_of(self, values: Sequence[Any], *around: object, weak: bool = False) -> Facts:
        """The facts of values in the order of the fields.

        Where the old price cannot be known (`weak`), all that is asked of the derived fields is
        that they agree with one another.
        """
        if not weak:
            return tuple(map(plain, (*values, *around)))
        said = dict(zip(self.fields, values, strict=True))
        try:
            verdict = "consistent" if self.consistent(said) else "inconsistent"
        except (ArithmeticError, TypeError, ValueError):  # not numbers that can be compared
            verdict = "inconsistent"
        return tuple(
            verdict if name in self.derived else plain(value)
            for name, value in zip(self.names, (*values, *around), strict=True)
        )


_MOVED = frozenset({"kind", "old_price", "change", "change_percent"})
_DROPPED = frozenset({"old_price", "drop_amount", "drop_percent"})
_KAFKA = ("key", "partition")
# The history keeps an event's name, venue and date once, in the table `events`.
_IN_EVENTS = frozenset({"event_name", "venue", "event_date"})


def processed_topic(name: str) -> Place:
    """`processed_prices`."""
    fields = (*_EVENT, "kind", "old_price", "change", "change_percent")
    return Place(name, fields, _MOVED, _moved_consistently, _KAFKA)


def alerts_topic(name: str) -> Place:
    """`price_alerts`."""
    own = ("old_price", "new_price", "drop_amount", "drop_percent", "alert_timestamp", "alert_type")
    return Place(name, (*_EVENT, *own), _DROPPED, _dropped_consistently, _KAFKA)


def dead_topic(name: str) -> Place:
    """`raw_prices.dead`."""
    return Place(name, ("key", "value"))


def copies_of(name: str) -> Place:
    """The re-keyed copies in `raw_prices`."""
    return Place(f"{name}, re-keyed", ("key", "value", "headers", "partition"))


def history_table(name: str) -> Place:
    """`price_history`; its `timestamp` is the column `observed_at`."""
    event = tuple(each for each in _EVENT if each not in _IN_EVENTS)
    fields = (*event, "kind", "old_price", "change", "change_percent")
    return Place(name, fields, _MOVED, _moved_consistently)


def alerts_table(name: str) -> Place:
    """`price_drop_alerts`; its `timestamp` is the column `observed_at`."""
    fields = (
        "id event_id event_name venue event_date source section row seat old_price new_price "
        "drop_amount drop_percent currency listing_url timestamp alert_timestamp"
    )
    return Place(name, tuple(fields.split()), _DROPPED, _dropped_consistently)
