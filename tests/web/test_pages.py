"""The pages and their JSON, as the application serves them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout
from aiohttp.test_utils import unused_port
from aiohttp.web import HTTPNotFound
from markupsafe import escape

from conscope_app.stream.cluster import Health
from conscope_app.stream.losses import Origin
from tests.web.reports import a_partition, a_worker
from tests.web.site import Site
from web.page_spec import PageSpec
from web.panels import Panels
from web.schema import AlertPage, Stats

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def client(site: Site) -> AsyncIterator[ClientSession]:
    """A browser's stand-in."""
    async with ClientSession(site.url, timeout=ClientTimeout(total=20)) as session:
        yield session


async def get_json(client: ClientSession, path: str, status: int = 200) -> Any:
    """The decoded answer."""
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type) == (status, "application/json")
        return await answer.json()


async def test_stats_are_the_schema_that_they_promise(client: ClientSession) -> None:
    """Programs may decode the answer with `web.schema.Stats`, amounts as decimals."""
    async with client.get("/api/v1/stats") as answer:
        stats = msgspec.json.decode(await answer.read(), type=Stats)

    assert stats.totals is not None
    assert stats.totals.records == 800
    assert stats.records_per_s == 480.0
    assert stats.prices[0].listings == 80
    assert str(stats.prices[0].average) == "100.00"
    assert stats.dead_letters == {"bad_price": 8}
    assert [feed.agent for feed in stats.feeds] == ["track_prices", "store_prices", "store_alerts"]
    assert stats.sources.simulated == ["simulated-mock"]


async def test_a_database_that_is_away_takes_only_its_own_part(client: ClientSession) -> None:
    """`alerts` is null with the reason; all else is there."""
    stats = await get_json(client, "/api/v1/stats")

    assert stats["alerts"] is None
    assert "127.0.0.1:1/none does not answer" in stats["alerts_missing"]
    assert stats["totals"]["records"] == 800
    assert [notice["code"] for notice in stats["notices"]] == ["database_away"]


async def test_the_page_stands_while_the_database_is_away(client: ClientSession) -> None:
    """200, with a banner, and dashes with a reason where its figures were."""
    async with client.get("/") as answer:
        page = await answer.text()

    assert answer.status == 200
    assert "The database is away" in page
    assert "unknown: Postgres at 127.0.0.1:1/none does not answer" in page


async def test_a_database_that_hangs_does_not_hold_the_page(
    site: Site, client: ClientSession
) -> None:
    """It takes connections and says nothing: the page waits a moment and says so."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    port = unused_port()
    async with await asyncio.start_server(say_nothing, "127.0.0.1", port):
        site.use_database(f"postgresql+psycopg2://x@127.0.0.1:{port}/hung?connect_timeout=2")
        async with asyncio.timeout(4):
            first = await get_json(client, "/api/v1/stats")
        assert first["alerts"] is None
        assert first["alerts_missing"].startswith("No answer for")
        await site.databases[-1].close()


async def test_nothing_reported_is_a_dash_not_a_zero(site: Site, client: ClientSession) -> None:
    """A cluster that has said nothing has no figures."""
    site.show(partitions=[], workers=[], records_per_s=None)

    stats = await get_json(client, "/api/v1/stats")
    async with client.get("/") as answer:
        page = await answer.text()

    assert stats["totals"] is None
    assert stats["records_per_s"] is None
    assert stats["prices"] == []
    assert "unknown: no worker has reported a partition of raw_prices yet" in page
    assert "No worker has reported yet" in page


async def test_simulated_data_is_marked(site: Site, client: ClientSession) -> None:
    """Only where a source says so; in part where others do not."""
    pages = []
    for sources in (["seatgeek"], ["seatgeek", "simulated"], ["simulated"]):
        site.show(partitions=[a_partition(0, sources=sources)])
        async with client.get("/") as answer:
            pages.append(await answer.text())

    real, mixed, simulated = pages
    assert "Simulated data" not in real
    assert "Simulated data in part" in mixed
    assert "Simulated data<" in simulated


async def test_a_loss_is_an_alarm_until_it_is_acknowledged(
    site: Site, client: ClientSession
) -> None:
    """Of any worker's partition: who lost how much, and what to do; in the stats for ever."""
    site.show(
        partitions=[
            a_partition(0),
            a_partition(3, lost=1234, worker="worker-2"),
            a_partition(5, agent="store_prices", lost=1),
        ]
    )
    async with client.get("/") as answer:
        page = await answer.text()
    stats = await get_json(client, "/api/v1/stats")

    assert '<div class="notice danger" role="alert" data-notice="records_lost">' in page
    assert "track_prices has lost up to 1,234 records of raw_prices, partition 3." in page
    assert "store_prices has lost up to 1 record of processed_prices, partition 5." in page
    assert "docs/operating.md" in page
    assert "<code>faust -A conscope_app losses acknowledge</code>" in page
    sink = {"agent": "store_prices", "topic": "processed_prices", "partition": 5, "offsets": 1}
    assert stats["losses"][0] == {**sink, "unacknowledged": 1}

    site.acknowledge(
        {
            Origin("conscope", "raw_prices", 3): 1200,
            Origin("conscope-storage", "processed_prices", 5): 1,
        }
    )
    async with client.get("/") as answer:
        page = await answer.text()
    stats = await get_json(client, "/api/v1/stats")

    assert "track_prices has lost up to 34 records of raw_prices, partition 3." in page
    assert "store_prices has lost" not in page
    assert [(each["offsets"], each["unacknowledged"]) for each in stats["losses"]] == [
        (1, 0),
        (1234, 34),
    ]


