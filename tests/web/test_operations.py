"""`/operations` and its JSON: what workers report and what Postgres says, and what is amiss."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from conscope_app import app
from conscope_app.core.delays import Delays, bucket_of
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.cluster import (
    Restore,
    TableSize,
    Warned,
    WorkerErrors,
    WorkerFigures,
)
from tests.store.ledgers import Tables
from tests.web.api import ask
from tests.web.reports import NOW, a_partition, a_worker
from tests.web.rows import Rows
from tests.web.site import Site
from web.operations_schema import Operations

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def figures(worker: str = "worker-1", **delays: tuple[float, int]) -> WorkerFigures:
    """What a worker measured in a minute: by agent, so long for so many records."""
    return WorkerFigures(
        worker=worker,
        at=NOW,
        delays={
            agent: Delays(60.0, {bucket_of(ms): count}) for agent, (ms, count) in delays.items()
        },
        tables=[TableSize("last_seen_prices", 4, 500, 1_500_000)],
    )


async def operations(site: Site) -> Operations:
    """The JSON, in the shape that it promises."""
    answer = await ask(site, "GET", "operations")
    assert answer.status == 200
    return msgspec.convert(answer.body, Operations)


async def words(site: Site, path: str = "/operations") -> str:
    """The page's text, with one blank between words."""
    async with ClientSession(site.url) as client, client.get(path) as answer:
        assert answer.status == 200
        html = await answer.text()
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_delays_of_all_workers_are_read_together(site: Site) -> None:
    """By agent, and on the ways that people ask for; a bound says that it is one."""
    site.show(
        figures=[
            figures("a", track_prices=(50, 900), store_prices=(300, 900)),
            figures("b", track_prices=(4_000, 100), deliver_alerts=(900, 6)),
        ]
    )

    found = await operations(site)
    by_agent = {each.agent: each for each in found.agents}
    track = by_agent["track_prices"]
    assert track.records_per_s == pytest.approx(1000 / 60, abs=0.01)
    assert track.p50_s == pytest.approx(0.05, rel=0.2)
    assert track.p99_s == pytest.approx(4, rel=0.2)
    assert (by_agent["store_alerts"].records_per_s, by_agent["store_alerts"].p50_s) == (0, None)
    assert by_agent["deliver_alerts"].topic is None

    ways = {each.to: each for each in found.journeys}
    assert (ways["row"].at_most, ways["row"].records) == (True, 900)
    assert ways["row"].p50_s == pytest.approx(0.35, rel=0.2)
    assert ways["told"].p50_s == pytest.approx(0.9, rel=0.2)
    assert ways["watch_told"].p50_s is None
    assert [(each.table, each.rows, each.partitions) for each in found.tables] == [
        ("last_seen_prices", 1_000, 8)
    ]

    page = await words(site)
    assert "Price → compared half within 50 ms" in page
    assert "≤" in page
    assert "unknown: nothing came here in the last minute" in page


async def test_while_the_database_is_away_its_part_says_why(site: Site) -> None:
    """All else is there; nothing unknown is a zero."""
    found = await operations(site)

    assert found.database is None
    assert found.database_missing is not None
    assert "does not answer" in found.database_missing
    assert [(each.source, each.last_seen_at) for each in found.sources] == [
        ("simulated-mock", None)
    ]
    page = await words(site)
    assert "The database is away" in page
    assert page.count("Unknown while the database is away.") == 2
    assert "bad price 8" in page


async def test_nothing_reported_is_said_and_no_figure_made_of_it(site: Site) -> None:
    """No worker yet."""
    site.show(partitions=[], workers=[], records_per_s=None)

    found = await operations(site)
    assert found.workers == []
    assert {each.records_per_s for each in found.agents} == {None}
    page = await words(site)
    assert "No worker has reported yet" in page
    assert "Unknown: no worker has reported yet." in page


async def test_what_needs_somebody_comes_first(site: Site) -> None:
    """Silent and unready workers, partitions without an owner, restoring ones with how far."""
    site.show(
        partitions=[
            a_partition(0),
            a_partition(1, end=20_000),
            a_partition(2, state="opening", position=None, restore=Restore(250, 1_000)),
            a_partition(3, at=NOW - timedelta(minutes=2)),
            *(a_partition(number) for number in (4, 5, 6)),
        ],
        workers=[
            a_worker("a", version="1.0", agents=["track_prices"]),
            a_worker("b", ready=False, reasons=["track_prices: opening raw_prices [2]"]),
            a_worker("c", at=NOW - timedelta(seconds=30)),
        ],
    )

    found = await operations(site)
    assert [each.worker for each in found.workers] == ["c", "b", "a"]
    assert (found.workers[2].version, found.workers[2].agents) == ("1.0", ["track_prices"])
    assert (found.workers[0].version, found.workers[0].agents) == (None, None)
    track = found.agents[0]
    assert [each.partition for each in track.partitions[:3]] == [7, 3, 2]
    assert track.partitions[2].restore == Restore(250, 1_000)
    assert track.lag is None  # of one it is not known
    codes = [each.code for each in found.notices]
    assert codes.index("no_owner") < codes.index("not_ready") < codes.index("restoring")
    assert "restoring, 25 %" in await words(site)


