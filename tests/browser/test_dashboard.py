"""The dashboard in a real browser."""

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, BrowserContext, Route, expect

from tests.browser.conftest import Watched
from tests.web.reports import NOW, a_partition, a_view, a_worker
from tests.web.rows import Rows
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "An-event-name-without-a-single-space-that-no-line-can-hold-" * 3


def drops(count: int) -> list:  # type: ignore[type-arg]  # reports of the partitions
    """A cluster that has compared so many prices, all of them drops."""
    return [a_partition(0, counts={"records": count, "drop": count}), *a_view().partitions[1:]]


async def test_the_page_updates_by_itself(site: Site, rows: Rows, watched: Watched) -> None:
    """New figures and a new alert appear; the document stays the same."""
    page = watched.page
    site.show(partitions=drops(1_000_000))
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.evaluate("document.marked = true")

    site.show(partitions=drops(2_000_000))
    rows.alert(99, event_name="Just now")

    await expect(page.locator(".hero")).to_have_text("2,000,700")
    await expect(page.get_by_role("cell", name="Just now")).to_be_visible()
    assert await page.evaluate("document.marked")
    assert watched.complaints == []


async def test_an_update_leaves_focus_and_scroll_alone(
    site: Site, rows: Rows, watched: Watched
) -> None:
    """Who reads with the keyboard is not thrown back to the top each second."""
    page = watched.page
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    region = page.get_by_role("group", name="Partitions of raw_prices")
    await region.focus()
    top = await page.evaluate("() => { scrollTo(0, 300); return scrollY; }")

    site.show(partitions=[a_partition(0, position=3), *a_view().partitions[1:]])

    await expect(region).to_contain_text("100")
    await expect(region).to_be_focused()
    assert await page.evaluate("window.scrollY") == top


async def test_a_notice_comes_and_goes(site: Site, rows: Rows, watched: Watched) -> None:
    """A partition that is lost is said while it is lost."""
    page = watched.page
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    notice = page.get_by_text("Nobody reads raw_prices 0.")
    await expect(notice).to_have_count(0)

    site.show(partitions=a_view().partitions[1:])
    await expect(notice).to_be_visible()
    site.show()
    await expect(notice).to_have_count(0)


async def test_where_streams_do_not_pass_the_page_asks(
    site: Site, rows: Rows, watched: Watched
) -> None:
    """A proxy that refuses event streams costs seconds, not the figures."""
    page = watched.page
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.fulfill(status=503)

    await page.route("**/live?page=dashboard", refuse)
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Every 5 s, as of")

    site.show(partitions=drops(3_000_000))

    await expect(page.locator(".hero")).to_have_text("3,000,700", timeout=12_000)
    assert refused


async def test_without_javascript_the_page_is_complete(
    site: Site, rows: Rows, browser: Browser
) -> None:
    """Everything is in the answer; only the updates are not."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site.url)

    await expect(page.locator(".hero")).to_have_text("800")
    await expect(page.get_by_role("cell", name="Taylor Swift").first).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("As of")
    await context.close()


async def test_hostile_names_are_shown_not_run(site: Site, rows: Rows, watched: Watched) -> None:
    """As delivered, and as updated."""
    page = watched.page
    rows.alert(50, event_name=HOSTILE, venue=HOSTILE, source=HOSTILE)
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")

    site.show(
        partitions=[a_partition(0, worker=HOSTILE, sources=[HOSTILE], trouble=HOSTILE)],
        workers=[a_worker(HOSTILE)],
    )

    await expect(page.locator("[data-panel=workers]")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-panel=alerts]")).to_contain_text(HOSTILE)
    await expect(page.locator("img, main script")).to_have_count(0)
    assert watched.complaints == []


@pytest.mark.parametrize(
    ("width", "colours"),
    [(1280, "light"), (1280, "dark"), (768, "light"), (390, "light"), (390, "dark")],
)
@pytest.mark.parametrize("well", [True, False], ids=["all well", "much amiss"])
async def test_it_is_readable_everywhere(
    site: Site, rows: Rows, browser: Browser, width: int, colours: str, well: bool
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    if not well:
        _go_wrong(site, rows)
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if colours == "dark" else "light",
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")

    assert watched.complaints == []  # before axe, which brings complaints of its own
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()


def _go_wrong(site: Site, rows: Rows) -> None:
    rows.alert(60, event_name=LONG, venue=LONG, source="x" * 512, section="S" * 80, seat="9" * 60)
    rows.target("telegram", disabled_at=NOW, disabled_reason="it answered 404")
    silent = a_partition(4, at=NOW - timedelta(minutes=3), worker="w" * 300)
    site.show(
        partitions=[silent, a_partition(2, state="opening"), a_partition(3, trouble="x" * 400)],
        workers=[a_worker("w" * 300, ready=False, reasons=["y" * 300]), a_worker("other")],
        records_per_s=None,
    )


async def test_an_unknown_address_has_a_page_too(
    site: Site, context: BrowserContext, watched: Watched
) -> None:
    """With a way back."""
    page = watched.page
    await page.goto(f"{site.url}/nowhere")
    await page.get_by_role("link", name="To the dashboard").click()

    await expect(page).to_have_url(f"{site.url}/")
