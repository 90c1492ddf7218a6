"""Reports of what this worker does, for every worker's pages; samples of them for Postgres."""

import asyncio
import logging
import socket
from collections.abc import Iterator

import psycopg2

from conscope_app import app
from conscope_app.core.clock import monotonic_s
from conscope_app.domains.tickets.listings import ListingSums
from conscope_app.store.metrics import Sample, write_samples
from conscope_app.stream.cluster import Listings, PartitionStatus, Report, WorkerStatus
from conscope_app.stream.exchange import Exchange
from conscope_app.stream.feed import Feed
from conscope_app.stream.reader import PartitionReader
from conscope_app.topics.tickets import SYSTEM_METRICS
from tables.tickets import last_seen_prices

logger = logging.getLogger(__name__)

SAMPLE_EVERY_S = 60.0
SCAN_EVERY_S = 2.0
SCAN_ROWS = 1_000  # a few milliseconds of the event loop at a time
SCAN_SHARE = 0.01  # of the time may go into scanning, however large the table is

started_at = app.services.clock()
summed: dict[int, tuple[int | None, ListingSums]] = {}  # by partition: the position it stands for


def worker_name() -> str:
    """How this worker is known to the others: unique, and the same after a restart."""
    return f"{socket.gethostname()}:{app.conf.web_port}"


def reports() -> Iterator[Report]:
    """This worker and each partition that it owns."""
    now = app.services.clock()
    health = app.health()
    yield WorkerStatus(
        worker=worker_name(),
        address=f"http://{app.conf.web_host}:{app.conf.web_port}",
        started_at=started_at,
        at=now,
        ready=health.ready,
        reasons=health.reasons,
    )
    for feed in app.own_feeds():
        for reader in list(feed.readers.values()):
            yield _partition_status(feed, reader)


def _partition_status(feed: Feed, reader: PartitionReader) -> PartitionStatus:
    partition = reader.source.partition
    progress = getattr(reader.ledger, "progress", None)
    _, sums = summed.get(partition, (None, ListingSums()))
    counted = feed.agent == "track_prices"
    return PartitionStatus(
        agent=feed.agent,
        topic=reader.source.topic,
        partition=partition,
        worker=worker_name(),
        state="running" if reader.running else "opening",
        # What stands between the position and the consumer when all is written are markers.
        position=reader.fetch_from if reader.idle and not reader.wants_seek else reader.position,
        end=feed.ends.get(partition),
        trouble=reader.ledger.trouble,
        counts={} if progress is None else progress.counts,
        listings=_listings(sums) if counted else {},
        sources=sorted(sums.sources) if counted else [],
        at=app.services.clock(),
        lost=reader.lost,
    )


def _listings(sums: ListingSums) -> dict[str, Listings]:
    return {
        currency: Listings(each.count, each.total, each.lowest, each.highest)
        for currency, each in sums.by_currency.items()
    }


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def sum_listings() -> None:
    """Keep the sums of the listings that this worker holds near the present."""
    while not app.should_stop:
        began = monotonic_s()
        for partition in list(last_seen_prices.open_partitions):
            await _sum_partition(partition)
        for partition in summed.keys() - last_seen_prices.open_partitions.keys():
            del summed[partition]
        took = monotonic_s() - began
        await app.sleep(max(SCAN_EVERY_S, took / SCAN_SHARE))


async def _sum_partition(partition: int) -> None:
    rows = last_seen_prices.open_partitions.get(partition)
    if rows is None:
        return  # given away while the others were summed
    progress = rows.progress
    position = None if progress is None else progress.next_offset
    if partition in summed and summed[partition][0] == position:
        return
    sums, after = ListingSums(), None
    # The partition may be given away at each pause: then its database is closed.
    while last_seen_prices.open_partitions.get(partition) is rows:
        page = rows.page(after, SCAN_ROWS)
        sums.add(page)
        if len(page) < SCAN_ROWS:
            summed[partition] = (position, sums)
            return
        after = page[-1][0]
        await asyncio.sleep(0)


@app.timer(SAMPLE_EVERY_S)  # type: ignore[untyped-decorator]  # Faust gives it no type
async def keep_samples() -> None:
    """Keep a sample a minute in Postgres; one that cannot be written is not worth waiting for."""
    samples = [
        Sample(name, count, {"agent": status.agent, "partition": status.partition})
        for status in reports()
        if isinstance(status, PartitionStatus)
        for name, count in status.counts.items()
    ]
    try:
        await write_samples(app.services.database, app.services.clock(), worker_name(), samples)
    except psycopg2.Error as error:
        logger.warning("a minute's samples were not kept: %s", error)


app.service(
    Exchange(  # type: ignore[arg-type]  # Faust starts instances as well as classes
        brokers=app.settings.brokers,
        topic=SYSTEM_METRICS.name,
        cluster=app.cluster,
        collect=reports,
    )
)
