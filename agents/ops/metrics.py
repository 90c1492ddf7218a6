"""Reports of what this worker does, for every worker's pages; samples of them for Postgres."""

import asyncio
import logging
import socket
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial

import psycopg2

from conscope_app import __version__, app
from conscope_app.core.clock import monotonic_s
from conscope_app.core.delays import Delays
from conscope_app.domains.tickets.listings import ListingSums
from conscope_app.sources.polling.events import MISSES_TO_DOUBT
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection
from conscope_app.store.metrics import Sample, keep_minute, samples_of
from conscope_app.store.sources.standings import polled_sources
from conscope_app.stream.cluster import (
    Listings,
    PartitionStatus,
    Report,
    Restore,
    TableSize,
    WorkerErrors,
    WorkerFigures,
    WorkerStatus,
)
from conscope_app.stream.exchange import Exchange
from conscope_app.stream.feed import Feed
from conscope_app.stream.reader import PartitionReader
from conscope_app.stream.table import DurableTable
from conscope_app.topics.tickets import SYSTEM_METRICS
from tables.tickets import last_seen_prices

logger = logging.getLogger(__name__)

SAMPLE_EVERY_S = 60.0
COUNTED = "track_prices"  # the agent whose table holds the listings
ROLLS_UP = "store_prices"  # the agent whose workers roll the market up
SCAN_EVERY_S = 2.0
SCAN_ROWS = 1_000  # a few milliseconds of the event loop at a time
SCAN_SHARE = 0.01  # of the time may go into scanning, however large the table is
MEASURE_EVERY_S = 10.0

started_at = app.services.clock()
summed: dict[int, tuple[int | None, ListingSums]] = {}  # by partition: the position it stands for
awaited: dict[int, datetime] = {}  # by partition: since when its listings are not summed
sizes: list[TableSize] = []


def worker_name() -> str:
    """How this worker is known to the others: unique, and the same after a restart."""
    return f"{socket.gethostname()}:{app.conf.web_port}"


def reports() -> Iterator[Report]:
    """This worker, what it measures and warned of, and each partition that it owns."""
    now = app.services.clock()
    worker = worker_name()
    health = app.health()
    yield WorkerStatus(
        worker=worker,
        address=f"http://{app.conf.web_host}:{app.conf.web_port}",
        started_at=started_at,
        at=now,
        ready=health.ready,
        reasons=health.reasons,
        version=__version__,
        agents=sorted(app.settings.agents),
    )
    yield WorkerFigures(worker=worker, at=now, delays=dict(_delays()), tables=sizes)
    yield WorkerErrors(worker=worker, at=now, errors=app.recent_errors.newest())
    for feed in app.own_feeds():
        for reader in list(feed.readers.values()):
            yield _partition_status(feed, reader)
        if feed.agent == COUNTED:
            for partition in awaited.keys() - {r.source.partition for r in feed.readers.values()}:
                del awaited[partition]  # another worker's, who counts it


def _delays() -> Iterator[tuple[str, Delays]]:
    """Of the agents, and of the couriers that run as part of this worker."""
    services = app.services
    found = [(feed.agent, feed.delays.report()) for feed in app.own_feeds()]
    found.append(("deliver_alerts", services.courier.delays.report()))
    found.append(("deliver_watches", services.telling.delays))
    yield from ((agent, delays) for agent, delays in found if delays.counts)


def _partition_status(feed: Feed, reader: PartitionReader) -> PartitionStatus:
    partition = reader.source.partition
    progress = getattr(reader.ledger, "progress", None)
    counted = feed.agent == COUNTED
    _, sums = summed.get(partition, (None, ListingSums()))
    counting_since = None
    if counted and partition not in summed:
        counting_since = awaited.setdefault(partition, app.services.clock())
    elif counted:
        awaited.pop(partition, None)
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
        restore=_restore(reader),
        counting_since=counting_since,
    )


def _restore(reader: PartitionReader) -> Restore | None:
    restored = getattr(reader.ledger, "restored", None)
    if reader.running or restored is None:
        return None
    return Restore(done=restored.position - restored.start, of=restored.end - restored.start)


def _listings(sums: ListingSums) -> dict[str, Listings]:
    return {
        currency: Listings(each.count, each.total, each.lowest, each.highest)
        for currency, each in sums.by_currency.items()
    }


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def sum_listings() -> None:
    """Keep the sums of the listings that this worker holds near the present."""
    due_at = 0.0
    while not app.should_stop:
        began, is_due = monotonic_s(), monotonic_s() >= due_at
        held = last_seen_prices.open_partitions
        for partition in summed.keys() - held.keys():
            del summed[partition]
        # A partition that has just come is summed at once: until then it is missing in the total.
        for partition in list(held) if is_due else [each for each in held if each not in summed]:
            await _sum_partition(partition)
        if is_due:
            took = monotonic_s() - began
            due_at = monotonic_s() + max(SCAN_EVERY_S, took / SCAN_SHARE)
        await app.sleep(SCAN_EVERY_S)


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def measure_tables() -> None:
    """Keep what the tables take on this worker's disk near the present."""
    while not app.should_stop:
        sizes[:] = [_size(name, table) for name, table in sorted(app.tables.items())]
        await app.sleep(MEASURE_EVERY_S)


def _size(name: str, table: DurableTable) -> TableSize:
    rows, in_bytes = table.size()
    return TableSize(name, len(table.open_partitions), rows, in_bytes)


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
    """Keep a sample a minute in Postgres; what cannot be had at once is not worth waiting for."""
    samples = [
        Sample(name, count, {"agent": status.agent, "partition": status.partition})
        for status in reports()
        if isinstance(status, PartitionStatus)
        for name, count in status.counts.items()
    ]
    if ROLLS_UP in app.settings.agents:
        behind = app.services.market.behind
        samples.append(Sample("market_behind_rows", behind.rows, {}))
        samples.append(Sample("market_behind_s", behind.seconds, {}))
    now, database = app.services.clock(), app.services.database
    read = partial(_of_sources, held=app.services.polling.sources, now=now)
    try:
        unread = await keep_minute(database, now, worker_name(), samples, read)
    except psycopg2.Error as error:
        logger.warning("a minute's samples were not kept: %s", error)
    else:
        if unread is not None:
            logger.warning("a minute's samples of the polled sources were not kept: %s", unread)


def _of_sources(connection: Connection, held: Collection[str], now: datetime) -> list[Sample]:
    """Of those that this worker polls."""
    if not held:
        return []
    with briefly(connection) as cursor:
        found = polled_sources(cursor, now, MISSES_TO_DOUBT)
    return samples_of(each for each in found if each.source in held)


app.service(
    Exchange(  # type: ignore[arg-type]  # Faust starts instances as well as classes
        brokers=app.settings.brokers,
        topic=SYSTEM_METRICS.name,
        cluster=app.cluster,
        collect=reports,
    )
)
