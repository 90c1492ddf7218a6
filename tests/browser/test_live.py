"""A page that keeps itself up to date, in a real browser: what it says when it cannot, and how it
recovers.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.live_worker import LiveWorker
from web.patience import Unanswered

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# What a browser tells a page whose tab is put behind another, or before it.
HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
A_LIST = """<ul>{items}</ul>
<details><summary>More</summary>{more}</details>
<p data-live-keep>{kept}</p>
<p><time data-local datetime="{at}">{at}</time></p>"""


@pytest_asyncio.fixture(loop_scope="session")
async def worker() -> AsyncIterator[LiveWorker]:
    """A running worker."""
    made = LiveWorker()
    await made.start()
    yield made
    await made.die()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, worker: LiveWorker) -> Page:
    """The worker's page, on a clock that the test can move."""
    made = await context.new_page()
    await made.clock.install()
    await made.goto(worker.url)
    await expect(made.get_by_role("status")).to_have_text("Live")
    return made


async def test_a_page_that_hears_nothing_says_how_old_it_is(worker: LiveWorker, page: Page) -> None:
    """The seconds count on while only the word is announced; a new connection makes it live."""
    await worker.die()
    await worker.start(ping_every_s=3_600)  # whose streams say hello, and then nothing
    await worker.until_open(1)
    await expect(page.get_by_role("status")).to_have_text("Live")
    assert worker.asked[-1] == "/live?page=event&event_id=a%2Fb"

    await page.clock.pause_at(await page.evaluate("Date.now()") / 1_000 + 13)
    await expect(page.get_by_role("status")).to_have_text("Last update")
    first = await page.locator("time").inner_text()
    await page.clock.run_for(2_000)
    await expect(page.get_by_role("status")).to_have_text("Last update")
    second = await page.locator("time").inner_text()
    assert [int(text.removesuffix(" s ago")) for text in (first, second)] in ([13, 15], [14, 16])

    await page.clock.run_for(4_000)
    await expect(page.get_by_role("status")).to_have_text("Live")


async def test_what_the_worker_cannot_read_grows_old_on_the_page(
    worker: LiveWorker, page: Page
) -> None:
    """The connection is well, and still the page does not claim to be live."""
    worker.board.why = Unanswered("the database is away")
    worker.now += 40
    await worker.page.refresh()
    await expect(page.get_by_role("status")).to_have_text("Last update")
    await expect(page.locator("time")).to_have_text("40 s ago")

    worker.board.why = None
    await worker.tell("back again")
    await expect(page.get_by_role("main")).to_have_text("back again")
    await expect(page.get_by_role("status")).to_have_text("Live")


async def test_a_worker_that_dies_is_said_to_be_away_until_another_is_there(
    worker: LiveWorker, page: Page
) -> None:
    """The page is not reloaded; the new process has never heard of it."""
    await page.evaluate("document.marked = true")
    await worker.die()
    await expect(page.get_by_role("status")).to_have_text("Reconnecting, as of")
    await expect(page.get_by_role("status")).to_have_text(
        "Worker away, last update", timeout=15_000
    )
    assert (await page.locator("time").inner_text()).endswith(" s ago")

    worker.board.panels = {"text": "of another process"}
    await worker.start()
    await page.clock.fast_forward(6_000)  # to the next time it asks

    await expect(page.get_by_role("status")).to_have_text("Live")
    await expect(page.get_by_role("main")).to_have_text("of another process")
    assert await page.evaluate("document.marked")


async def test_hidden_tabs_leave_the_connections_to_the_one_that_is_seen(
    context: BrowserContext, worker: LiveWorker
) -> None:
    """A browser opens six to a host; more tabs than that work all the same."""
    tabs: list[Page] = []
    for _ in range(8):
        tab = await context.new_page()
        await tab.goto(worker.url)
        await expect(tab.get_by_role("status")).to_have_text("Live")
        await tab.evaluate(HIDE, True)
        tabs.append(tab)
    await worker.until_open(0)

    await worker.tell("news for who looks")
    await tabs[0].evaluate(HIDE, False)

    await expect(tabs[0].get_by_role("main")).to_have_text("news for who looks")
    await worker.until_open(1)
    await expect(tabs[1].get_by_role("main")).to_have_text("first")


async def test_what_the_reader_and_other_scripts_made_stays(worker: LiveWorker, page: Page) -> None:
    """Focus in a list that grows, what is unfolded, a chart, and times in the reader's zone."""
    at, later = "2026-03-01T14:00:00Z", "2026-03-01T15:00:00Z"
    shown = {"more": "1", "kept": "", "at": at}
    link = '<li data-key="{0}"><a href="#{0}">{0}</a></li>'
    await worker.tell(A_LIST.format(items=link.format("old"), **shown))
    await page.get_by_role("link", name="old").focus()
    await page.evaluate("""() => {
        document.querySelector("details").open = true;
        document.querySelector("[data-live-keep]").textContent = "drawn";
        document.querySelector("[data-local]").textContent = "four o'clock";
        addEventListener("conscope:news", (event) => { document.heard = event.detail.as_of; });
    }""")

    items = link.format("new") + link.format("newer") + link.format("old")
    await worker.tell(A_LIST.format(items=items, **shown | {"more": "2"}))

    await expect(page.get_by_role("listitem")).to_have_text(["new", "newer", "old"])
    await expect(page.get_by_role("link", name="old")).to_be_focused()
    await expect(page.get_by_role("group")).to_have_text("More2")
    assert await page.locator("details").get_attribute("open") is not None
    await expect(page.locator("[data-live-keep]")).to_have_text("drawn")
    await expect(page.locator("[data-local]")).to_have_text("four o'clock")
    assert await page.evaluate("document.heard") == "2026-03-01T14:03:22Z"

    await worker.tell(A_LIST.format(items=link.format("newer"), **shown | {"at": later}))

    await expect(page.get_by_role("listitem")).to_have_text(["newer"])
    await expect(page.locator("[data-local]")).to_have_text(later)
