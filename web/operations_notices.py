"""What whoever runs ConScope should know now, beyond what every page says. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from web.operations_schema import AgentState, DatabaseState, WorkerState
from web.runs import in_runs, one_by_one
from web.schema import Level, Notice, Uncounted
from web.templating import clock

# Some seconds' worth of records is a slab on its way; this is none any more.
BEHIND = 10_000

# Quiet hours and pauses that a channel asks for are shorter than what a person should look into.
WAITS_LONG = timedelta(minutes=15)

_ORDER: tuple[Level, ...] = ("danger", "warning", "info")


def operations_notices(
    shared: Iterable[Notice],
    workers: Iterable[WorkerState],
    agents: Iterable[AgentState],
    database: DatabaseState | None,
    uncounted: Uncounted | None,
    now: datetime,
) -> list[Notice]:
    """Those that every page has, and what is not ready, behind, or waits; the worst first."""
    found = [*shared, *_not_ready(workers), *_behind(agents), *_counting(uncounted)]
    if database is not None:
        found += [*_switched_off(database), *_waiting(database, now)]
    return sorted(found, key=lambda notice: _ORDER.index(notice.level))


def _not_ready(workers: Iterable[WorkerState]) -> Iterator[Notice]:
    for worker in workers:
        if not worker.ready and not worker.stale:
            why = "; ".join(worker.reasons) or "it does not say why"
            yield Notice("not_ready", "warning", f"{worker.worker} is not ready", f"{why}.")


def _behind(agents: Iterable[AgentState]) -> Iterator[Notice]:
    for agent in agents:
        if agent.lag is not None and agent.lag >= BEHIND:
            rate = agent.records_per_s
            pace = "" if rate is None else f" It takes {rate:,.0f} records a second now."
            text = f"{agent.lag:,} records of {agent.topic} wait for it.{pace}"
            yield Notice("behind", "warning", f"{agent.agent} is behind", text)


def _counting(uncounted: Uncounted | None) -> Iterator[Notice]:
    if uncounted is None or uncounted.since is None:
        return  # of what nobody has reported it is said that nobody reads it
    named = in_runs(one_by_one(uncounted.partitions))
    text = (
        f"Those of raw_prices {named} are not in the totals since {clock(uncounted.since)} UTC: "
        "their worker has taken them over, and counts them."
    )
    yield Notice("counting", "info", "Listings are being counted", text)


def _switched_off(database: DatabaseState) -> Iterator[Notice]:
    off = [(each.channel, each.disabled_reason) for each in database.drops if each.disabled_at]
    off += [(each.name, each.disabled_reason) for each in database.watches if each.disabled_at]
    for name, reason in off:
        text = f"{reason or 'No reason was kept'}. What is to be told waits in the database."
        yield Notice("target_disabled", "danger", f"{name} is switched off", text)


def _waiting(database: DatabaseState, now: datetime) -> Iterator[Notice]:
    """Drops only: a watch may have asked to be told late."""
    for each in database.drops:
        since = each.waiting_since
        if since is not None and each.disabled_at is None and now - since > WAITS_LONG:
            minutes = (now - since) // timedelta(minutes=1)
            text = f"{each.waiting:,} drops wait for it, the first one for {minutes:,} minutes."
            yield Notice("waits_long", "warning", f"{each.channel} is not told", text)
