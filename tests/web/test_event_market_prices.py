"""What sources said over time, on an event's page and in the API, on a real Postgres."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import msgspec
import pytest
from aiohttp import ClientSession

from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.web.api import ask
from tests.web.event_pages import market_rows, markets_over_time, page
from tests.web.reports import NOW
from tests.web.site import Site
from web.event import event_panels
from web.event_market_prices import MARKED
from web.event_markets_schema import MarketPrices

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

PRICES = f"events/{EVENT}/markets/prices"


@pytest.fixture
def rows(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    with market_rows(database_url) as made:
        yield made


@pytest.fixture
def kept(site: Site, rows: MarketRows, database_url: str) -> Site:
    """The pages over these tables."""
    site.use_database(database_url)
    return site


async def test_the_chart_is_as_it_was_agreed(kept: Site, rows: MarketRows) -> None:
    """Lists of one length; prices are numbers, none is null, what nobody names is all null."""
    markets_over_time(rows, days=6)
    body = (await ask(kept, "GET", f"{PRICES}?range=week")).body
    found = msgspec.convert(body, MarketPrices, strict=False)

    assert (found.range, found.span_s, found.currency) == ("week", 3_600, "USD")
    assert (found.currencies, found.left_out) == (["USD", "EUR"], 0)
    assert found.members == [EVENT, "seatgeek-7"]
    seatgeek, ticketmaster = body["series"]
    named = ("event_id", "source", "currency", "basis")
    assert [seatgeek[each] for each in named] == ["seatgeek-7", "seatgeek", "USD", "all_in"]
    assert (seatgeek["lowest"][-1], seatgeek["average"][-1]) == (61, 112.25)
    gap = ticketmaster["lowest"].index(None)
    assert ticketmaster["at"][gap + 1] - ticketmaster["at"][gap] == 48 * 3_600
    assert set(ticketmaster["median"]) == {None}
    for line in body["series"]:
        lengths = {len(line[each]) for each in ("at", "lowest", "median", "average")}
        assert lengths == {len(line["at"])} and line["at"] == sorted(line["at"])


async def test_what_happened_is_marked(kept: Site, rows: MarketRows) -> None:
    """In the range, and only what a chart marks; at all that are one with the event."""
    markets_over_time(rows, days=2)
    rows.change(10, "name_changed", at=NOW - timedelta(hours=5))
    rows.change(11, "no_price", at=NOW - timedelta(hours=5))
    rows.change(12, "back_on_sale", "seatgeek-7", at=NOW - timedelta(hours=1), source="seatgeek")
    month = (await ask(kept, "GET", PRICES)).body
    day = (await ask(kept, "GET", f"{PRICES}?range=day")).body

    told = [(each["words"], each["source"]) for each in month["changes"]]
    assert told == [
        ("Back on sale", "seatgeek"),
        ("Sold out", "ticketmaster"),
        ("Few tickets left", "ticketmaster"),
        ("On sale now", "ticketmaster"),
    ]
    assert [each["kind"] for each in day["changes"]] == ["back_on_sale"]
    assert {"sold_out", "rescheduled", "on_sale", "few_left"} <= {each.value for each in MARKED}


async def test_another_currency_is_asked_for(kept: Site, rows: MarketRows) -> None:
    """And what is no currency or no range is refused with its name."""
    markets_over_time(rows, days=2)
    euros = (await ask(kept, "GET", f"{PRICES}?currency=EUR")).body
    yen = (await ask(kept, "GET", f"{PRICES}?currency=JPY")).body

    assert [line["source"] for line in euros["series"]] == ["eventim"]
    assert (yen["series"], yen["currencies"]) == ([], ["USD", "EUR"])
    for query, field in (("currency=u", "currency"), ("range=year", "range"), ("by=x", "by")):
        refused = await ask(kept, "GET", f"{PRICES}?{query}")
        assert (refused.status, [*refused.problems]) == (400, [field])
    for path in ("markets/prices", "markets/prices.csv"):
        assert (await ask(kept, "GET", f"events/nobody/{path}")).status == 404


async def test_the_chart_as_a_file(kept: Site, rows: MarketRows) -> None:
    """A line for each point, empty where no price is known; a source like a formula is a text."""
    rows.event(is_priced=False)
    named = {"currency": "USD", "basis": "listed"}
    at = NOW.replace(minute=0, second=0) - timedelta(hours=5)
    rows.snapshot("=HYPERLINK(1)", observed_at=at, lowest="61.10", average="70", **named)
    rows.snapshot("=HYPERLINK(1)", observed_at=at + timedelta(hours=2), lowest=None)
    address = f"{kept.url}/api/v1/{PRICES}.csv?range=week"
    async with ClientSession() as client, client.get(address) as answer:
        lines = list(csv.DictReader(StringIO(await answer.text())))

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="evt-1-market-prices-week-20260301T140322Z.csv"'
    )
    assert answer.headers["X-Truncated"] == "false"
    about = {"event_id": EVENT, "source": "'=HYPERLINK(1)", "currency": "USD", "basis": "listed"}
    first = {"lowest": "61.10", "median": "", "average": "70"}
    none = {"lowest": "", "median": "", "average": ""}
    assert lines == [
        {"at": "2026-03-01T09:00:00+00:00", **about, **first},
        {"at": "2026-03-01T11:00:00+00:00", **about, **none},
    ]


async def test_the_page_has_the_chart_and_the_same_as_a_table(kept: Site, rows: MarketRows) -> None:
    """With seats or without; not where no source speaks of the event as a whole."""
    a_hall(rows)
    without = await page(kept, f"/events/{EVENT}")
    rows.snapshot("ticketmaster", currency="USD", basis="face_value", lowest="49.50")
    shown = await page(kept, f"/events/{EVENT}")
    panels = await event_panels(EVENT, None)

    assert "data-market-chart" not in without.html
    assert f'data-market-chart data-src="/api/v1/{PRICES}"' in shown.html
    assert f'href="/api/v1/{PRICES}.csv?range=all"' in shown.html
    assert "Sun 1 Mar ticketmaster face value $49.50 –" in shown.words
    assert "ticketmaster" in panels["market_days"]


async def test_what_happens_can_be_watched_where_no_seat_is_known(
    kept: Site, rows: MarketRows
) -> None:
    """A watch of its prices would never tell anything; with seats it is one of prices."""
    rows.event(is_priced=False)
    rows.snapshot("ticketmaster", lowest=None)
    shown = await page(kept, f"/events/{EVENT}")

    assert "Watch what happens" in shown.words and "Watch its price" not in shown.words
    assert "Nobody watches it yet. A watch tells you what happens: on sale" in shown.words
    link = "/watches/new?subject=evt-1&amp;subject=source%3Aticketmaster"
    assert shown.html.count(f'href="{link}') == 3
    assert "at_most=" not in shown.html

    rows.clear()
    a_hall(rows)
    with_seats = await page(kept, f"/events/{EVENT}")
    assert "Watch its price" in with_seats.words and "Watch what happens" not in with_seats.words


async def test_what_happens_at_any_source_of_an_event_can_be_watched(
    kept: Site, rows: MarketRows
) -> None:
    """One of them may say that it is sold out, and another never says so."""
    markets_over_time(rows)
    shown = await page(kept, f"/events/{EVENT}")
    link = shown.html.split('href="/watches/new?')[1].split("&amp;name=")[0]

    assert link.startswith("subject=evt-1&amp;subject=seatgeek-7&amp;")
    assert "subject=source%3Aseatgeek" in link
    assert "subject=source%3Aticketmaster" in link
