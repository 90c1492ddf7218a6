"""The overview in a real browser."""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, BrowserContext, Request, Route, expect

from tests.browser.conftest import Watched
from tests.store.market.listed import Listed, listing
from tests.web.reports import NOW, a_partition, a_view, a_worker
from tests.web.rows import Rows
from tests.web.site import AWAY, Site
from web.assets import built

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
LONG = "An-event-name-without-a-single-space-that-no-line-can-hold-" * 3

# Twice a second, as live.js says it whenever panels came.
NEWS = "setInterval(() => dispatchEvent(new Event('conscope:news')), 500)"


def drops(count: int) -> list[Any]:
    """A cluster that has compared so many prices, all of them drops."""
    return [a_partition(0, counts={"records": count, "drop": count}), *a_view().partitions[1:]]


@pytest.fixture
def listed(rows: Rows, database_url: str) -> Iterator[Listed]:
    """Forty events; the first one is the newest to have dropped, and has a day's prices."""
    with listing(database_url) as made:
        for number in range(40):
            last_drop = NOW - timedelta(minutes=number + 1)
            made.line(f"evt/{number}", event_name=f"Band {number:02}", last_drop_at=last_drop)
        made.hours("evt/0", ["100", "95", None, "90"])
        yield made


@pytest.fixture
def _htmx() -> None:
    """What lets the list change without a reload."""
    if built("htmx.js") is None:
        pytest.skip("web/static/built/htmx.js is not built")


async def test_the_page_updates_by_itself(site: Site, rows: Rows, watched: Watched) -> None:
    """New figures and a new drop appear; the document stays the same."""
    page = watched.page
    site.show(partitions=drops(1_000_000))
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.evaluate("document.marked = true")

    site.show(partitions=drops(2_000_000))
    rows.alert(99, event_id="just/now", event_name="Just now")

    await expect(page.locator(".hero")).to_have_text("2,000,700")
    link = page.get_by_role("link", name="Just now")
    await expect(link).to_have_count(1, timeout=15_000)  # a slow database is asked seldom
    await expect(link).to_have_attribute("href", "/events/just%2Fnow?currency=USD")
    assert await page.evaluate("document.marked")
    assert watched.complaints == []


@pytest.mark.usefixtures("_htmx")
async def test_the_list_follows_the_news_and_leaves_focus_and_scroll_alone(
    site: Site, listed: Listed, watched: Watched
) -> None:
    """At most every five seconds, whatever the stream says; who reads on is not disturbed."""
    page, asked_at = watched.page, []

    def note(request: Request) -> None:
        if request.headers.get("hx-trigger") == "events":
            asked_at.append(asyncio.get_running_loop().time())

    page.on("request", note)
    await page.goto(f"{site.url}/?sort=name")
    link = page.get_by_role("link", name="Band 20")
    await link.focus()
    top = await page.evaluate("() => { scrollTo(0, 900); return scrollY; }")

    listed.line("new", event_name="Band 00 is new")
    await page.evaluate(NEWS)
    await expect(page.get_by_role("link", name="Band 00 is new")).to_have_count(1, timeout=15_000)
    listed.line("newer", event_name="Band 00 is newer")
    await expect(page.get_by_role("link", name="Band 00 is newer")).to_have_count(1, timeout=15_000)

    await expect(link).to_be_focused()
    assert await page.evaluate("scrollY") == top
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked_at)]
    assert gaps
    assert min(gaps) > 4.5
    assert page.url == f"{site.url}/?sort=name"
    assert watched.complaints == []


@pytest.mark.usefixtures("_htmx")
async def test_the_list_changes_while_one_types_and_the_address_with_it(
    site: Site, listed: Listed, watched: Watched
) -> None:
    """Without a reload; what was asked can be sent on, and gone back from."""
    page = watched.page
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.evaluate("document.marked = true")
    search = page.get_by_role("searchbox", name="Search")
    band = page.locator("#events tbody tr")
    await expect(band).to_have_count(30)

    await search.press_sequentially("ban 07")
    await expect(band).to_have_count(1)
    await expect(band).to_contain_text("Band 07")
    await expect(search).to_be_focused()
    await expect(page).to_have_url(f"{site.url}/?search=ban+07")
    await expect(page.locator("#found-word")).to_have_text("1 found")

    await page.get_by_text("More filters").click()
    await page.get_by_label("up to").fill("cheap")
    await expect(page.get_by_text("is not an amount, such as 12.50")).to_be_visible()
    await expect(band).to_have_count(1)
    await page.get_by_label("up to").fill("")
    await expect(page.get_by_text("is not an amount, such as 12.50")).to_be_hidden()

    await search.fill("")
    await expect(page).to_have_url(f"{site.url}/")
    await page.get_by_role("link", name="Event", exact=True).click()
    await expect(page).to_have_url(f"{site.url}/?sort=name")
    await expect(page.get_by_label("Sort by")).to_have_value("name")
    await page.get_by_role("link", name="Next").click()
    await expect(band).to_have_count(10)
    assert await page.evaluate("document.marked")

    await page.go_back()
    await expect(band).to_have_count(30)
    await expect(page).to_have_url(f"{site.url}/?sort=name")
    assert watched.complaints == []


