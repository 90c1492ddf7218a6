"""The chart of what sources said, on an event's page in a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_charts import AXES, READABLE, contrast
from tests.client import needs_client
from tests.store.ledgers import Tables
from tests.store.market.event.market_rows import EVENT, MarketRows
from tests.web.event_pages import a_charted_hall, markets_over_time
from tests.web.reports import NOW
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

CHART = "[data-market-chart]"

# Of each colour in how many columns of the canvas it is, from a share of its width to another.
DRAWN = """(canvas, wanted) => {
    const over = canvas.parentElement.querySelector(".u-over");
    const { data, width } = canvas.getContext("2d").getImageData(
        over.offsetLeft * devicePixelRatio, 0, over.offsetWidth * devicePixelRatio, canvas.height);
    const probe = document.createElement("i");
    canvas.parentElement.append(probe);
    return wanted.map(([name, from, to]) => {
        probe.style.color = `var(--chart-${name})`;
        const colour = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
        const columns = new Set();
        for (let i = 0; i < data.length; i += 4) {
            const x = (i / 4) % width;
            if (x < from * width || x > to * width) continue;
            if ([0, 1, 2].every((k) => Math.abs(data[i + k] - colour[k]) < 8)) columns.add(x);
        }
        return columns.size;
    });
}"""


@pytest.fixture
def market(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    needs_client()
    with Tables(database_url) as tables:
        rows = MarketRows(tables)
        yield rows
        rows.clear()


async def drawn(page: Page, site: Site, fragment: str = "") -> None:
    """The page, once what sources said is drawn."""
    await page.goto(f"{site.url}/events/{EVENT}{fragment}")
    await is_drawn(page)


async def is_drawn(page: Page) -> None:
    """What sources said is drawn."""
    stage = page.locator(f"{CHART} .chart-stage")
    await expect(stage).to_have_attribute("data-state", "shown")


@pytest.mark.parametrize(
    ("width", "colours", "fragment"),
    [
        pytest.param(1280, "dark", "#markets=all.each", id="1280-dark-each figure"),
        pytest.param(390, "light", "", id="390-light"),
    ],
)
async def test_it_is_readable_everywhere(
    site: Site,
    market: MarketRows,
    browser: Browser,
    width: int,
    colours: Any,
    fragment: str,
) -> None:
    """No complaint, nothing to scroll sideways, letters with contrast, nothing axe objects to."""
    markets_over_time(market, days=6)
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await drawn(page, site, fragment)

    assert watched.complaints == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    axes = await page.locator(f"{CHART} canvas").evaluate(AXES)
    for letters in (axes["prices"], axes["times"]):
        assert max(contrast(each, axes["card"]) for each in letters) >= READABLE
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()


async def test_what_was_said_is_drawn_and_told(
    site: Site, market: MarketRows, watched: Watched
) -> None:
    """By source, with a gap where one named no price; figures and currencies are chosen."""
    markets_over_time(market, days=6)
    page = watched.page
    await drawn(page, site)
    chart = page.locator(CHART)
    sentence = (
        "Lowest now: seatgeek, with fees $61.00, down 22 % over 6 days;"
        " ticketmaster, face value $51.50, up 2.0 % over 6 days."
    )
    await expect(chart.locator(".chart-summary")).to_have_text(sentence)
    await expect(chart.get_by_role("img", name=sentence)).to_be_visible()
    happened = chart.get_by_role("list", name="What happened").get_by_role("listitem")
    await expect(happened).to_have_count(3)
    await expect(happened.first).to_contain_text("Sold out ticketmaster")

    # The marks begin with "on sale", 200 hours ago; the gap is from 115 to 67 hours ago.
    gap = (1 - 113 / 200, 1 - 69 / 200)
    wanted = [("2", *gap), ("1", *gap), ("2", 1 - 65 / 200, 1), ("happening", 0, 1)]
    none, there, again, marks = await chart.locator("canvas").evaluate(DRAWN, wanted)
    assert none == 0
    assert there > 50 and again > 50 and marks >= 3

    await chart.get_by_role("button", name="Average").click()
    await expect(chart.locator(".chart-summary")).to_contain_text(
        "Average now: seatgeek, with fees"
    )
    await chart.get_by_role("button", name="Each figure").click()
    legend = chart.get_by_role("list", name="Lines that are drawn")
    await expect(legend).to_contain_text("seatgeek, with fees: median")
    await expect(legend.get_by_role("listitem")).to_have_count(5)
    await chart.get_by_role("button", name="EUR").click()
    await expect(legend).to_contain_text("eventim, before fees: lowest")
    await expect(page).to_have_url(f"{site.url}/events/{EVENT}#markets=each.EUR")
    await chart.get_by_role("button", name="Median").click()
    await expect(chart.locator(".chart-note")).to_have_text(
        "No source named a median in this range."
    )
    assert watched.complaints == []


async def test_two_charts_of_a_page_keep_what_was_chosen(
    site: Site, market: MarketRows, watched: Watched
) -> None:
    """Each for itself, in one address; and a new snapshot comes without a reload."""
    a_charted_hall(market)
    market.snapshot("ticketmaster", currency="USD", basis="face_value", lowest="49.50")
    page = watched.page
    await drawn(page, site, "#prices=week")
    chart = page.locator(CHART)
    await chart.get_by_role("button", name="24 hours").click()
    await page.locator("[data-price-chart]").get_by_role("button", name="Sources").click()
    await expect(page).to_have_url(f"{site.url}/events/{EVENT}#markets=day&prices=week.source")
    await page.reload()
    await is_drawn(page)
    chosen = chart.get_by_role("button", name="24 hours")
    await expect(chosen).to_have_attribute("aria-pressed", "true")

    at = NOW - timedelta(seconds=5)
    market.snapshot(
        "ticketmaster", observed_at=at, currency="USD", basis="face_value", lowest="44.25"
    )
    await page.evaluate("dispatchEvent(new Event('conscope:news'))")
    summary = chart.locator(".chart-summary")
    await expect(summary).to_contain_text("ticketmaster, face value $44.25", timeout=15_000)
    assert watched.complaints == []


async def test_what_happens_is_watched_where_no_seat_is_known(
    site: Site, market: MarketRows, watched: Watched
) -> None:
    """The form is filled so that it can be saved as it is."""
    market.event(is_priced=False)
    market.snapshot("ticketmaster", lowest=None)
    page = watched.page
    await page.goto(f"{site.url}/events/{EVENT}")
    await page.get_by_role("link", name="Watch what happens").first.click()

    await expect(page.get_by_label("Events", exact=True)).to_have_value(
        f"{EVENT}\nsource:ticketmaster"
    )
    await expect(page.get_by_role("checkbox", name="A target price")).not_to_be_checked()
    await page.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(f"{site.url}/watches/radiohead-what-happens")
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 1.")
    assert watched.complaints == []
