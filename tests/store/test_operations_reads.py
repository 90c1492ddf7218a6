"""What the operations page reads from Postgres: right, by an index, and without counting."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store import backlog
from conscope_app.store.backlog import Backlog, drops_waiting
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Database
from conscope_app.store.market.source_freshness import SourceFreshness, source_freshness
from conscope_app.store.schema import metadata
from conscope_app.store.table_sizes import table_sizes
from tests.store.ledgers import AT, Tables

pytestmark = pytest.mark.postgres

_DELIVERIES = """
    INSERT INTO deliveries (raw_partition, raw_offset, channel, event_id, status, created_at)
    SELECT 0, n, CASE WHEN n %% 100 = 0 THEN 'phone' ELSE 'discord' END, 'e',
        CASE WHEN n > 3000 THEN 'waiting' ELSE 'sent' END, %s + n * interval '1 second'
    FROM generate_series(1, 4000) AS n
"""
_SOURCES = """
    INSERT INTO event_sources (key, event_id, source, observations, first_seen_at, last_seen_at)
    SELECT sha256(n::text::bytea), n::text, 'source ' || n %% 3, 10, %s,
        %s + n * interval '1 second'
    FROM generate_series(1, 3000) AS n
"""


async def read(database: Database, reader: Callable[[Cursor], Any]) -> Any:
    """As the page reads it."""

    def work(connection: Any) -> Any:
        with briefly(connection) as cursor:
            return reader(cursor)

    return await database.run(work)


async def test_what_waits_is_counted_by_channel(database: Database, tables: Tables) -> None:
    """Those that are told through nothing yet among them, and none of the watches'."""
    tables.run(_DELIVERIES, AT)
    tables.run(
        "INSERT INTO delivery_targets (channel, disabled_at, disabled_reason, blocked_until) VALUES"
        " ('discord', %s, 'f1n9er it answered 404', now() + interval '1 day'),"
        " ('watches:phone', NULL, NULL, NULL), ('quiet', NULL, NULL, now() - interval '1 day')",
        AT,
    )

    discord, phone, quiet = await read(database, drops_waiting)

    assert (discord.channel, discord.waiting) == ("discord", 990)
    assert discord.waiting_since == AT + timedelta(seconds=3001)
    assert (discord.disabled_at, discord.disabled_reason) == (AT, "it answered 404")
    assert discord.blocked_until is not None
    assert phone == Backlog("phone", 10, AT + timedelta(seconds=3100), None, None, None)
    assert quiet == Backlog("quiet", 0, None, None, None, None)


async def test_a_long_queue_is_not_counted_to_its_end(
    database: Database, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That much is a backlog."""
    monkeypatch.setattr(backlog, "MOST_COUNTED", 100)
    tables.run(_DELIVERIES, AT)

    assert [each.waiting for each in await read(database, drops_waiting)] == [100, 10]


async def test_each_source_is_as_fresh_as_its_newest_word(
    database: Database, tables: Tables
) -> None:
    """Over all of its events."""
    tables.run(_SOURCES, AT, AT)

    found = await read(database, source_freshness)

    assert found == [
        SourceFreshness(f"source {n}", 1000, 10_000, AT + timedelta(seconds=last))
        for n, last in ((0, 3000), (1, 2998), (2, 2999))
    ]


async def test_no_source_is_no_line(database: Database, tables: Tables) -> None:
    assert await read(database, source_freshness) == []
    assert await read(database, drops_waiting) == []


async def test_a_table_is_the_sum_of_its_parts(database: Database, tables: Tables) -> None:
    """With its indexes; how many rows is unknown until Postgres has looked."""
    tables.run(_DELIVERIES, AT)
    tables.run(
        "CREATE TABLE price_history_2026_11_part PARTITION OF price_history"
        " FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')"
    )
    try:
        tables.run("ANALYZE deliveries")
        found = {
            each.table: each
            for each in await read(database, lambda cursor: table_sizes(cursor, metadata.tables))
        }
    finally:
        tables.run("DROP TABLE price_history_2026_11_part")

    assert found.keys() == set(metadata.tables)
    assert found["deliveries"].rows == 4000
    assert found["deliveries"].bytes > 4000 * 50
    assert found["price_history"].parts >= 1
    assert found["price_history"].bytes > 0


@contextmanager
def explained(cursor: Cursor) -> Iterator[list[str]]:
    """The plans of all that is executed with the cursor, which then finds nothing."""
    plans: list[str] = []

    class Explaining:
        def execute(self, query: str, values: Any = None) -> None:
            cursor.execute(f"EXPLAIN {query}", values)
            plans.extend(line for (line,) in cursor.fetchall())

        def fetchall(self) -> list[Any]:
            return []

    cursor.execute("SET LOCAL enable_seqscan = off")
    explaining: Any = Explaining()
    for reader in (drops_waiting, source_freshness):
        reader(explaining)
    yield plans


async def test_every_read_goes_by_an_index(database: Database, tables: Tables) -> None:
    """None reads a table that grows from end to end."""
    tables.run(_DELIVERIES, AT)
    tables.run(_SOURCES, AT, AT)
    tables.run("ANALYZE")

    def plan(cursor: Cursor) -> list[str]:
        with explained(cursor) as plans:
            return plans

    plans = "\n".join(await read(database, plan))
    assert "Seq Scan" not in plans
    assert "deliveries_waiting" in plans
    assert "event_sources_of_source" in plans
