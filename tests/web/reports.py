"""What workers would have reported: complete values, of which a test overrides what matters."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from conscope_app.stream.cluster import ClusterView, Listings, PartitionStatus, WorkerStatus
from web.figures import FEEDS

NOW = datetime(2026, 3, 1, 14, 3, 22, tzinfo=UTC)
PARTITIONS = 8


def listings(count: int, total: str, lowest: str, highest: str) -> Listings:
    """What a partition holds in one currency."""
    return Listings(
        count=count, total=Decimal(total), lowest=Decimal(lowest), highest=Decimal(highest)
    )


def a_partition(number: int = 0, **given: Any) -> PartitionStatus:
    """A running partition of `track_prices`, a little behind."""
    agent = given.get("agent", "track_prices")
    values: dict[str, Any] = {
        "agent": agent,
        "topic": FEEDS[agent],
        "partition": number,
        "worker": "worker-1",
        "state": "running",
        "position": 100,
        "end": 103,
        "trouble": None,
        "counts": {"records": 100, "new": 10, "drop": 20, "rise": 5, "same": 60, "late": 4}
        | {"dead": 1, "dead:bad_price": 1},
        "listings": {"USD": listings(10, "1000.00", "50.00", "400.00")},
        "sources": ["simulated-mock"],
        "at": NOW - timedelta(seconds=1),
    }
    return PartitionStatus(**values | given)


def a_worker(worker: str = "worker-1", **given: Any) -> WorkerStatus:
    """A ready worker that has just reported."""
    values: dict[str, Any] = {
        "worker": worker,
        "address": "http://127.0.0.1:6066",
        "started_at": NOW - timedelta(hours=2),
        "at": NOW - timedelta(seconds=1),
        "ready": True,
        "reasons": [],
    }
    return WorkerStatus(**values | given)


def a_view(**given: Any) -> ClusterView:
    """A healthy cluster of one worker that owns every partition of the three agents."""
    values: dict[str, Any] = {
        "as_of": NOW,
        "partitions": [
            a_partition(number, agent=agent)
            if agent == "track_prices"
            else a_partition(number, agent=agent, counts={}, listings={}, sources=[])
            for agent in FEEDS
            for number in range(PARTITIONS)
        ],
        "workers": [a_worker()],
        "records_per_s": 480.0,
    }
    return ClusterView(**values | given)
