"""What a person should know now, decided from the figures. Pure."""

from collections.abc import Iterable, Iterator

from web.runs import in_runs, one_by_one
from web.schema import Alerts, Feed, Level, Notice, Partition, PartitionState, Worker

_STATES: tuple[tuple[str, PartitionState, Level, str, str], ...] = (
    ("no_owner", "unowned", "danger", "Partitions without an owner", "Nobody reads {}."),
    ("stale", "stale", "warning", "Reports are old", "Not heard of lately: {}."),
    ("restoring", "opening", "info", "Restoring", "Being taken over: {}."),
    ("waiting", "waiting", "info", "Not started yet", "Waiting for their turn: {}."),
)


def notices(
    feeds: list[Feed],
    workers: list[Worker],
    alerts: Alerts | None,
    alerts_missing: str | None,
    of_sources: Iterable[Notice] = (),
) -> list[Notice]:
    """Everything that is wrong or under way, the worst first."""
    found = [
        *_database(alerts_missing),
        *_silence(workers),
        *_partitions(feeds, workers),
        *_trouble(feeds),
        *_targets(alerts),
        *of_sources,
    ]
    order = ("danger", "warning", "info")
    return sorted(found, key=lambda notice: order.index(notice.level))


def _database(missing: str | None) -> Iterator[Notice]:
    if missing is not None:
        yield Notice(
            "database_away",
            "danger",
            "The database is away",
            f"{missing}. Prices are still compared and nothing is lost; history and alerts "
            "catch up when it is back.",
        )


def _silence(workers: list[Worker]) -> Iterator[Notice]:
    if not workers:
        yield Notice(
            "no_worker",
            "warning",
            "No worker has reported yet",
            "The figures appear as soon as the first report is read.",
        )
    for worker in workers:
        if worker.stale:
            yield Notice(
                "worker_silent",
                "warning",
                "A worker is silent",
                f"{worker.worker} was last heard of {worker.age_s:.0f} s ago.",
            )


def _partitions(feeds: list[Feed], workers: list[Worker]) -> Iterator[Notice]:
    if not workers:
        return  # said once already; eight partitions nobody owns would say nothing more
    for code, state, level, title, text in _STATES:
        named = [text_ for feed in feeds if (text_ := _named(feed, state))]
        if named:
            yield Notice(code, level, title, text.format("; ".join(named)))


def _named(feed: Feed, state: str) -> str:
    numbers = [row.partition for row in feed.partitions if row.state == state]
    return f"{feed.topic} {in_runs(one_by_one(numbers))}" if numbers else ""


def _trouble(feeds: list[Feed]) -> Iterator[Notice]:
    for feed in feeds:
        by_trouble: dict[str, list[int]] = {}
        for row in _fresh(feed.partitions):
            if row.trouble:
                by_trouble.setdefault(row.trouble, []).append(row.partition)
        for trouble, numbers in sorted(by_trouble.items()):
            yield Notice(
                "held_up",
                "warning",
                f"{feed.agent} is held up",
                f"{in_runs(one_by_one(numbers))}: {trouble}",
            )


def _fresh(rows: Iterable[Partition]) -> Iterator[Partition]:
    return (row for row in rows if row.state not in ("stale", "unowned"))


def _targets(alerts: Alerts | None) -> Iterator[Notice]:
    for target in alerts.targets if alerts else ():
        if target.disabled_at is not None:
            yield Notice(
                "target_disabled",
                "danger",
                f"{target.channel.capitalize()} is switched off",
                f"{target.disabled_reason or 'No reason was kept'}. Alerts wait in the database.",
            )
