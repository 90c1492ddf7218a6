"""Market snapshots through the tracker in memory, and what an audit of what came out finds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conscope_app.audit.markets.comparison import MarketComparison
from conscope_app.audit.markets.places import MarketNames
from conscope_app.audit.report import Report
from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.domains.tickets.folding import REKEYED_FROM
from conscope_app.domains.tickets.market_tracking import track_markets
from conscope_app.domains.tickets.processed_market import decode_processed_market
from conscope_app.stream.dead_letters import dead_letter
from tests.audit.story import Stored, home_of
from tests.factories import NOON, a_snapshot_value, some_facts

PARTITIONS = 2
NOW_MS = to_epoch_ms(NOON) + 3_600_000
FIGURES = ("lowest", "median", "average", "highest", "listing_count", "availability")
SEEN = ("event_id", "source", "observed_at")

Row = dict[str, Any]

# First seen; sold out; moved and back on sale; and what cannot be read.
LOOKS = (
    a_snapshot_value(listing_count=3),
    a_snapshot_value(listing_count=0, observed_at=NOON + timedelta(minutes=1)),
    a_snapshot_value(observed_at=NOON + timedelta(minutes=2), facts=some_facts(local_time="20:00")),
    b"no json",
)


@dataclass
class MarketLog:
    """A small deployment: raw records go in, outputs and rows come out; tests break them."""

    topic: str = "market_snapshots"
    partitions: int = PARTITIONS
    raw: list[list[Stored]] = field(default_factory=list)
    processed: list[Stored] = field(default_factory=list)
    watched: list[Stored] = field(default_factory=list)
    dead: list[Stored] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    now: dict[tuple[str, str], Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.raw = [[] for _ in range(self.partitions)]

    def append(
        self,
        value: bytes | None,
        key: bytes | None = None,
        *,
        partition: int | None = None,
        headers: tuple[tuple[str, bytes], ...] = (),
    ) -> RecordId:
        """A raw record, where its key belongs unless it says otherwise."""
        at = home_of(key or b"", self.partitions) if partition is None else partition
        offset = len(self.raw[at])
        self.raw[at].append(Stored(self.topic, at, offset, NOW_MS, key, value, headers))
        return RecordId(self.topic, at, offset)

    def run(self) -> "MarketLog":
        """Until nothing is left to be read, re-keyed copies included."""
        tables: list[dict[bytes, bytes]] = [{} for _ in range(self.partitions)]
        position = [0] * self.partitions
        while any(position[each] < len(self.raw[each]) for each in range(self.partitions)):
            for partition in range(self.partitions):
                slab = self.raw[partition][position[partition] :]
                position[partition] += len(slab)
                self._process(partition, slab, tables[partition])
        for record in self.processed:
            self._store(record)
        return self

    def _process(self, partition: int, slab: list[Stored], table: dict[bytes, bytes]) -> None:
        out = track_markets(slab, table.get, partition, lambda key: home_of(key, self.partitions))
        table.update(out.changes)
        for topic, sent, kept in (
            ("processed_markets", out.processed, self.processed),
            ("watched_prices", out.happenings, self.watched),
        ):
            for key, value, headers in sent:
                at = sum(each.partition == partition for each in kept)
                kept.append(Stored(topic, partition, at, NOW_MS, key, value, tuple(headers)))
        for record, why in out.refused:
            letter = dead_letter(record, why.reason, why.message, stage="s", connector="a")
            where = ("raw_prices.dead", partition, 0, NOW_MS)
            self.dead.append(Stored(*where, letter.key, letter.value, tuple(letter.headers)))
        for target, key, record in out.rekeyed:
            mark = (REKEYED_FROM, f"{record.partition}-{record.offset}".encode())
            self.append(record.value, key, partition=target, headers=(*record.headers, mark))

    def _store(self, record: Stored) -> None:
        """The rows that the tables must have of it."""
        market = decode_processed_market(record.value or b"")
        said = json.loads(record.value or b"")
        raw = RecordId.parse(market.id)
        row: Row = {"raw_partition": raw.partition, "raw_offset": raw.offset}
        row |= {name: getattr(market, name) for name in (*SEEN, "currency", "basis", "kind")}
        row |= {name: getattr(market, name) if name in said else None for name in FIGURES}
        row |= {"status": market.facts.status, "spoken": [each for each in FIGURES if each in said]}
        self.history.append(row)
        at = (market.event_id, market.source)
        if at not in self.now or self.now[at]["observed_at"] < market.observed_at:
            self.now[at] = {**row, "facts": said["facts"]}
        for number, change in enumerate(market.changes):
            self.changes.append(
                {
                    "id": f"{market.id}-{number}",
                    "event_id": market.event_id,
                    "source": market.source,
                    "kind": str(change.kind),
                    "because": str(change.because),
                    "old_value": change.old,
                    "new_value": change.new,
                    "name": change.name,
                    "at": market.observed_at,
                }
            )


def audited(
    log: MarketLog,
    starts: tuple[int, ...] = (0,) * PARTITIONS,
    shortened: Mapping[str, frozenset[int]] | None = None,
    *,
    only: int | None = None,
    ends_later: int = 0,
) -> Report:
    """What an audit says where retention has left the records from `starts` on.

    It may be of one partition `only`, and so many raw records may come while it runs.
    """
    ends = [len(records) for records in log.raw]
    audited_ones = range(PARTITIONS) if only is None else [only]
    ranges = {at: (starts[at], ends[at]) for at in audited_ones}
    comparison = MarketComparison(MarketNames(), PARTITIONS, ranges, shortened=shortened)
    for record in log.processed:
        comparison.note_published(record)
    kept = [record for at in ranges for record in log.raw[at][starts[at] :]]
    for record in kept:
        comparison.expect(record)
    for record in log.processed:
        if record.partition in ranges:
            comparison.meet_processed(record)
    for record in log.watched:
        comparison.consequences.meet_watched(record)
    for record in log.dead:
        comparison.meet_dead(record)
    comparison.meet_copies()
    _read_rows(comparison, log)
    explain = comparison.explainer()
    for record in kept:
        explain(record)
    report = Report(records=0, good=0, partitions={}, totals=[], findings=[], notes=[])
    return comparison.add_to(report, {at: end + ends_later for at, end in enumerate(ends)})


def _read_rows(comparison: MarketComparison, log: MarketLog) -> None:
    history = comparison.places.history
    for row in log.history:
        values = [row[name] for name in history.fields]
        comparison.meet_row(history, row["raw_partition"], row["raw_offset"], values)
    consequences = comparison.consequences
    fields = consequences.changes_place.fields
    consequences.read_changes((row["id"], [row[name] for name in fields]) for row in log.changes)
    fields = consequences.standing.place.fields
    consequences.read_now([row[name] for name in fields] for row in log.now.values())
