"""What `/api/v1/operations` and `/api/v1/dead-letters` say.

As in `web.schema`: null is unknown, never zero; times are UTC, `*_s` are seconds.
"""

from datetime import datetime

import msgspec

from conscope_app.store.backlog import Backlog
from conscope_app.store.market.source_freshness import SourceFreshness
from conscope_app.store.sources.standings import PolledSource
from conscope_app.store.table_sizes import StoredTable
from conscope_app.store.watches.channel_states import ChannelState
from conscope_app.stream.cluster import Restore
from web.schema import Level, Lost, Notice, PartitionState


class Held(msgspec.Struct, frozen=True):
    """One partition and who reads it. `restore` is how far its rows have been brought back."""

    partition: int
    worker: str | None
    state: PartitionState
    position: int | None
    end: int | None
    lag: int | None
    restore: Restore | None
    trouble: str | None
    age_s: float | None


class AgentState(msgspec.Struct, frozen=True):
    """One agent over all of its partitions, those that need somebody at the front.

    Delays are those of the last minute, from a record's append to what followed from it; null where
    no record came. A courier reads no topic: its delays are from the price's append to the
    channel's answer.
    """

    agent: str
    topic: str | None
    lag: int | None
    records_per_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    partitions: list[Held]


class Journey(msgspec.Struct, frozen=True):
    """How long a price takes to somewhere, over the last minute; `records` is how many went there.

    With `at_most` the figures are bounds that hold for sure, as both parts of the way are measured
    and not the whole.
    """

    to: str
    records: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    at_most: bool = False


class WorkerState(msgspec.Struct, frozen=True):
    """One worker. `version` and `agents` are null where an older version does not say them."""

    worker: str
    address: str
    version: str | None
    agents: list[str] | None
    partitions: int
    started_at: datetime
    up_s: float
    age_s: float
    stale: bool
    ready: bool
    reasons: list[str]


class HeldTable(msgspec.Struct, frozen=True):
    """A table on the workers' disks: `rows` as RocksDB reckons, over the partitions reported."""

    table: str
    partitions: int
    rows: int
    bytes: int


class Source(msgspec.Struct, frozen=True):
    """A source: what the roll-ups know of it, and whether it says of itself that it invents.

    `last_seen_at` is null where it is known by its prices alone, and no roll-up has it yet.
    """

    source: str
    simulated: bool
    events: int | None
    observations: int | None
    last_seen_at: datetime | None
    age_s: float | None


class DatabaseState(msgspec.Struct, frozen=True):
    """What Postgres says of itself: tables, what waits for channels, and the sources.

    `sources` are those whose prices the roll-ups know, `polled` those that are asked for theirs.
    """

    tables: list[StoredTable]
    drops: list[Backlog]
    watches: list[ChannelState]
    sources: list[SourceFreshness]
    polled: list[PolledSource]


class Said(msgspec.Struct, frozen=True):
    """A warning or an error of a worker's log, `times` since it was first kept."""

    worker: str
    at: datetime
    level: Level
    logger: str
    text: str
    times: int


class Operations(msgspec.Struct, frozen=True):
    """Everything that whoever runs ConScope asks, from any worker, as of one moment.

    `database` is null, with the reason, while the database is away; the rest is what the workers
    report.
    """

    as_of: datetime
    notices: list[Notice]
    losses: list[Lost]
    workers: list[WorkerState]
    journeys: list[Journey]
    agents: list[AgentState]
    tables: list[HeldTable]
    sources: list[Source]
    dead_letters: dict[str, int]
    errors: list[Said]
    database: DatabaseState | None
    database_missing: str | None


class Letter(msgspec.Struct, frozen=True):
    """A dead letter. `id` is where its record stood, `lies_at` where it lies in `raw_prices.dead`.

    `value` is the beginning of its bytes as harmless text, of `size` bytes in all.
    """

    id: str
    at: datetime
    reason: str
    message: str
    agent: str
    stage: str
    topic: str
    partition: int
    offset: int
    lies_at: str
    replayed: bool
    cut: str | None
    value: str | None
    size: int


class Letters(msgspec.Struct, frozen=True):
    """Dead letters, the newest first. `next` is what `after` takes for those behind them.

    Where it `is_complete`, what is not here is behind `next`. Where it is not, the look ended after
    so many letters (`looked_at`), and older ones may be there.
    """

    as_of: datetime
    letters: list[Letter]
    next: str | None
    looked_at: int
    is_complete: bool


class NotReplayed(msgspec.Struct, frozen=True):
    """A letter that did not go back, and why."""

    id: str
    why: str


class Replay(msgspec.Struct, frozen=True):
    """What became of the letters that were named: the ids of those sent, and the others."""

    sent: list[str]
    left: list[NotReplayed]
