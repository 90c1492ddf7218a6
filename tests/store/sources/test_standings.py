"""What pages are told of polled sources."""

from datetime import datetime, timedelta

import psycopg2
import pytest

from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection, Database
from conscope_app.store.metrics import Sample, keep_minute, samples_of, write_samples
from conscope_app.store.sources.standings import (
    OldestLook,
    PolledSource,
    Refusal,
    SourceStanding,
    polled_sources,
    source_standings,
)
from tests.sources.polling.adapters import NOON
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)


async def read(database: Database, now: datetime = NOON) -> list[PolledSource]:
    def work(connection: Connection) -> list[PolledSource]:
        with briefly(connection) as cursor:
            return polled_sources(cursor, now, 6)

    return await database.run(work)


async def test_figures_are_of_what_is_still_to_come(database: Database, tables: Tables) -> None:
    """Events that have begun or are gone count no more; those nobody finds are not usual."""
    tables.run("INSERT INTO sources (source, per_day) VALUES ('a', 100) RETURNING 1")
    begins = {
        "tomorrow": (NOON + DAY / 2, NOON - DAY / 24, 0, "open"),
        "soon, missed": (NOON + 2 * DAY, NOON - DAY, 2, "open"),
        "doubted": (NOON + 2 * DAY, NOON - 5 * DAY, 6, "open"),
        "unknown when": (None, None, 0, "open"),
        "begun": (NOON, NOON, 0, "open"),
        "gone": (NOON + DAY, NOON, 0, "gone"),
    }
    for event, row in begins.items():
        tables.run(
            "INSERT INTO source_events (source, event_id, starts_at, seen_at, misses, standing)"
            " VALUES ('a', %s, %s, %s, %s, %s) RETURNING 1",
            event,
            *row,
        )
    for hours, count in ((25, 1), (24, 10), (0, 30)):
        hour = NOON - timedelta(hours=hours)
        tables.run("INSERT INTO source_usage VALUES ('a', %s, %s) RETURNING 1", hour, count)
    for place in range(4):
        tables.run(
            "INSERT INTO source_refusals VALUES ('a', %s, %s, %s) RETURNING 1",
            f"r{place}",
            f"answered with {400 + place}",
            NOON + timedelta(seconds=place),
        )
    for ends, walked, events in ((DAY, 1, 7), (2 * DAY, 2, 8), (-DAY, 9, 100)):
        tables.run(
            "INSERT INTO source_spans VALUES ('a', %s, %s, %s, 1, %s) RETURNING 1",
            NOON - 2 * DAY,
            NOON + ends,
            NOON - timedelta(hours=walked),
            events,
        )

    [found] = await read(database)

    assert (found.known, found.usual, found.seen) == (4, 3, 1)
    assert (found.used, found.per_day, found.left) == (40, 100, 60)
    assert (found.round_events, found.round_at) == (15, NOON - timedelta(hours=2))
    assert found.refused == 4
    assert found.refusals[0] == Refusal("answered with 403", NOON + timedelta(seconds=3))
    assert len(found.refusals) == 3
    assert found.oldest == [
        OldestLook(1, 1, 0, NOON - DAY / 24),
        OldestLook(3, 2, 0, NOON - 5 * DAY),
        OldestLook(None, 1, 1, None),
    ]


async def test_nobody_polls_what_nobody_has_a_lease_of(database: Database, tables: Tables) -> None:
    """One that has run out is none; health is as it was noted last."""
    tables.run(
        "INSERT INTO sources (source, leased_by, leased_until, health, health_reason, health_since)"
        " VALUES ('a', 'w', now() + interval '1 hour', 'late', 'why', %s),"
        " ('b', 'w', now() - interval '1 hour', 'healthy', 'why', %s), ('c', NULL, NULL, NULL,"
        " NULL, NULL) RETURNING 1",
        NOON,
        NOON,
    )

    def work(connection: Connection) -> list[SourceStanding]:
        with briefly(connection) as cursor:
            return source_standings(cursor)

    assert await database.run(work) == [
        SourceStanding("a", "late", "why", NOON, told=False, worker="w"),
        SourceStanding("b", "healthy", "why", NOON, told=False, worker=None),
        SourceStanding("c", None, None, None, told=False, worker=None),
    ]
    assert [(each.source, each.worker, each.used) for each in await read(database)] == [
        ("a", "w", 0),
        ("b", None, 0),
        ("c", None, 0),
    ]


async def test_samples_of_sources_can_be_kept(database: Database, tables: Tables) -> None:
    """Each is a number: also whether it is healthy."""
    tables.run("INSERT INTO sources (source, health) VALUES ('a', 'healthy') RETURNING 1")

    await write_samples(database, NOON, "w", samples_of(await read(database)))

    kept = dict(tables.run("SELECT name, value FROM system_metrics"))
    assert kept["source_is_healthy"] == 1
    assert len(kept) == 5


async def test_what_cannot_be_read_in_time_costs_the_minute_nothing_else(
    database: Database, tables: Tables
) -> None:
    """It is said; the next minute has all again."""

    def of_sources(connection: Connection) -> list[Sample]:
        with briefly(connection) as cursor:
            cursor.execute("SET LOCAL statement_timeout = 100")
            return samples_of(polled_sources(cursor, NOON, 6))

    tables.run("INSERT INTO sources (source, health) VALUES ('a', 'healthy') RETURNING 1")
    own = [Sample("market_behind_rows", 7, {})]
    tables.run("BEGIN")
    tables.run("LOCK TABLE sources")
    unread = await keep_minute(database, NOON, "w", own, of_sources)
    tables.run("COMMIT")

    assert unread == "Not read within 2 s"
    assert tables.run("SELECT name, value FROM system_metrics") == [("market_behind_rows", 7)]
    assert await keep_minute(database, NOON, "w", own, of_sources) is None
    assert tables.run("SELECT count(*) FROM system_metrics") == [(1 + 1 + 5,)]


async def test_while_the_database_is_away_no_minute_is_kept() -> None:
    """Nor is that taken for sources which are slow to read."""
    nowhere = Database("postgresql+psycopg2://conscope@127.0.0.1:1/none")

    with pytest.raises(psycopg2.OperationalError, match="refused"):
        await keep_minute(nowhere, NOON, "w", [Sample("x", 1, {})], lambda _: [])
    await nowhere.close()
