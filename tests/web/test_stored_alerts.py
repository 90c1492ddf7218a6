"""What the pages show of the database, on a real Postgres."""

from decimal import Decimal

import msgspec
import pytest
from aiohttp import ClientSession

from conscope_app.store.brief_reads import TooSlow
from conscope_app.store.engine import Database
from conscope_app.store.stats import read_delivery_stats
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import Site
from web.schema import AlertPage, Stats

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]


async def read_page(site: Site, path: str) -> str:
    """The page as a browser gets it."""
    async with ClientSession(site.url) as client, client.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_the_newest_alerts_come_first_with_what_became_of_them(
    site: Site, rows: Rows, database_url: str
) -> None:
    """Sent, waiting, given up, or never to be told; amounts exact."""
    for offset in range(1, 26):
        rows.alert(offset)
    rows.delivery(25, "waiting")
    rows.delivery(24, "sent", sent_at=NOW)
    rows.delivery(23, "dead", last_error="Discord refused it: 400")
    rows.target("discord")
    site.use_database(database_url)

    stats = msgspec.json.decode(await read_page(site, "/api/v1/stats"), type=Stats)

    assert stats.alerts is not None
    latest = stats.alerts.latest
    assert [alert.seat for alert in latest] == [str(seat) for seat in range(25, 5, -1)]
    assert [alert.delivery for alert in latest[:4]] == ["waiting", "sent", "dead", None]
    assert (latest[0].new_price, latest[0].drop_percent) == (Decimal("87.5"), Decimal("12.5"))
    told = stats.alerts.deliveries
    assert (told.sent, told.waiting, told.dead) == (1, 1, 1)
    assert told.oldest_waiting_at is not None
    assert stats.notices == []


async def test_the_page_shows_them(site: Site, rows: Rows, database_url: str) -> None:
    """Event, seat, old and new price, drop and source, whether or not it is to be told."""
    rows.alert(1)
    rows.delivery(1, "sent", sent_at=NOW)
    rows.alert(2, decision="below_min_drop")
    site.use_database(database_url)

    page = await read_page(site, "/")

    for shown in ("Taylor Swift", "MetLife Stadium · simulated-mock", "row C, seat 1", "−12.5 %"):
        assert shown in page
    assert "$100.00" in page
    assert "$87.50" in page
    assert "row C, seat 2" in page


async def test_an_alert_told_on_one_of_two_channels_is_told(
    site: Site, rows: Rows, database_url: str
) -> None:
    """And stands once in the list."""
    rows.alert(1)
    rows.delivery(1, "dead", channel="email")
    rows.delivery(1, "sent", channel="discord", sent_at=NOW)
    site.use_database(database_url)

    page = msgspec.json.decode(await read_page(site, "/api/v1/alerts"), type=AlertPage)

    assert page.alerts is not None
    assert [(alert.channel, alert.delivery) for alert in page.alerts] == [("discord", "sent")]


async def test_a_switched_off_channel_is_shown_with_its_reason(
    site: Site, rows: Rows, database_url: str
) -> None:
    """In a banner."""
    rows.target("discord", disabled_at=NOW, disabled_reason="Discord answered 404")
    site.use_database(database_url)

    page = await read_page(site, "/")

    assert "Discord is switched off" in page
    assert "Discord answered 404" in page


async def test_hostile_names_from_the_database_come_out_as_text(
    site: Site, rows: Rows, database_url: str
) -> None:
    """Event names are vendors' words."""
    hostile = "<img src=x onerror=alert(1)>"
    rows.alert(1, event_name=hostile, venue=hostile, section=hostile, source=hostile)
    rows.delivery(1, "dead", last_error=hostile)
    site.use_database(database_url)

    page = await read_page(site, "/")

    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 5


@pytest.mark.parametrize(("limit", "found"), [(1, 1), (30, 30), (500, 30)])
async def test_as_many_alerts_as_asked_for(
    site: Site, rows: Rows, database_url: str, limit: int, found: int
) -> None:
    """Up to what there is."""
    for offset in range(30):
        rows.alert(offset)
    site.use_database(database_url)

    page = msgspec.json.decode(
        await read_page(site, f"/api/v1/alerts?limit={limit}"), type=AlertPage
    )

    assert page.alerts is not None
    assert len(page.alerts) == found


async def test_a_slow_answer_says_nothing_about_the_databases_health(
    rows: Rows, database_url: str
) -> None:
    """A page that waits in vain must not make the worker unready."""
    database = Database(database_url)
    rows.lock_deliveries()
    try:
        with pytest.raises(TooSlow, match="Not read within 2 s"):
            await database.run(lambda connection: read_delivery_stats(connection, alerts=1))
    finally:
        rows.unlock()

    assert database.trouble is None
    read = await database.run(lambda connection: read_delivery_stats(connection, alerts=1))
    assert read.latest == []
    await database.close()
