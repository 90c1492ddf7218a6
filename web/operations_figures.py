"""The arithmetic of the operations page: from what the workers report to what a person reads. Pure.

Whatever needs somebody comes first in each list.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from conscope_app.core.delays import Delays, added, at_most_s, percentile_s
from conscope_app.store.market.source_freshness import SourceFreshness
from conscope_app.stream.cluster import ClusterView, PartitionStatus, TableSize, WorkerFigures
from web.figures import DETECTION, age_s, feeds, says_simulated, sources, workers
from web.operations_schema import AgentState, Held, HeldTable, Journey, Said, Source, WorkerState
from web.schema import Feed, Level, Partition, PartitionState, Worker

SINK, DROPS, WATCHES = "store_prices", "deliver_alerts", "deliver_watches"

_NOTHING = Delays(0.0, {})
_WORST_FIRST: tuple[PartitionState, ...] = ("unowned", "stale", "opening", "waiting", "running")
_LEVELS: dict[str, Level] = {"critical": "danger", "error": "danger"}  # all else is a warning

ERRORS_SHOWN = 40


def agents(view: ClusterView, partitions: int, now: datetime) -> list[AgentState]:
    """Each agent with its partitions, and the couriers where they have told something."""
    found = [_agent(each, view) for each in feeds(view, partitions, now)]
    telling = [each for each in (DROPS, WATCHES) if _delays(view, each).counts]
    return found + [_with_delays(each, None, None, _delays(view, each), []) for each in telling]


def journeys(view: ClusterView) -> list[Journey]:
    """How long a price takes until it is processed, is in Postgres, and has been told."""
    processed, stored = _delays(view, DETECTION), _delays(view, SINK)
    bound = partial(at_most_s, processed.counts, stored.counts)
    return [
        _journey("processed", processed),
        Journey("row", stored.total, *_shares(bound), at_most=True),
        _journey("told", _delays(view, DROPS)),
        _journey("watch_told", _delays(view, WATCHES)),
    ]


def worker_states(view: ClusterView, now: datetime) -> list[WorkerState]:
    """Every worker, those that are silent or not ready at the front."""
    reports = {each.worker: each for each in view.workers}
    found = [
        _worker(each, reports[each.worker].version, reports[each.worker].agents, view, now)
        for each in workers(view, now)
    ]
    return sorted(found, key=lambda each: (not each.stale, each.ready))


def held_tables(figures: Iterable[WorkerFigures]) -> list[HeldTable]:
    """The tables over all workers, by name."""
    by_table: dict[str, list[TableSize]] = {}
    for report in figures:
        for size in report.tables:
            by_table.setdefault(size.table, []).append(size)
    return [
        HeldTable(
            name,
            sum(each.partitions for each in sizes),
            sum(each.rows for each in sizes),
            sum(each.bytes for each in sizes),
        )
        for name, sizes in sorted(by_table.items())
    ]


def source_states(
    view: ClusterView, known: Iterable[SourceFreshness], now: datetime
) -> list[Source]:
    """Every source, the one that was silent longest at the front; unknown ones before it."""
    of_rollups = {each.source: each for each in known}
    names = {*sources(view).names, *of_rollups}
    found = [_source(name, of_rollups.get(name), now) for name in sorted(names)]
    return sorted(found, key=lambda each: -(each.age_s if each.age_s is not None else 1e12))


def said(view: ClusterView) -> list[Said]:
    """What the workers warned of, the newest first."""
    found = [
        Said(
            report.worker,
            each.at,
            _LEVELS.get(each.level, "warning"),
            each.logger,
            each.text,
            each.times,
        )
        for report in view.errors
        for each in report.errors
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)[:ERRORS_SHOWN]


def _delays(view: ClusterView, agent: str) -> Delays:
    return added(each.delays.get(agent, _NOTHING) for each in view.figures)


def _journey(to: str, delays: Delays) -> Journey:
    return Journey(to, delays.total, *_shares(partial(percentile_s, delays.counts)))


def _shares(
    read: Callable[[float], float | None],
) -> tuple[float | None, float | None, float | None]:
    return read(0.5), read(0.95), read(0.99)


def _agent(feed: Feed, view: ClusterView) -> AgentState:
    reports = {each.partition: each for each in view.partitions if each.agent == feed.agent}
    held = [_held(each, reports.get(each.partition)) for each in feed.partitions]
    held.sort(key=lambda each: (_WORST_FIRST.index(each.state), not each.trouble, each.partition))
    return _with_delays(feed.agent, feed.topic, feed.lag, _delays(view, feed.agent), held)


def _with_delays(
    agent: str, topic: str | None, lag: int | None, delays: Delays, held: list[Held]
) -> AgentState:
    shares = _shares(partial(percentile_s, delays.counts))
    # No delays are reported where nothing came: that is a rate of none, if anybody is at it.
    is_read = any(each.state == "running" for each in held)
    rate = round(delays.per_s, 2) if delays.counts or is_read else None
    return AgentState(agent, topic, lag, rate, *shares, held)


def _held(row: Partition, report: PartitionStatus | None) -> Held:
    restore = None if report is None or row.state != "opening" else report.restore
    return Held(
        row.partition,
        row.worker,
        row.state,
        row.position,
        row.end,
        row.lag,
        restore,
        row.trouble,
        row.age_s,
    )


def _worker(
    worker: Worker, version: str, named: list[str], view: ClusterView, now: datetime
) -> WorkerState:
    return WorkerState(
        worker=worker.worker,
        address=worker.address,
        version=version or None,
        agents=named or None,
        partitions=sum(each.worker == worker.worker for each in view.partitions),
        started_at=worker.started_at,
        up_s=age_s(worker.started_at, now),
        age_s=worker.age_s,
        stale=worker.stale,
        ready=worker.ready,
        reasons=worker.reasons,
    )


def _source(name: str, known: SourceFreshness | None, now: datetime) -> Source:
    if known is None:
        return Source(name, says_simulated(name), None, None, None, None)
    return Source(
        name,
        says_simulated(name),
        known.events,
        known.observations,
        known.last_seen_at,
        age_s(known.last_seen_at, now),
    )
