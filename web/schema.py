"""What the pages and `/api/v1` say: the shapes that programs may rely on.

A field that is null is unknown, never zero. Amounts are exact decimals, times are UTC, `*_s` are
seconds. Counts are cumulative since the topic began and exact; `as_of` is when this was put
together, `at` when the worker concerned last said so.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from conscope_app.store.alerts.drop_deliveries import DropDelivery
from conscope_app.store.stats import AlertRow, Deliveries, Target

PartitionState = Literal["unowned", "stale", "waiting", "opening", "running"]
Level = Literal["info", "warning", "danger"]


class Totals(msgspec.Struct, frozen=True):
    """What detection has made of every raw price so far."""

    records: int
    new: int
    drop: int
    rise: int
    same: int
    late: int
    dead: int
    rekeyed: int
    unknown_fields: int
    beside: int


class Prices(msgspec.Struct, frozen=True):
    """The live listings of one currency: one price a seat, the last one seen.

    Each source's own: what two sources list may be the same seat.
    """

    currency: str
    listings: int
    average: Decimal
    lowest: Decimal
    highest: Decimal


class Uncounted(msgspec.Struct, frozen=True):
    """Partitions of so many whose listings are missing in `prices`, and since when.

    Their worker counts them, which takes some seconds after it has taken them over, or nobody has
    reported them (`since` is null where that is so of all).
    """

    partitions: list[int]
    of: int
    since: datetime | None


class Sources(msgspec.Struct, frozen=True):
    """Who has sent prices; `simulated` are those whose own name says that they invent them."""

    names: list[str]
    simulated: list[str]


class Partition(msgspec.Struct, frozen=True):
    """One partition of one agent's topic. No worker: nobody has reported it."""

    partition: int
    worker: str | None
    state: PartitionState
    position: int | None
    end: int | None
    lag: int | None
    trouble: str | None
    at: datetime | None
    age_s: float | None


class Feed(msgspec.Struct, frozen=True):
    """One agent and how far it is behind; `lag` is null while any partition's is unknown."""

    agent: str
    topic: str
    lag: int | None
    partitions: list[Partition]


class Worker(msgspec.Struct, frozen=True):
    """One worker; `stale` when it has not been heard of for a while."""

    worker: str
    address: str
    started_at: datetime
    at: datetime
    age_s: float
    stale: bool
    ready: bool
    reasons: list[str]


class Lost(msgspec.Struct, frozen=True):
    """Offsets that were removed before an agent had read them, since it first read the partition.

    `unacknowledged` are those of which nobody has taken note; while there are any, the worker that
    owns the partition is not ready. Most offsets are records, some may be markers.
    """

    agent: str
    topic: str
    partition: int
    offsets: int
    unacknowledged: int


class Notice(msgspec.Struct, frozen=True):
    """Something a person should know now. `code` is stable; the texts may change."""

    code: str
    level: Level
    title: str
    text: str


class Alerts(msgspec.Struct, frozen=True):
    """The database's part: what was told to whom, and the newest alerts."""

    deliveries: Deliveries
    targets: list[Target]
    latest: list[AlertRow]


class Stats(msgspec.Struct, frozen=True):
    """The whole cluster at one moment, as any worker sees it."""

    as_of: datetime
    totals: Totals | None
    records_per_s: float | None
    dead_letters: dict[str, int]
    prices: list[Prices]
    uncounted: Uncounted | None
    sources: Sources
    feeds: list[Feed]
    workers: list[Worker]
    alerts: Alerts | None
    alerts_missing: str | None
    notices: list[Notice]
    losses: list[Lost]


class Alert(AlertRow, frozen=True):
    """The same, with what became of telling each channel; those that were told come first."""

    event_date: str | None
    deliveries: list[DropDelivery]


class AlertPage(msgspec.Struct, frozen=True):
    """Some alerts, the newest first; `next` goes on behind them (`after=`), if not null.

    `alerts` is null, with the reason, while the database is away. With `searched_to` the page may
    hold less than was asked for: nothing else was found until there, and `next` looks on. `is_cut`:
    so much fits that only the newest of it was looked at.
    """

    as_of: datetime
    alerts: list[Alert] | None
    alerts_missing: str | None
    next: str | None
    searched_to: datetime | None
    is_cut: bool


# Amounts are numbers with all their digits, wherever the API writes one.
encode = msgspec.json.Encoder(decimal_format="number").encode
