"""What the evaluator is told, in order: what items cost, what happens, and what is watched.

Nothing of tickets is in it. A `subject` is what people follow (an event); an `item` is what has a
price of its own there (a seat). `place` is the signal's place in the subject's order: it only
grows, and what has been seen already is not taken again.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.alerting.watches.past import Past
from conscope_app.alerting.watches.watch import Watch


class _Placed(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag=True):
    subject: str
    place: int
    recorded_at: datetime


class Priced(_Placed, frozen=True, kw_only=True, gc=False):
    """An item's price, seen at one moment.

    `prices` are by their basis, since a price with fees and one without are two series. `labels`
    are what else may be asked for (section, row, source). Items that have neighbours stand on a
    `line`, from the `first` spot to the `last`. `units` says how many are sold together; where the
    spots are known they say it.
    """

    item: str
    observed_at: datetime
    prices: Mapping[str, Decimal]
    currency: str
    labels: Mapping[str, str] = {}
    line: str = ""
    first: int | None = None
    last: int | None = None
    units: int = 1
    takes_place_at: datetime | None = None


class Gone(_Placed, frozen=True, kw_only=True, gc=False):
    """An item is not to be had any more."""

    item: str


class Happened(_Placed, frozen=True, kw_only=True, gc=False):
    """Something happened to the subject, as a source has seen it.

    `what` is a word of the domain's, and `key` tells apart what may happen more than once under it
    (to which day it was moved): what has the same is the same, whoever says so. `undoes` are the
    words of what is not so any more. Of the labels that a watch asks for, only these count.
    """

    what: str
    observed_at: datetime
    source: str
    key: str = ""
    details: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    undoes: tuple[str, ...] = ()
    takes_place_at: datetime | None = None


class Seed(msgspec.Struct, frozen=True, array_like=True):
    """What a series of prices has cost before anybody watched it here."""

    scope: str
    denomination: str
    item: str
    past: Past


class Made(_Placed, frozen=True, kw_only=True):
    """A watch was made or changed. From here on the index that is handed in has it as well.

    `seeds` are the pasts that its baselines need (`history.seeds_of`); one that is known is kept.
    """

    watch: Watch
    seeds: tuple[Seed, ...] = ()


class Deleted(_Placed, frozen=True, kw_only=True, gc=False):
    """A watch is no more: what it had raised is over."""

    watch_id: str


class Tick(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag=True):
    """Time has passed. Makes what is due known now; without it the next signal would."""

    subject: str


Signal = Priced | Gone | Happened | Made | Deleted | Tick
