"""What stands on the page of an event is other people's words, and so are addresses."""

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.web.event_pages import market_rows, page
from tests.web.site import Site
from web.event_address import event_api, event_page

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "</b><script>alert(1)</script>\u202e'\"&"
IDS = [
    "a/b/../c",
    "100%",
    "a%2Fb",
    "{x}",
    "é💥 ?#&=+;",
    "'\"<>\\",
    "\u202e\u200b",
    "x" * 512,
    "new",
]


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


async def test_only_addresses_of_the_web_are_linked(kept: Site, rows: MarketRows) -> None:
    """Of a shop's offers, with nothing told to the shop."""
    a_hall(rows)
    shown = await page(kept, f"/events/{EVENT}")

    assert "javascript:" not in shown.html
    links = re.findall(r'<a href="https://example.com/offer/1"([^>]*)>', shown.html)
    assert links
    assert all('rel="noopener noreferrer nofollow"' in each for each in links)


async def test_an_id_may_be_anything(kept: Site, rows: MarketRows) -> None:
    """It is one part of the address, whole; the page's own links lead back to it."""
    for event_id in IDS:
        rows.event(event_id, event_name="", venue="")
        rows.source(event_id=event_id)
        rows.market(event_id=event_id)
        rows.seat("1", "80.00", event_id)
        shown = await page(kept, event_page(event_id, currency="USD"))
        (action,) = re.findall(
            r'<form class="seats-form" method="get" action="([^"#]*)', shown.html
        )
        back = await page(kept, unescape(action))
        figures = await page(kept, event_api(event_id))

        assert (shown.status, back.status, figures.status) == (200, 200, 200)
        assert "Lowest now $80.00" in back.words
        assert json.loads(figures.html)["event"]["event_id"] == event_id


async def test_hostile_names_are_text(kept: Site, rows: MarketRows) -> None:
    """Wherever they stand; and the longest break nothing."""
    rows.event(event_name=HOSTILE, venue=HOSTILE, event_date=HOSTILE)
    rows.source(HOSTILE)
    rows.market()
    long = "W" * 512
    names = {"source": HOSTILE, "section": HOSTILE, "row": HOSTILE, "listing_url": f"//{HOSTILE}"}
    rows.seat(HOSTILE, "80.00", **names)
    rows.seat(long, "90.00", **names | {"section": long, "row": long})
    rows.seat("gone", "70.00", **names, quantity=0)
    shown = await page(kept, f"/events/{EVENT}")

    assert shown.status == 200
    assert "<script>alert" not in shown.html
    assert "</b><script>alert(1)</script>\\u202e'\"&" in shown.words


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/none", 404),
        ("/events/a%00", 404),
        ("/events/%FF%FE", 404),
        ("/events/", 404),
        (f"/events/{EVENT}?currency=usd", 400),
        (f"/events/{EVENT}?sort=none", 400),
        (f"/events/{EVENT}?at_most=NaN", 400),
        (f"/events/{EVENT}?at_most=1e999999", 400),
        (f"/events/{EVENT}?after=%22", 400),
        (f"/events/{EVENT}?section=%00", 404),
        (f"/events/{EVENT}?section=%ED%A0%80", 200),
    ],
)
async def test_nonsense_is_refused(kept: Site, rows: MarketRows, path: str, status: int) -> None:
    """With the status of whose fault it is: never a 500."""
    rows.event()

    assert (await page(kept, path)).status == status
