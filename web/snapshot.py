"""The whole cluster at one moment: what the workers report, and what the database says."""

import asyncio
from functools import cache, partial

from conscope_app import app
from conscope_app.store.alerts.drop_search import DropFilter
from conscope_app.store.alerts.drops import DropPage, list_drops
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection, Database
from conscope_app.store.sources.standings import SourceStanding, source_standings
from conscope_app.store.stats import DeliveryStats, read_delivery_stats
from web import figures
from web.asking import asked_of
from web.notices import notices
from web.patience import Asked, Unanswered
from web.schema import Alerts, Notice, Stats
from web.source_notices import source_notices

ALERTS_SHOWN = 20
MAX_ALERTS = 500


async def current_stats() -> Stats:
    """What every page and `/api/v1/stats` show. Never waits long, whatever the database does."""
    (alerts, missing), of_sources = await asyncio.gather(_alerts(), _of_sources())
    view = app.cluster.view()
    now = app.services.clock()
    feeds = figures.feeds(view, app.settings.partitions, now)
    workers = figures.workers(view, now)
    return Stats(
        as_of=now,
        totals=figures.totals(view),
        records_per_s=view.records_per_s,
        dead_letters=figures.dead_letters(view),
        prices=figures.prices(view),
        uncounted=figures.uncounted(view, app.settings.partitions),
        sources=figures.sources(view),
        feeds=feeds,
        workers=workers,
        alerts=alerts,
        alerts_missing=missing,
        notices=notices(feeds, workers, alerts, missing, of_sources),
        losses=figures.losses(app.losses(), app.acknowledged),
    )


async def newest_alerts() -> DropPage:
    """The newest alerts, `MAX_ALERTS` at most; raises `Unanswered` with the reason why not."""
    return await _all_alerts(app.services.database).get()


async def _alerts() -> tuple[Alerts | None, str | None]:
    try:
        read = await _delivery_stats(app.services.database).get()
    except Unanswered as error:
        return None, str(error)
    return Alerts(deliveries=read.deliveries, targets=read.targets, latest=read.latest), None


async def _of_sources() -> list[Notice]:
    """None while the database is away: that is said already."""
    try:
        standings = await _standings(app.services.database).get()
    except Unanswered:
        return []
    return list(source_notices(standings, app.services.polling.configured))


@cache
def _standings(database: Database) -> Asked[list[SourceStanding]]:
    return asked_of(database, _read_standings)


def _read_standings(connection: Connection) -> list[SourceStanding]:
    with briefly(connection) as cursor:
        return source_standings(cursor)


@cache
def _delivery_stats(database: Database) -> Asked[DeliveryStats]:
    return asked_of(database, partial(read_delivery_stats, alerts=ALERTS_SHOWN))


@cache
def _all_alerts(database: Database) -> Asked[DropPage]:
    return asked_of(database, partial(list_drops, asked=DropFilter(limit=MAX_ALERTS)))
