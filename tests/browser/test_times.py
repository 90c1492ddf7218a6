"""Times in the viewer's zone, and htmx under the pages' policy."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser import chart_site
from tests.browser.chart_site import ChartSite
from tests.browser.conftest import Watched
from tests.client import needs_client

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FROM_THE_SERVER = """<p><time data-local="clock" datetime="2026-03-01T14:03:22+00:00"
    title="2026-03-01 14:03:22 UTC">14:03:22</time></p>"""


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[ChartSite]:
    """A page with times and a button of htmx."""
    async with chart_site.serving() as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def berlin(browser: Browser, site: ChartSite) -> AsyncIterator[Page]:
    """The page as it is read in Berlin."""
    context = await browser.new_context(timezone_id="Europe/Berlin", locale="de-DE")
    page = await context.new_page()
    await page.goto(site.url)
    yield page
    await context.close()


async def test_times_are_the_viewers(berlin: Page) -> None:
    """With UTC on hover; a day stays the day that it is."""
    clock, moment, day = await berlin.locator("#times time").all()

    await expect(clock).to_have_text("15:03:22")
    await expect(clock).to_have_attribute("title", "2026-03-01 14:03:22 UTC")
    await expect(moment).to_have_text("01.03.2026, 15:03:22 MEZ")
    await expect(moment).to_have_attribute("title", "2026-03-01 14:03:22 UTC")
    await expect(day).to_have_text("01.03.2026")


async def test_times_that_come_later_are_too(berlin: Page) -> None:
    """However they come: put in, or changed where they are."""
    await berlin.evaluate("(html) => { piece.innerHTML = html; }", FROM_THE_SERVER)
    time = berlin.locator("#piece time")
    await expect(time).to_have_text("15:03:22")

    await time.evaluate("(time) => { time.dateTime = '2026-03-01T15:00:00Z'; }")
    await expect(time).to_have_text("16:00:00")
    await time.evaluate("(time) => { time.firstChild.nodeValue = '15:00:00'; }")
    await expect(time).to_have_text("16:00:00")


async def test_what_the_server_says_again_changes_nothing(berlin: Page) -> None:
    """Made local before it is compared, the same HTML is the same as what is in the page."""
    same = await berlin.evaluate(
        """async (html) => {
            piece.innerHTML = html;
            await Promise.resolve(); // the observer has its turn
            const fresh = new DOMParser().parseFromString(html, "text/html").body;
            localiseTimes(fresh);
            return fresh.innerHTML === piece.innerHTML;
        }""",
        FROM_THE_SERVER,
    )

    assert same


async def test_a_time_that_is_none_stays_as_it_is(berlin: Page) -> None:
    """Nonsense from outside is no reason to fail."""
    html = '<time data-local="clock" datetime="soon">soon</time><time data-local="x">?</time>'
    await berlin.evaluate("(html) => { piece.innerHTML = html; }", html + FROM_THE_SERVER)

    await expect(berlin.locator("#piece")).to_contain_text("15:03:22")
    await expect(berlin.locator("#piece")).to_contain_text("soon?")


async def test_htmx_works_within_the_policy(site: ChartSite, watched: Watched) -> None:
    """It puts pieces in place, runs no script of theirs, and keeps no page in the browser."""
    needs_client()
    page = watched.page
    await page.goto(site.url)
    await page.get_by_role("button", name="Fetch").click()

    await expect(page.locator("#piece b")).to_have_text("fetched")
    await expect(page.locator("#piece script")).to_have_count(0)
    kept = await page.evaluate("[localStorage, sessionStorage].map((each) => Object.keys(each))")
    assert not [key for keys in kept for key in keys if "history-cache" in key]
    assert watched.complaints == []