async def test_without_a_loss_there_is_no_alarm(client: ClientSession) -> None:
    """Nor a place for one."""
    async with client.get("/") as answer:
        page = await answer.text()

    assert (await get_json(client, "/api/v1/stats"))["losses"] == []
    assert "removed before they were read" not in page


async def test_hostile_text_comes_out_as_text(site: Site, client: ClientSession) -> None:
    """Names of sources and workers are other people's words."""
    hostile = "<img src=x onerror=alert(1)>\"'"
    site.show(
        partitions=[a_partition(0, sources=[hostile], worker=hostile, trouble=hostile)],
        workers=[a_worker(hostile, ready=False, reasons=[hostile])],
    )

    async with client.get("/") as answer:
        page = await answer.text()

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&#34;&#39;") >= 4


async def test_readiness_says_why_not(site: Site, client: ClientSession) -> None:
    """200, or 503 with the reasons."""
    assert await get_json(client, "/health/ready") == {"ready": True, "reasons": []}

    site.health = Health(ready=False, reasons=["raw_prices 3: opening"])

    assert await get_json(client, "/health/ready", 503) == {
        "ready": False,
        "reasons": ["raw_prices 3: opening"],
    }
    assert await get_json(client, "/health/live") == {"live": True}


async def test_alerts_say_why_they_are_missing(client: ClientSession) -> None:
    """Null and a reason, not an error."""
    async with client.get("/api/v1/alerts?limit=3") as answer:
        page = msgspec.json.decode(await answer.read(), type=AlertPage)

    assert page.alerts is None
    assert page.alerts_missing is not None


@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "", "1e2", "٣"])
async def test_a_limit_that_makes_no_sense_is_refused(client: ClientSession, limit: str) -> None:
    """400, with what is allowed."""
    async with client.get("/api/v1/alerts", params={"limit": limit}) as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"] == "limit is a whole number from 1 to 500."


@pytest.mark.parametrize(
    "path", ["/table/", "/router/", "/graph", "/stats/", "/assignment/", "/performance/", "/schema"]
)
async def test_fausts_own_views_are_closed(client: ClientSession, path: str) -> None:
    """They show tables and internals."""
    async with client.get(path) as answer:
        assert answer.status == 404


