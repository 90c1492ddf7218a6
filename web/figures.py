"""The arithmetic of the pages: from what the workers report to what a person reads. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import cast

from conscope_app.stream.cluster import ClusterView, Listings, PartitionStatus, WorkerStatus
from conscope_app.stream.losses import Loss, Origin
from web.schema import (
    Feed,
    Lost,
    Partition,
    PartitionState,
    Prices,
    Sources,
    Totals,
    Uncounted,
    Worker,
)

# Workers report each second; ten missed reports are no hiccup any more.
STALE_AFTER_S = 10.0

DETECTION = "track_prices"
FEEDS = {
    "track_prices": "raw_prices",
    "store_prices": "processed_prices",
    "store_alerts": "price_alerts",
}

DEAD_PREFIX = "dead:"
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")


def totals(view: ClusterView) -> Totals | None:
    """Detection's counts over all partitions; None until a partition has been reported."""
    reports = _of_agent(view, DETECTION)
    if not reports:
        return None
    counts = _summed(reports)
    return Totals(**{name: counts[name] for name in Totals.__struct_fields__})


def dead_letters(view: ClusterView) -> dict[str, int]:
    """Refused records of all feeds by reason, the most frequent first."""
    counts = _summed(view.partitions)
    reasons = {
        name.removeprefix(DEAD_PREFIX): count
        for name, count in counts.items()
        if name.startswith(DEAD_PREFIX) and count
    }
    return dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))


def prices(view: ClusterView) -> list[Prices]:
    """The live listings by currency, the currency with most listings first."""
    by_currency: dict[str, list[Listings]] = {}
    for report in _of_agent(view, DETECTION):
        for currency, held in report.listings.items():
            if held.count:
                by_currency.setdefault(currency, []).append(held)
    found = [_prices(currency, parts) for currency, parts in by_currency.items()]
    return sorted(found, key=lambda each: (-each.listings, each.currency))


def uncounted(view: ClusterView, partitions: int) -> Uncounted | None:
    """The partitions whose listings are not in `prices`; None where all are."""
    reported = {report.partition: report for report in _of_agent(view, DETECTION)}
    numbers = sorted(set(range(partitions)) | reported.keys())
    counting = [reported[number].counting_since for number in numbers if number in reported]
    missing = [
        number
        for number in numbers
        if number not in reported or reported[number].counting_since is not None
    ]
    if not missing:
        return None
    since = min((each for each in counting if each is not None), default=None)
    return Uncounted(partitions=missing, of=len(numbers), since=since)


def sources(view: ClusterView) -> Sources:
    """Every source that the partitions have heard of, by name."""
    names = sorted({name for report in _of_agent(view, DETECTION) for name in report.sources})
    return Sources(names=names, simulated=[name for name in names if says_simulated(name)])


def says_simulated(source: str) -> bool:
    """Whether a source's own name says that it invents its prices."""
    return "simulated" in source.casefold()


def feeds(view: ClusterView, partitions: int, now: datetime) -> list[Feed]:
    """Each agent with all of its partitions, those included that nobody has reported."""
    agents = [*FEEDS, *sorted({report.agent for report in view.partitions} - FEEDS.keys())]
    return [_feed(agent, _of_agent(view, agent), partitions, now) for agent in agents]


def workers(view: ClusterView, now: datetime) -> list[Worker]:
    """Every worker that has reported itself, by id."""
    return [_worker(each, now) for each in sorted(view.workers, key=lambda each: each.worker)]


def losses(found: Iterable[Loss], acknowledged: Mapping[Origin, int]) -> list[Lost]:
    """What was removed unread, and how much of it somebody has yet to take note of."""
    return [
        Lost(each.agent, each.topic, each.partition, each.lost, each.unacknowledged(acknowledged))
        for each in found
    ]


def age_s(at: datetime, now: datetime) -> float:
    """Seconds since then; a clock that is ahead of ours gives zero, not a negative age."""
    return max(0.0, round((now - at).total_seconds(), 1))


def _of_agent(view: ClusterView, agent: str) -> list[PartitionStatus]:
    return [report for report in view.partitions if report.agent == agent]


def _summed(reports: Iterable[PartitionStatus]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for report in reports:
        summed.update(report.counts)
    return summed


def _prices(currency: str, parts: list[Listings]) -> Prices:
    count = sum(part.count for part in parts)
    total = Decimal(0)
    for part in parts:
        total = _EXACT.add(total, part.total)
    lowest = min(part.lowest for part in parts)
    return Prices(
        currency=currency,
        listings=count,
        average=_average(total, count, lowest),
        lowest=lowest,
        highest=max(part.highest for part in parts),
    )


def _average(total: Decimal, count: int, lowest: Decimal) -> Decimal:
    """To the cent, or as fine as the finest price where prices are finer than cents."""
    exponent = lowest.as_tuple().exponent
    quantum = _CENT.min(Decimal(1).scaleb(exponent)) if isinstance(exponent, int) else _CENT
    return _EXACT.quantize(_EXACT.divide(total, Decimal(count)), quantum)


def _feed(agent: str, reports: list[PartitionStatus], partitions: int, now: datetime) -> Feed:
    reported = {report.partition: report for report in reports}
    numbers = sorted(set(range(partitions)) | reported.keys())
    rows = [_partition(number, reported.get(number), now) for number in numbers]
    lags = [row.lag for row in rows if row.lag is not None]
    topic = reports[0].topic if reports else FEEDS[agent]
    return Feed(
        agent=agent,
        topic=topic,
        lag=sum(lags) if len(lags) == len(rows) else None,
        partitions=rows,
    )


def _partition(number: int, report: PartitionStatus | None, now: datetime) -> Partition:
    if report is None:
        return Partition(number, None, "unowned", None, None, None, None, None, None)
    age = age_s(report.at, now)
    return Partition(
        partition=number,
        worker=report.worker,
        state=_state(report, age),
        position=report.position,
        end=report.end,
        lag=_lag(report),
        trouble=report.trouble,
        at=report.at,
        age_s=age,
    )


def _state(report: PartitionStatus, age: float) -> PartitionState:
    # The cast: an owner says one of the three words that `PartitionStatus` lists.
    return "stale" if age > STALE_AFTER_S else cast("PartitionState", report.state)


def _lag(report: PartitionStatus) -> int | None:
    """How many offsets are left; the two ends are read at different moments, so never below 0."""
    if report.position is None or report.end is None:
        return None
    return max(0, report.end - report.position)


def _worker(report: WorkerStatus, now: datetime) -> Worker:
    age = age_s(report.at, now)
    return Worker(
        worker=report.worker,
        address=report.address,
        started_at=report.started_at,
        at=report.at,
        age_s=age,
        stale=age > STALE_AFTER_S,
        ready=report.ready and age <= STALE_AFTER_S,
        reasons=report.reasons,
    )
