"""What the whole cluster does right now, as every worker reports it on `system_metrics`."""

from collections import deque
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import msgspec

from conscope_app.core.clock import Clock
from conscope_app.core.delays import Delays

OfWorkerT = TypeVar("OfWorkerT", "WorkerStatus", "WorkerFigures", "WorkerErrors")

# A worker that was killed cannot say goodbye; after this long it is left out.
FORGET_AFTER = timedelta(minutes=1)

RATE_OVER_S = 10.0


class Listings(msgspec.Struct, frozen=True):
    """What one partition of `last_seen_prices` holds in one currency."""

    count: int
    total: Decimal
    lowest: Decimal
    highest: Decimal


class Restore(msgspec.Struct, frozen=True):
    """How many offsets of the changelog have been applied, of how many that are to be."""

    done: int
    of: int


class PartitionStatus(msgspec.Struct, frozen=True, tag="partition"):
    """One partition of one agent's topic, as its owner last reported it."""

    agent: str
    topic: str
    partition: int
    worker: str
    state: str  # waiting | opening | running
    position: int | None
    end: int | None
    trouble: str | None
    counts: dict[str, int]  # cumulative since the topic began, kept with the position: exact
    listings: dict[str, Listings]
    sources: list[str]
    at: datetime
    lost: int = 0  # offsets removed before they were read, cumulative since it was first read
    restore: Restore | None = None  # while its rows are brought back
    counting_since: datetime | None = None  # its listings are being counted: they are not told yet


class WorkerStatus(msgspec.Struct, frozen=True, tag="worker"):
    """One worker, as it last reported itself."""

    worker: str
    address: str
    started_at: datetime
    at: datetime
    ready: bool
    reasons: list[str]
    version: str = ""
    agents: list[str] = []


class TableSize(msgspec.Struct, frozen=True):
    """What a worker holds of one table on its disk: `rows` as RocksDB reckons, files in bytes."""

    table: str
    partitions: int
    rows: int
    bytes: int


class WorkerFigures(msgspec.Struct, frozen=True, tag="figures"):
    """What one worker measures: how long records took, by agent, and what its tables take.

    Where no record came there is no agent. Delays are from a record's append to what followed from
    it; those of couriers from the price's append to the channel's answer.
    """

    worker: str
    at: datetime
    delays: dict[str, Delays]
    tables: list[TableSize] = []


class Warned(msgspec.Struct, frozen=True):
    """What a worker warned of, so many times since it was first kept, and when last."""

    at: datetime
    level: str
    logger: str
    text: str
    times: int


class WorkerErrors(msgspec.Struct, frozen=True, tag="errors"):
    """The newest warnings and errors of one worker, the newest first."""

    worker: str
    at: datetime
    errors: list[Warned]


# What a worker says of itself, which goes with it. Of a kind that an older version does not know it
# says nothing; what a report of an older version lacks is at its default.
OfWorker = WorkerStatus | WorkerFigures | WorkerErrors
Report = PartitionStatus | WorkerStatus | WorkerFigures | WorkerErrors


class ClusterView(msgspec.Struct, frozen=True):
    """The newest report of each partition and each worker."""

    as_of: datetime
    partitions: list[PartitionStatus]
    workers: list[WorkerStatus]
    records_per_s: float | None
    figures: list[WorkerFigures] = []
    errors: list[WorkerErrors] = []


class Health(msgspec.Struct, frozen=True):
    """Whether this worker can take work, and if not, why."""

    ready: bool
    reasons: list[str]


def key_of(report: Report) -> bytes:
    """The key of a report on `system_metrics`: its newest stands for the others."""
    match report:
        case WorkerStatus():
            return f"worker/{report.worker}".encode()
        case WorkerFigures():
            return f"figures/{report.worker}".encode()
        case WorkerErrors():
            return f"errors/{report.worker}".encode()
    return f"partition/{report.agent}/{report.partition}".encode()


class Cluster:
    """The newest report under each key, and the rate that follows from them."""

    def __init__(self, clock: Clock, counted_agent: str) -> None:
        self._clock = clock
        self._counted_agent = counted_agent
        self._reports: dict[bytes, Report] = {}
        self._totals: deque[tuple[datetime, int]] = deque()

    def apply(self, key: bytes, report: Report | None) -> None:
        """Take a report; None removes what stood under the key."""
        if report is None:
            self._reports.pop(key, None)
        else:
            self._reports[key] = _with_what_it_cannot_know(report, self._reports.get(key))

    def sample(self) -> None:
        """Note the records counted so far; the rate is what was added over the last seconds."""
        now = self._clock()
        total = sum(
            status.counts.get("records", 0)
            for status in self._partitions()
            if status.agent == self._counted_agent
        )
        if self._totals and now <= self._totals[-1][0]:
            self._totals.clear()  # the clock was put back: what came before it says no rate
        self._totals.append((now, total))
        while (now - self._totals[0][0]).total_seconds() > RATE_OVER_S:
            self._totals.popleft()

    def view(self) -> ClusterView:
        """The cluster as it was last reported."""
        now = self._clock()
        return ClusterView(
            as_of=now,
            partitions=sorted(self._partitions(), key=lambda p: (p.agent, p.partition)),
            workers=self._of_workers(WorkerStatus, now),
            records_per_s=self._rate(),
            figures=self._of_workers(WorkerFigures, now),
            errors=self._of_workers(WorkerErrors, now),
        )

    def _of_workers(self, kind: type[OfWorkerT], now: datetime) -> list[OfWorkerT]:
        """What the workers that are not forgotten said of that kind, by worker."""
        found = [
            report
            for report in self._reports.values()
            if isinstance(report, kind) and now - report.at < FORGET_AFTER
        ]
        return sorted(found, key=lambda report: report.worker)

    def _partitions(self) -> list[PartitionStatus]:
        return [r for r in self._reports.values() if isinstance(r, PartitionStatus)]

    def _rate(self) -> float | None:
        if len(self._totals) < 2:
            return None
        (since, before), (until, after) = self._totals[0], self._totals[-1]
        return (after - before) / (until - since).total_seconds()


def _with_what_it_cannot_know(report: Report, before: Report | None) -> Report:
    """Who still opens a partition has not read what was lost and counted of it.

    The last owner's word holds until then: a total must not fall and rise again.
    """
    if (
        not isinstance(report, PartitionStatus)
        or not isinstance(before, PartitionStatus)
        or report.state == "running"
    ):
        return report
    lost, counts = max(report.lost, before.lost), report.counts or before.counts
    return msgspec.structs.replace(report, lost=lost, counts=counts)