async def test_who_is_behind_is_said_with_the_pace(site: Site) -> None:
    """Only where the lag of every partition is known."""
    behind = [a_partition(0, end=20_100), *(a_partition(number, end=100) for number in range(1, 8))]
    site.show(partitions=behind, figures=[figures(track_prices=(50, 6_000))])

    [notice] = [each for each in (await operations(site)).notices if each.code == "behind"]
    assert notice.text == (
        "20,000 records of raw_prices wait for it. It takes 100 records a second now."
    )


async def test_listings_that_are_not_counted_yet_are_said(site: Site) -> None:
    """Of which partitions, and since when: here, beside the totals, and in the statistics."""
    since = NOW - timedelta(seconds=20)
    counting = [
        a_partition(number, listings={}, counting_since=since)
        if number > 5
        else a_partition(number)
        for number in range(8)
    ]
    site.show(partitions=counting)
    overview = await words(site, "/")
    stats = (await ask(site, "GET", "stats")).body

    [notice] = [each for each in (await operations(site)).notices if each.code == "counting"]
    assert notice.level == "info"
    assert notice.text == (
        "Those of raw_prices 6-7 are not in the totals since 14:03:02 UTC: "
        "their worker has taken them over, and counts them."
    )
    assert "counting 2 of 8 partitions have not reported their listings since 14:03:02" in overview
    assert stats["uncounted"] == {"partitions": [6, 7], "of": 8, "since": "2026-03-01T14:03:02Z"}
    assert sum(each["listings"] for each in stats["prices"]) == 60

    site.show()
    assert "partitions have not reported" not in await words(site, "/")


async def test_warnings_of_all_workers_are_shown_as_text(site: Site) -> None:
    """The newest first."""
    site.show(
        errors=[
            WorkerErrors(
                worker,
                NOW,
                [Warned(NOW - timedelta(seconds=age), level, HOSTILE, f"{HOSTILE} {worker}", 3)],
            )
            for worker, age, level in (("a", 60, "warning"), ("b", 5, "error"))
        ]
    )

    errors = (await operations(site)).errors
    assert [(each.worker, each.level, each.times) for each in errors] == [
        ("b", "danger", 3),
        ("a", "warning", 3),
    ]
    async with ClientSession(site.url) as client, client.get("/operations") as answer:
        html = await answer.text()
    assert "&lt;img src=x onerror=alert(1)&gt;\\u202e b" in html
    assert "<img" not in html


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


async def test_the_page_tells_its_news(site: Site) -> None:
    """`/live?page=operations` sends the pieces that the page is made of."""
    async with ClientSession(site.url) as client, client.get("/live?page=operations") as stream:
        event = b""
        while b"\n\n" not in event.partition(b"event: panels")[2]:
            event += await stream.content.readany()
    data = event.partition(b"event: panels\ndata: ")[2].partition(b"\n")[0]

    panels: dict[str, Any] = msgspec.json.decode(data)["panels"]
    async with ClientSession(site.url) as client, client.get("/operations") as answer:
        html = await answer.text()
    assert set(re.findall(r'data-panel="(\w+)"', html)) == set(panels)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "ids", id="nothing named"),
        pytest.param({"ids": []}, "ids", id="none"),
        pytest.param({"ids": ["x"] * 101}, "ids", id="too many"),
        pytest.param({"ids": "raw_prices-0-1"}, "ids", id="no list"),
        pytest.param({"ids": ["raw_prices-0-1", 5]}, "ids[1]", id="a number"),
        pytest.param({"ids": ["raw_prices-800-1"]}, "ids[0]", id="a partition that is not"),
        pytest.param({"ids": ["raw_prices-1- 5"]}, "ids[0]", id="not as it is written"),
        pytest.param({"ids": ["\0'%-😀-\u202e"]}, "ids[0]", id="nonsense"),
        pytest.param({"ids": ["a-0-1"], "again": "yes"}, "again", id="again is no word"),
        pytest.param({"ids": ["a-0-1"], "all": True}, "all", id="a field that is not"),
    ],
)
async def test_what_is_to_be_replayed_has_to_be_named(
    site: Site, body: dict[str, Any], field: str
) -> None:
    """Nothing goes back by accident."""
    answer = await ask(site, "POST", "dead-letters/replay", body)

    assert answer.status == 422
    assert field in answer.problems


@pytest.mark.parametrize("query", ["after=nonsense", "after=%00", "after=e30", "after=WzEsMl0"])
async def test_a_cursor_of_nothing_is_refused(site: Site, query: str) -> None:
    """Before anything is looked at; by the page as well."""
    answer = await ask(site, "GET", f"dead-letters?{query}")
    assert answer.status == 400

    async with (
        ClientSession(site.url) as client,
        client.get(f"/operations/dead-letters?{query}") as page,
    ):
        assert page.status == 400


async def test_while_kafka_is_away_dead_letters_say_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence with its address, on the page and for programs, and no wait without an end."""
    away = {"brokers": Brokers.plain("127.0.0.1:1")}
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update=away))

    for method, path, body in (
        ("GET", "dead-letters", None),
        ("POST", "dead-letters/replay", {"ids": ["raw_prices-0-1"]}),
    ):
        answer = await ask(site, method, path, body)
        assert answer.status == 503
        assert "127.0.0.1:1" in answer.body["detail"]
        assert answer.headers["Retry-After"] == "5"
    async with (
        ClientSession(site.url) as client,
        client.get("/operations/dead-letters") as page,
    ):
        assert page.status == 503
        assert "127.0.0.1:1" in await page.text()
