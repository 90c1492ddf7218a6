"""Two events beside each other, made one and two again, in a real browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Page, expect

from tests.browser.conftest import Watched
from tests.store.ledgers import Tables
from tests.web.seeded import a_pair_for_review
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

TABLES = ("events", "event_match_pairs", "event_match_members", "event_match_trace")
LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 3


@pytest_asyncio.fixture(loop_scope="session")
async def tables(site: Site, database_url: str) -> AsyncIterator[Tables]:
    """Two pairs that wait, one of them with a name that no line holds."""
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        a_pair_for_review(tables)
        a_pair_for_review(tables, "seatgeek-2", "ticketmaster-2")
        tables.run("UPDATE events SET event_name = %s WHERE event_id = 'seatgeek-2'", LONG)
        yield tables
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")


async def test_two_events_become_one_and_two_again(
    site: Site, tables: Tables, watched: Watched
) -> None:
    """The focus goes on in the list; who said so stands with it."""
    page = watched.page
    await page.goto(f"{site.url}/matches")
    entries = page.locator(".match-list > li")
    await expect(entries).to_have_count(2)
    await page.get_by_label("Your name").fill("Ada")
    await page.locator('[data-one="seatgeek-1"]').get_by_role("button", name="One event").click()
    await expect(page.get_by_role("status")).to_have_text("They are one event now.")
    await expect(entries).to_have_count(1)
    await expect(entries.get_by_role("button", name="One event")).to_be_focused()

    await page.get_by_role("link", name="Merged").click()
    await expect(entries).to_contain_text("By Ada")
    await entries.get_by_role("button", name="Undo: two events").click()
    await expect(page.get_by_text("Nothing is merged yet.")).to_be_visible()

    assert tables.run("SELECT act, by_whom FROM event_match_trace ORDER BY id") == [
        ("merged", "Ada"),
        ("apart", "somebody"),
    ]
    assert watched.complaints == []


@pytest.mark.parametrize("width", [320, 1280])
async def test_everybody_can_read_it(
    site: Site, tables: Tables, watched: Watched, width: int
) -> None:
    """In both colours, on a telephone too: nothing sticks out, and nothing is amiss."""
    page: Page = watched.page
    await page.set_viewport_size({"width": width, "height": 800})
    for colours in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        await page.goto(f"{site.url}/matches")
        await expect(page.locator("[data-actions]").first).to_be_visible()

        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, colours