async def test_static_files_are_kept_for_ever_under_their_hash(client: ClientSession) -> None:
    """The page's own link to its style sheet."""
    async with client.get("/") as answer:
        page = await answer.text()
    link = page.split('<link rel="stylesheet" href="')[1].split('"')[0]

    async with client.get(link) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/css"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/", "/static/../guard.py", "/static/%2e%2e/guard.py"])
async def test_only_files_of_the_static_folder_are_served(client: ClientSession, path: str) -> None:
    """No listing, and no way out of the folder."""
    async with client.get(path) as answer:
        assert answer.status in (403, 404)


async def event(answer: Any) -> tuple[str, str, Any]:
    """The next event's id, name and data, pings left out."""
    while True:
        lines = (await answer.content.readuntil(b"\n\n")).decode().strip().splitlines()
        fields = dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
        if fields.get("event") not in (None, "ping"):
            return fields["id"], fields["event"], json.loads(fields["data"])


async def test_the_stream_tells_a_program_the_stats(site: Site, client: ClientSession) -> None:
    """The same JSON as `/api/v1/stats`, again when something has changed."""
    async with client.get("/live") as answer:
        first_id, name, first = await event(answer)
        while first["records_per_s"] != 480.0:  # what was shown within this second
            first_id, name, first = await event(answer)
        site.show(records_per_s=7.5)
        second_id, _, second = await event(answer)

    assert name == "stats"
    assert (first["records_per_s"], second["records_per_s"]) == (480.0, 7.5)
    assert first_id != second_id


async def test_the_stream_tells_a_page_only_the_panels_that_changed(
    site: Site, client: ClientSession
) -> None:
    """All of them first; then what differs."""
    async with client.get("/live?page=overview") as answer:
        shown: dict[str, str] = {}
        while "<b>480" not in shown.get("moves", ""):  # what this second showed comes first
            _, name, first = await event(answer)
            shown |= first["panels"]
        site.show(records_per_s=7.5)
        _, _, second = await event(answer)

    assert name == "panels"
    assert {"marks", "losses", "notices", "health", "prices", "drops"} < shown.keys()
    assert second["panels"].keys() == {"moves"}
    assert "7.5" in second["panels"]["moves"]


async def test_a_page_that_is_none_has_no_stream(client: ClientSession) -> None:
    """400, with the pages that have one."""
    async with client.get("/live?page=nonsense") as answer:
        assert answer.status == 400
        detail = (await answer.json())["detail"]
    assert detail == "page is one of: event, operations, overview, watch, watches."


@pytest.mark.parametrize("query", ["x=1", "page=overview&x=1", "page=overview&page=overview"])
async def test_an_address_that_says_too_much_has_no_stream(
    client: ClientSession, query: str
) -> None:
    """400: each address would be a page of its own."""
    async with client.get(f"/live?{query}") as answer:
        assert answer.status == 400


async def test_a_stream_has_no_head(client: ClientSession) -> None:
    """It would never end."""
    async with client.head("/live") as answer:
        assert answer.status == 405


async def test_a_page_with_parameters_is_as_live_as_any(
    site: Site, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each combination is a page of its own, whatever stands in it; one that is none is a 404."""
    strange = "a/b?c=%00&\u202e'\"<b>"

    async def panels(parameters: Mapping[str, str]) -> Panels:
        if parameters["event_id"] == "none":
            raise HTTPNotFound
        return {"title": escape(f"{parameters['event_id']} in {parameters.get('currency')}")}

    spec = PageSpec(panels=panels, needs=("event_id",), takes=("currency",))
    monkeypatch.setattr("web.live.PAGES_THAT_READ", {"event": spec})
    for given, shown in (({}, None), ({"currency": "EUR"}, "EUR")):
        query = {"page": "event", "event_id": strange, **given}
        async with client.get("/live", params=query) as answer:
            _, name, told = await event(answer)
        assert (name, told["panels"]) == ("panels", {"title": escape(f"{strange} in {shown}")})

    for query, status in ({"event_id": "none"}, 404), ({}, 400), ({"event_id": "x" * 513}, 400):
        async with client.get("/live", params={"page": "event", **query}) as answer:
            assert answer.status == status
