"""The operations of the whole cluster at one moment: what workers report, what Postgres says."""

from functools import cache, partial

from conscope_app import app
from conscope_app.core.clock import Clock
from conscope_app.sources.polling.events import MISSES_TO_DOUBT
from conscope_app.store.backlog import drops_waiting
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection, Database
from conscope_app.store.market.source_freshness import source_freshness
from conscope_app.store.schema import metadata
from conscope_app.store.sources.standings import polled_sources
from conscope_app.store.table_sizes import table_sizes
from conscope_app.store.watches.channel_states import channel_states
from web import figures, operations_figures
from web.asking import asked_of
from web.notices import notices
from web.operations_notices import operations_notices
from web.operations_schema import DatabaseState, Operations
from web.patience import Asked, Unanswered
from web.source_notices import source_notices

# Sizes and freshness do not change by the second.
FRESH_S = 3.0


async def current_operations() -> Operations:
    """What the page and `/api/v1/operations` show. Never waits long, whatever the database does."""
    database, missing = await _database_state()
    view = app.cluster.view()
    now = app.services.clock()
    feeds = figures.feeds(view, app.settings.partitions, now)
    polled = database.polled if database else []
    of_sources = source_notices(polled, app.services.polling.configured if database else ())
    shared = notices(feeds, figures.workers(view, now), None, missing, of_sources)
    workers = operations_figures.worker_states(view, now)
    uncounted = figures.uncounted(view, app.settings.partitions)
    agents = operations_figures.agents(view, app.settings.partitions, now)
    return Operations(
        as_of=now,
        notices=operations_notices(shared, workers, agents, database, uncounted, now),
        losses=figures.losses(app.losses(), app.acknowledged),
        workers=workers,
        journeys=operations_figures.journeys(view),
        agents=agents,
        tables=operations_figures.held_tables(view.figures),
        sources=operations_figures.source_states(view, database.sources if database else [], now),
        dead_letters=figures.dead_letters(view),
        errors=operations_figures.said(view),
        database=database,
        database_missing=missing,
    )


async def _database_state() -> tuple[DatabaseState | None, str | None]:
    channels = tuple(app.services.telling.kinds)
    try:
        return await _asked(app.services.database, channels).get(), None
    except Unanswered as error:
        return None, str(error)


@cache
def _asked(database: Database, channels: tuple[str, ...]) -> Asked[DatabaseState]:
    read = partial(read_state, channels=channels, clock=app.services.clock)
    return asked_of(database, read, fresh_s=FRESH_S)


def read_state(connection: Connection, channels: tuple[str, ...], clock: Clock) -> DatabaseState:
    """All that the page asks the database, of one moment; may raise TooSlow."""
    with briefly(connection) as cursor:
        return DatabaseState(
            tables=table_sizes(cursor, metadata.tables),
            drops=drops_waiting(cursor),
            watches=channel_states(connection, channels),
            sources=source_freshness(cursor),
            polled=polled_sources(cursor, clock(), MISSES_TO_DOUBT),
        )
