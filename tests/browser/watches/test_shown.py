"""What the pages of watches show, to everybody, in a real browser."""

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, BrowserContext, Page, expect

from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.browser.watches.watch_pages import CHEAP, DRY_RUN_MS, HOSTILE, complaints, trial
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 3

# A control that is squeezed into a column of letters does not scroll, and axe likes it.
NARROWEST = """
    Math.min(1000, ...[...document.querySelectorAll("input:not([type=checkbox]), textarea")]
        .filter((each) => each.checkVisibility())
        .map((each) => each.offsetWidth))
"""
LEAST_WIDTH = 120


async def test_alerts_are_acknowledged_and_explained(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """On the page of their watch; what it decided stands there in sentences, the newest first."""
    stage = Stage(priced)
    await stage.watch(name=HOSTILE)
    await stage.decide(stage.raised("e1", subject=HOSTILE))
    await stage.turns(stage.courier(TakesAll()))
    await page.goto(f"{site.url}/watches/w")
    alerts = page.get_by_role("region", name="Its alerts")
    await expect(alerts).to_contain_text("raised")
    await alerts.get_by_role("button", name="Acknowledge").click()
    await expect(alerts).to_contain_text("acknowledged")
    await expect(alerts.get_by_role("button")).to_have_count(0)
    await expect(alerts).to_be_focused()

    await expect(trial(page)).to_contain_text("It would have sent", timeout=DRY_RUN_MS)
    await page.get_by_role("button", name="Show").click()
    traces = page.get_by_role("list", name="What it decided, the newest first")
    await expect(traces.get_by_role("listitem")).to_have_count(4, timeout=DRY_RUN_MS)
    await expect(traces.get_by_role("listitem").first).to_contain_text("2026-03-01 13:06:22 UTC")
    await expect(page.locator("[data-why-said]")).to_have_text("4 decisions.")
    await expect(page.locator("img, main script")).to_have_count(0)
    assert complaints(watched) == []


async def test_a_channel_is_tried(site: Site, priced: Database, page: Page) -> None:
    """By its button, which says what came of it."""
    await page.goto(f"{site.url}/watches/new")
    await page.get_by_role("button", name="Send a test message to default").click()

    await expect(page.locator("[data-tested]")).to_have_text("default took the message.")


async def test_without_javascript_it_can_be_read(
    site: Site, priced: Database, browser: Browser
) -> None:
    """In words and as a definition; no control stands there that would do nothing."""
    await ask(site, "PUT", "watches/w", CHEAP)
    context: BrowserContext = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.url}/watches/w")

    await expect(page.get_by_text("at most $100.00")).to_be_visible()
    await expect(page.locator("pre")).to_contain_text('"at_most": "100"')
    await expect(page.get_by_role("button")).to_have_count(0)
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await context.close()


@pytest.mark.parametrize(
    ("width", "colours"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
@pytest.mark.parametrize("path", ["/watches", "/watches/new", "/watches/long"])
async def test_it_is_readable_everywhere(
    site: Site, priced: Database, browser: Browser, path: str, width: int, colours: str
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    stage = Stage(priced)
    what = {"subjects": (LONG,), "only": {"section": (LONG,)}}
    await stage.watch("long", name=LONG, what=what)
    await stage.decide(stage.raised("e1", subject=LONG, watch_id="long"))
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if colours == "dark" else "light",
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(f"{site.url}{path}")
    if path == "/watches/long":
        await expect(trial(page)).to_contain_text("It would have sent", timeout=DRY_RUN_MS)
    if path != "/watches":
        for folded in ("A drop", "A new low", "Quiet hours", "Collected in one message"):
            await page.get_by_label(folded, exact=True).check()
        await expect(trial(page)).to_have_text("Not tried: see the fields.", timeout=DRY_RUN_MS)
        await page.get_by_text("As JSON, with every field").click()

    assert complaints(watched) == []  # before axe, which brings complaints of its own
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(NARROWEST) > LEAST_WIDTH
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()
