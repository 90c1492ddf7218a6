"""`/operations` and its JSON: what Postgres says, of deliveries and of polled sources."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from tests.store.ledgers import Tables
from tests.web.operations_page import HOSTILE, operations, words
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def tables(database_url: str) -> Iterator[Tables]:
    """No sources, before and after."""
    with Tables(database_url) as tables:
        tables.run("DELETE FROM event_sources")
        yield tables
        tables.run("DELETE FROM event_sources")


@pytest.mark.postgres
async def test_what_postgres_says_is_there(
    site: Site, rows: Rows, tables: Tables, database_url: str
) -> None:
    """Sizes, what waits since when, channels that are switched off, sources and how fresh."""
    site.use_database(database_url)
    rows.alert(1)
    rows.delivery(1, "waiting", created_at=NOW - timedelta(hours=1))
    rows.target("discord")
    rows.target("telegram", disabled_at=NOW, disabled_reason="f1n9er it answered 404")
    tables.run(
        "INSERT INTO event_sources VALUES ('\\x00', 'e', %s, 12, %s, %s)",
        HOSTILE,
        NOW,
        NOW - timedelta(minutes=5),
    )

    found = await operations(site)
    assert found.database is not None
    assert "price_history" in {each.table for each in found.database.tables}
    drops = {each.channel: each for each in found.database.drops}
    assert (drops["discord"].waiting, drops["discord"].waiting_since) == (
        1,
        NOW - timedelta(hours=1),
    )
    assert [(each.source, each.age_s, each.observations) for each in found.sources] == [
        ("simulated-mock", None, None),
        (HOSTILE, 300.0, 12),
    ]
    assert [(each.code, each.level) for each in found.notices] == [
        ("target_disabled", "danger"),
        ("waits_long", "warning"),
    ]

    page = await words(site)
    assert "discord on 1 drop waiting, the first one since 1 h ago" in page
    assert "telegram switched off nothing waits it answered 404" in page
    assert "1 event · 12 prices" in page


POLLED = ("source_refusals", "source_events", "source_usage", "sources")


@pytest.fixture
def polled(database_url: str) -> Iterator[Tables]:
    """No polled sources, before and after."""
    with Tables(database_url) as tables:
        for moment in ("before", "after"):
            for table in POLLED:
                tables.run(f"DELETE FROM {table} RETURNING 1")
            if moment == "before":
                yield tables


@pytest.mark.postgres
async def test_a_polled_source_goes_bad_and_good_again(
    site: Site, polled: Tables, database_url: str
) -> None:
    """With all that is known of it; the overview says so too, for as long as it lasts."""
    site.use_database(database_url)
    polled.run(
        "INSERT INTO sources (source, leased_by, leased_until, health, health_reason, health_since,"
        " answered_at, per_day, next_milestone_at, breaker, trouble) VALUES ('vendor', 'worker-7',"
        " now() + interval '1 hour', 'short', %s, %s, %s, 900, %s, 'open', 'answered with 500')"
        " RETURNING 1",
        f"3 of 10 {HOSTILE}",
        NOW - timedelta(hours=2),
        NOW - timedelta(minutes=3),
        NOW + timedelta(hours=1),
    )
    polled.run("INSERT INTO source_usage VALUES ('vendor', %s, 120) RETURNING 1", NOW)
    polled.run(
        "INSERT INTO source_refusals VALUES ('vendor', 'r', 'answered with 400', %s) RETURNING 1",
        NOW,
    )
    for event, misses in (("a", 0), ("b", 3)):
        polled.run(
            "INSERT INTO source_events (source, event_id, starts_at, seen_at, misses)"
            " VALUES ('vendor', %s, %s, %s, %s) RETURNING 1",
            event,
            NOW + timedelta(hours=5),
            NOW - timedelta(hours=3),
            misses,
        )

    found = await operations(site)
    assert found.database is not None
    [source] = found.database.polled
    assert (source.health, source.worker, source.used, source.left) == (
        "short",
        "worker-7",
        120,
        780,
    )
    [notice] = [each for each in found.notices if each.code == "source_unhealthy"]
    page = await words(site)
    for said in (
        notice.title,
        "vendor short 3 of 10",
        "last answer 3 min ago",
        "1 of 2 usual events",
        "120 requests in 24 h of 900, 780 left · next milestone 2026-03-01 15:03:22 UTC",
        "breaker open: answered with 500",
        "1 request refused: answered with 400",
        "within 1 d 3 h ago",
        "polled by worker-7",
    ):
        assert said in page
    async with ClientSession(site.url) as client, client.get("/operations") as answer:
        assert "<img" not in await answer.text()
    assert notice.title in await words(site, "/")

    polled.run("UPDATE sources SET health = 'healthy', breaker = 'closed' RETURNING 1")
    site.use_database(database_url)  # nothing that was read before is shown again
    assert [each.code for each in (await operations(site)).notices] == []
    assert "short of its usual count" not in await words(site, "/")
