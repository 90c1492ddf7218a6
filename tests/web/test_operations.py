"""`/operations` and its JSON: what workers report, and what is amiss."""

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession

from conscope_app.core.delays import Delays, bucket_of
from conscope_app.stream.cluster import (
    Restore,
    TableSize,
    Warned,
    WorkerErrors,
    WorkerFigures,
)
from tests.web.api import ask
from tests.web.operations_page import HOSTILE, operations, words
from tests.web.reports import NOW, a_partition, a_worker
from tests.web.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
