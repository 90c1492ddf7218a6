"""Senders of raw_prices that use transactions: aborted ones, and one that is left hanging."""

import time
from random import Random
from typing import Any

from conscope_app.topics.tickets import RAW_PRICES
from tests.chaos.transactional_stream import Sent, TransactionalStream
from tests.chaos.trial import Trial

# The broker looks each second, not each ten, for transactions whose time is over.
KAFKA = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000"}

WORKERS = 2
HANG_S = 15.0
ENDS_WITHIN_S = 60.0
LEAST_ABORTED = 20
LOOK_EVERY_S = 0.2
LOOKED_AT_SHARE = 0.7  # of the time that it hangs


def transactions(trial: Trial, dice: Random, times: int) -> None:
    """A fifth of the sender's transactions aborted, one left hanging, and workers killed."""
    for number in range(WORKERS):
        trial.hire(f"w{number + 1}")
    trial.crew.until_ready()
    stream = _stream(trial)
    trial.stream(stream)
    for _ in range(times):
        trial.rest(dice, 1.0, 5.0)
        trial.crew.kill(dice.choice(trial.crew.members), killed=trial.cut)
    trial.crew.until_ready()
    _hang(trial, stream)
    trial.until(
        lambda: stream.sent.aborted >= LEAST_ABORTED,
        within_s=ENDS_WITHIN_S,
        what=f"{LEAST_ABORTED} aborted transactions",
    )
    trial.check_at_end(lambda: _demand_that_nobody_saw(trial, stream.sent))


def _stream(trial: Trial) -> TransactionalStream:
    demand = trial.scenario.demand
    return TransactionalStream(
        trial.brokers,
        partitions=demand.partitions,
        rate=demand.rate,
        seed=trial.seed,
        hang_s=HANG_S,
    )


def _hang(trial: Trial, stream: TransactionalStream) -> None:
    """While it hangs, nothing behind it can be read, and nobody may be blamed for that."""
    begins = stream.leave_one_hanging()
    hung_at = time.monotonic()
    unready: set[str] = set()
    lags: set[int] = set()
    while time.monotonic() - hung_at < HANG_S * LOOKED_AT_SHARE:
        unready |= {w.name for w in trial.crew.members if not w.get("/health/ready")}
        feed = _feed(trial)
        if _positions(feed) == begins:
            lags.add(feed["lag"])
        time.sleep(LOOK_EVERY_S)
    trial.demand(bool(lags), "no reader came up to the hanging transaction while it hung")
    trial.demand(lags <= {0}, f"lags of {sorted(lags)} were shown that nobody could work off")
    trial.demand(not unready, f"{sorted(unready)} were not ready because a sender hangs")
    trial.until(
        lambda: _is_past(_positions(_feed(trial)), begins),
        within_s=ENDS_WITHIN_S,
        what="all partitions read past the transaction that hung",
    )
    trial.notes.append(
        f"read on {time.monotonic() - hung_at:.0f} s after a sender had hung, whose transaction "
        f"the broker gave {HANG_S:.0f} s: that is in the longest stall"
    )


def _feed(trial: Trial) -> dict[str, Any]:
    """What a worker's page says of raw_prices."""
    stats = trial.stats() or {"feeds": []}
    for feed in stats["feeds"]:
        if feed["topic"] == RAW_PRICES.name:
            return dict(feed)
    return {"lag": None, "partitions": []}


def _positions(feed: dict[str, Any]) -> dict[int, int | None]:
    return {each["partition"]: each["position"] for each in feed["partitions"]}


def _is_past(positions: dict[int, int | None], begins: dict[int, int]) -> bool:
    return all((positions.get(partition) or 0) > begin for partition, begin in begins.items())


def _demand_that_nobody_saw(trial: Trial, sent: Sent) -> None:
    for table in ("price_history", "price_drop_alerts", "deliveries"):
        places = set(trial.pipeline.query(f"SELECT raw_partition, raw_offset FROM {table}"))
        seen = len(places & sent.unseen)
        trial.demand(not seen, f"{table} has {seen} rows of aborted records")
    trial.notes.append(
        f"{sent.committed} transactions committed, {sent.aborted} aborted, {sent.markers} markers, "
        f"{len(sent.unseen)} records that nobody may see"
    )