async def test_a_notice_comes_and_goes(site: Site, rows: Rows, watched: Watched) -> None:
    """A partition that is lost is said while it is lost, and where to look."""
    page = watched.page
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")
    notice = page.get_by_text("Nobody reads raw_prices 0.")
    health = page.get_by_text("One thing needs attention")
    await expect(notice).to_have_count(0)

    site.show(partitions=a_view().partitions[1:])
    await expect(notice).to_be_visible()
    await expect(health.get_by_role("link")).to_have_attribute("href", "/operations")
    site.show()
    await expect(notice).to_have_count(0)
    await expect(health).to_have_count(0)


async def test_where_streams_do_not_pass_the_page_asks(
    site: Site, rows: Rows, watched: Watched
) -> None:
    """A proxy that refuses event streams costs seconds, not the figures."""
    page = watched.page
    refused: list[str] = []

    async def refuse(route: Route) -> None:
        refused.append(route.request.url)
        await route.fulfill(status=503)

    await page.route("**/live?page=overview", refuse)
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Every 5 s, as of")

    site.show(partitions=drops(3_000_000))

    await expect(page.locator(".hero")).to_have_text("3,000,700", timeout=12_000)
    assert refused


async def test_without_javascript_the_page_is_complete(
    site: Site, listed: Listed, browser: Browser
) -> None:
    """Everything is in the answer, and a form asks for another list; only the updates are not."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site.url)

    await expect(page.locator(".hero")).to_have_text("800")
    await expect(page.get_by_role("link", name="Taylor Swift").first).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("As of")
    await page.get_by_label("Search").fill("band 3")
    await page.get_by_label("Sort by").select_option("name")
    await page.get_by_label("Direction").select_option("asc")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#events .name a")).to_have_text([f"Band 3{n}" for n in range(10)])
    await context.close()


async def test_hostile_names_are_shown_not_run(
    site: Site, listed: Listed, rows: Rows, watched: Watched
) -> None:
    """As delivered, and as updated."""
    page = watched.page
    listed.line(HOSTILE, event_name=HOSTILE, venue=HOSTILE, last_drop_at=NOW)
    rows.alert(50, event_id=HOSTILE, event_name=HOSTILE, venue=HOSTILE, source=HOSTILE)
    await page.goto(site.url)
    await expect(page.get_by_role("status")).to_have_text("Live")

    site.show(partitions=[a_partition(0, worker=HOSTILE, sources=[HOSTILE], trouble=HOSTILE)])

    await expect(page.locator("[data-panel=drops]")).to_contain_text(HOSTILE)
    await expect(page.locator("[data-panel=prices]")).to_contain_text(HOSTILE)
    await expect(page.locator("#events")).to_contain_text(HOSTILE)
    await expect(page.locator("img, main script")).to_have_count(0)
    assert watched.complaints == []


@pytest.mark.parametrize(
    ("width", "colours"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
@pytest.mark.parametrize("state", ["all well", "much amiss", "away"])
async def test_it_is_readable_everywhere(
    site: Site,
    listed: Listed,
    rows: Rows,
    browser: Browser,
    width: int,
    colours: str,
    state: str,
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    address = site.url
    if state == "much amiss":
        _go_wrong(site, rows, listed)
        address = f"{site.url}/?date_from=never&date_to=2026-01-01&price_to=x&search=an"
    elif state == "away":
        site.use_database(AWAY)
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if colours == "dark" else "light",
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(address)
    await expect(page.get_by_role("status")).to_have_text("Live")

    assert watched.complaints == []  # before axe, which brings complaints of its own
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()


def _go_wrong(site: Site, rows: Rows, listed: Listed) -> None:
    rows.alert(60, event_name=LONG, venue=LONG, source="x" * 512, section="S" * 80, seat="9" * 60)
    rows.target("telegram", disabled_at=NOW, disabled_reason="it answered 404")
    long_ago = NOW - timedelta(days=2)
    for currency, lowest in (("USD", "123456789012345.000000000000000001"), ("EUR", None)):
        listed.line(
            "long",
            key="a group",
            group_id="long",
            members=["long", "m" * 512],
            sources=["s" * 512, LONG],
            currency=currency,
            event_name=LONG * 2,
            venue="v" * 512,
            event_date="2025-12-24 " + "x" * 400,
            lowest=lowest,
            change_ratio="9999999.5",
            last_seen_at=long_ago,
            refreshed_at=long_ago,
            seats_seen=10**12,
        )
    silent = a_partition(4, at=NOW - timedelta(minutes=3), worker="w" * 300)
    site.show(
        partitions=[silent, a_partition(2, state="opening"), a_partition(3, trouble="x" * 400)],
        workers=[a_worker("w" * 300, ready=False, reasons=["y" * 300]), a_worker("other")],
    )


async def test_an_unknown_address_has_a_page_too(
    site: Site, context: BrowserContext, watched: Watched
) -> None:
    """With a way back."""
    page = watched.page
    await page.goto(f"{site.url}/nowhere")
    await page.get_by_role("link", name="To the overview").click()

    await expect(page).to_have_url(f"{site.url}/")
