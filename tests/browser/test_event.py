"""The page of an event in a real browser."""

from collections.abc import Iterator

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, expect

from conscope_app.domains.tickets.market import Venue
from tests.browser.conftest import Watched
from tests.store.ledgers import Tables
from tests.store.market.event.market_rows import EVENT, FACTS, MarketRows
from tests.web.event_pages import MOCK_EVENT, a_mock_market
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 4


@pytest.fixture
def market(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    with Tables(database_url) as tables:
        rows = MarketRows(tables)
        yield rows
        rows.clear()


def a_hostile_market(rows: MarketRows) -> None:
    """Names that are markup, and names that no line can hold."""
    rows.event(event_name=HOSTILE + LONG, venue=LONG)
    rows.source(LONG)
    rows.source(HOSTILE)
    rows.market()
    rows.market("EUR", seats_on_sale=1)
    rows.seat("1", "80.00", source=HOSTILE, section=HOSTILE, row=LONG)
    rows.seat(LONG, "999999999999999.99", source=LONG, section=LONG, row=HOSTILE)
    rows.seat(LONG, "5.00", source=LONG, section=LONG, row="gone", quantity=0)


async def test_the_cheapest_pair_is_found_and_watched(
    site: Site, market: MarketRows, watched: Watched
) -> None:
    """By somebody who has never seen the page: what it costs, the trend, the watch begun."""
    a_mock_market(market)
    page = watched.page
    await page.goto(f"{site.url}/events/{MOCK_EVENT}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Taylor Swift - The Eras Tour")
    await expect(page.get_by_text("It is getting cheaper")).to_be_visible()
    pair = page.get_by_role("listitem").filter(has_text="Two together")
    await expect(pair).to_contain_text("$44.01 each")

    await pair.get_by_role("link", name="Watch two together").click()
    await expect(page.get_by_label("Seats together")).to_have_value("2")
    await expect(page.get_by_role("textbox", name="At most", exact=True)).to_have_value("41")
    await expect(page.get_by_label("Events", exact=True)).to_have_value(MOCK_EVENT)
    await expect(page.get_by_label("Price", exact=True)).to_have_value("listed")
    await page.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(f"{site.url}/watches/taylor-swift-the-eras-tour-2-together")
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 1.")
    assert watched.complaints == []


async def test_seats_are_filtered_with_the_keyboard_and_without_a_script(
    site: Site, market: MarketRows, browser: Browser
) -> None:
    """The form is a form; the page's place is kept."""
    a_mock_market(market)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.url}/events/{MOCK_EVENT}")
    await page.get_by_label("At most").fill("60")
    await page.get_by_label("At most").press("Enter")

    await expect(page.get_by_label("At most")).to_have_value("60")
    seats = page.get_by_role("table", name="Seats on sale now")
    await expect(seats.get_by_role("row")).to_have_count(6)
    assert page.url.endswith("#seats")
    await expect(page.get_by_role("table", name="Day by day").get_by_role("row")).to_have_count(8)
    await context.close()


@pytest.mark.parametrize(
    ("width", "colours", "script"),
    [
        pytest.param(1440, "dark", True, id="1440-dark"),
        pytest.param(390, "light", False, id="390-light-without a script"),
    ],
)
async def test_an_event_of_sums_is_whole(
    site: Site, market: MarketRows, browser: Browser, width: int, colours: str, script: bool
) -> None:
    """Sources side by side, with names that no line can hold, where no seat is known."""
    market.event(event_name=HOSTILE, is_priced=False)
    facts = msgspec.structs.replace(FACTS, name=LONG, venue=Venue(name=LONG))
    sums = {"currency": "USD", "basis": "all_in", "median": "999999999999999.99", "highest": None}
    for source in ("ticketmaster", HOSTILE, LONG):
        market.snapshot(source, facts=facts, lowest="49.50", listing_count=9, **sums)
    market.change(1, "name_changed", new_value=LONG, source=LONG)
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
        java_script_enabled=script,
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(f"{site.url}/events/{EVENT}")
    await expect(page.get_by_role("heading", name="No single seats are known")).to_be_visible()
    await expect(page.locator(".sides > li")).to_have_count(3)
    await expect(page.get_by_role("heading", name="What has changed")).to_be_visible()

    assert watched.complaints == []
    await expect(page.locator("main img, main script")).to_have_count(0)
    inside = await page.locator(".sides > li").last.bounding_box()
    assert inside is not None and inside["x"] + inside["width"] <= width
    if script:
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    await context.close()


@pytest.mark.parametrize(
    ("width", "colours", "hostile"),
    [
        pytest.param(1440, "light", False, id="1440-light"),
        pytest.param(1440, "dark", True, id="1440-dark-hostile names"),
        pytest.param(390, "light", True, id="390-light-hostile names"),
        pytest.param(390, "dark", False, id="390-dark"),
    ],
)
async def test_it_is_readable_everywhere(
    site: Site, market: MarketRows, browser: Browser, width: int, colours: str, hostile: bool
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    (a_hostile_market if hostile else a_mock_market)(market)
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(f"{site.url}/events/{EVENT if hostile else MOCK_EVENT}")
    await expect(page.get_by_role("heading", name="Cheapest together")).to_be_visible()
    if hostile:
        await expect(page.get_by_role("heading", level=1)).to_contain_text(HOSTILE)
    await expect(page.locator("main img, main script")).to_have_count(0)

    assert watched.complaints == []  # before axe, which brings complaints of its own
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()
