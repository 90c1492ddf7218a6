"""A watch: what a person wishes to hear of, when, how sure, how often, and where."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from conscope_app.alerting.watches.happening import OF_ITEMS

LONGEST_WINDOW_DAYS = 90
MOST_LOWS = 5
MOST_TOGETHER = 20

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Patterns = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=200)]
Labels = Mapping[Text, Patterns]
Positive = Annotated[Decimal, Meta(extra_json_schema={"exclusiveMinimum": 0})]
Percent = Annotated[
    Decimal, Meta(extra_json_schema={"exclusiveMinimum": 0, "exclusiveMaximum": 100})
]
Days = Annotated[int, Meta(ge=1, le=LONGEST_WINDOW_DAYS)]
Seconds = Annotated[float, Meta(ge=0, le=30 * 86_400)]
Happenings = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=50)]
Minutes = Annotated[int, Meta(ge=1, le=30 * 1_440)]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

Severity = Literal["info", "warning", "critical"]
Baseline = Literal["previous", "last_told", "median", "all_time_low"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A part of a definition: a field that nobody knows is a mistake, not a wish."""


class DaysToGo(_Part, frozen=True, kw_only=True):
    """Only while it is so many days ahead."""

    at_least: Annotated[float, Meta(ge=0)] | None = None
    at_most: Annotated[float, Meta(ge=0)] | None = None


class What(_Part, frozen=True, kw_only=True):
    """What a watch is about; whatever is left out allows everything.

    `subjects` are what people follow (events). An offer is meant if every label of `only` fits one
    of its patterns and no label of `never` fits any; `*` and `?` stand for other letters, case
    makes no difference, and a label that an offer does not have is empty.

    With `each: subject` there is one alert at a time for each subject, about its best offer; with
    `each: item` every item has an alert of its own. `together` asks for so many neighbours.
    """

    subjects: Annotated[tuple[Text, ...], Meta(max_length=1_000)] = ()
    only: Labels = {}
    never: Labels = {}
    together: Annotated[int, Meta(ge=1, le=MOST_TOGETHER)] = 1
    each: Literal["subject", "item"] = "subject"
    days_to_go: DaysToGo = DaysToGo()


class Target(_Part, frozen=True, kw_only=True):
    """At most so much."""

    at_most: Positive


class Drop(_Part, frozen=True, kw_only=True):
    """By at least so many percent, or so much, under a baseline; both where both are given.

    The median is that of the last `days`. Where nothing has been told yet, the price told last is
    the first one that was seen under this watch.
    """

    percent: Percent | None = None
    amount: Positive | None = None
    than: Baseline = "previous"
    days: Days = 30


class Low(_Part, frozen=True, kw_only=True):
    """Lower than ever, or than in the last `days`; `or_equal` counts too.

    With `nth`, no higher than the n-th lowest price ever: a price that was once a mistake does not
    keep all others from being low.
    """

    days: Days | None = None
    or_equal: bool = False
    nth: Annotated[int, Meta(ge=1, le=MOST_LOWS)] = 1


class When(_Part, frozen=True, kw_only=True):
    """The price at which a watch is true: under all of the conditions that are given.

    Prices of another `basis` or currency are not seen. What is true already when the watch is made
    is told only with `on_create`; otherwise it has to become untrue first.

    Whatever `happens` is told too, at any price, or without any where nothing else is asked for.
    """

    target: Target | None = None
    drop: Drop | None = None
    low: Low | None = None
    # Not written where it is not asked for: a version that does not know it, and refuses what it
    # does not know, reads all other watches.
    happens: Happenings | UnsetType = UNSET
    basis: Text = "all_in"
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3,8}$")] = "USD"
    on_create: bool = False

    @property
    def asks_for_price(self) -> bool:
        """Whether any price makes it true."""
        return not (self.target is None and self.drop is None and self.low is None)


class Sure(_Part, frozen=True, kw_only=True):
    """How sure one has to be.

    A finding is raised when it was observed `observations` times in a row and has held for
    `hold_s`; what was raised is over when the contrary has held for `over_s`. With `confirm_jumps`
    a price far outside what was usual counts when it is observed a second time.
    """

    observations: Annotated[int, Meta(ge=1, le=100)] = 1
    hold_s: Seconds = 0.0
    over_s: Seconds = 0.0
    confirm_jumps: bool = True


class Rearm(_Part, frozen=True, kw_only=True):
    """When a further alert may begin: with `once` never.

    Otherwise so many minutes after the last one was raised, or at a price that is by
    `further_drop_percent` under the one it was raised at, whichever comes first; at once where
    neither is given. Such a further drop begins a new alert even while the last one lasts, since
    nobody hears an edited message.
    """

    once: bool = False
    after_minutes: Minutes | None = None
    further_drop_percent: Percent | None = None


class Quiet(_Part, frozen=True, kw_only=True):
    """From one time of day until another one, by the clocks of the watch's zone."""

    begin: ClockTime
    until: ClockTime


class Digest(_Part, frozen=True, kw_only=True):
    """Collect for so many minutes, or until a time of day."""

    every_minutes: Minutes | None = None
    daily_at: ClockTime | None = None


class Group(_Part, frozen=True, kw_only=True):
    """Alerts of one subject share a message: how long the first waits for others.

    One that stays alone waits for `alone_s` only. With 0 for both nothing waits.
    """

    wait_s: Annotated[float, Meta(ge=0, le=3_600)] = 30.0
    alone_s: Annotated[float, Meta(ge=0, le=3_600)] = 2.0


class Often(_Part, frozen=True, kw_only=True):
    """How often, and at which hours. All of it is by the clocks of `zone`.

    What ends before it could be told is left out, or told as over, as `over_meanwhile` says.
    """

    rearm: Rearm = Rearm(after_minutes=60)
    at_most_a_day: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    zone: Text = "UTC"
    quiet: Quiet | None = None
    over_meanwhile: Literal["leave_out", "tell"] = "leave_out"
    digest: Digest | None = None
    group: Group = Group()


class To(_Part, frozen=True, kw_only=True):
    """Who hears of it, how urgent it is, and until when."""

    channels: Annotated[tuple[Text, ...], Meta(max_length=20)] = ("default",)
    severity: Severity = "info"
    expires_at: datetime | None = None
    snoozed_until: datetime | None = None


class Watch(_Part, frozen=True, kw_only=True):
    """A person's standing wish. `version` grows with each change of its definition."""

    id: Text
    name: Annotated[str, Meta(max_length=200)] = ""
    version: Annotated[int, Meta(ge=1)] = 1
    what: What
    when: When
    sure: Sure = Sure()
    often: Often = Often()
    to: To = To()

    @property
    def needs_prices(self) -> bool:
        """Whether it has to be told what items cost, or that they are gone."""
        return self.when.asks_for_price or not OF_ITEMS.isdisjoint(self.when.happens or ())


def schema() -> dict[str, Any]:
    """The JSON Schema of a watch's definition."""
    drawn = msgspec.json.schema(Watch)
    _say_that_numbers_are_amounts(drawn)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **drawn}


def _say_that_numbers_are_amounts(part: Any) -> None:
    """msgspec calls every decimal a text, and reads numbers as well."""
    if isinstance(part, dict):
        if part.get("format") == "decimal":
            del part["format"]
            part["type"] = ["number", "string"]
        for inner in part.values():
            _say_that_numbers_are_amounts(inner)
    elif isinstance(part, list):
        for inner in part:
            _say_that_numbers_are_amounts(inner)
