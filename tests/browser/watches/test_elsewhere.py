"""The pages of watches follow what is changed elsewhere, in a real browser."""

import pytest
from playwright.async_api import Page, expect

from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.browser.watches.watch_pages import CHEAP, HOSTILE, complaints
from tests.store.watches.telling import Stage
from tests.web.api import ask
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_watch_follows_what_happens_elsewhere(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """Its words, its alerts and the form come without a reload, and are said to be live."""
    stage = Stage(priced)
    await stage.watch(name="Cheap")
    await page.goto(f"{site.url}/watches/w")
    await expect(page.get_by_role("status").first).to_have_text("Live")
    alerts = page.get_by_role("region", name="Its alerts")
    await expect(alerts).to_contain_text("It has raised nothing yet.")
    await stage.decide(stage.raised("e1", subject=HOSTILE))
    await expect(alerts).to_contain_text("raised")
    await expect(alerts.get_by_role("button", name="Acknowledge")).to_be_visible()
    await ask(site, "POST", "episodes/e1/acknowledge")
    await expect(alerts).to_contain_text("acknowledged")

    await ask(site, "PUT", "watches/w", {**CHEAP, "name": "Cheaper"})
    await expect(page.get_by_role("heading", name="Cheaper")).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Cheaper")
    said = page.locator("[data-said]")
    await expect(said).to_have_text("Changed elsewhere: this is version 2.")
    await page.get_by_label("Severity").select_option("critical")
    await page.get_by_role("button", name="Save").click()
    await expect(said).to_contain_text("Saved as version 3.")
    assert complaints(watched) == []

    await ask(site, "DELETE", "watches/w")
    await expect(page.get_by_role("status").first).to_have_text(
        "No longer there, last update", timeout=20_000
    )


async def test_the_list_follows_what_happens_elsewhere(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """New watches, what they have raised, and how they stand; the focus stays where it is."""
    stage = Stage(priced)
    await stage.watch(name="First")
    await page.goto(f"{site.url}/watches")
    await page.get_by_role("link", name="First").focus()
    await ask(site, "PUT", "watches/another", {**CHEAP, "name": "Another"})
    await expect(page.locator(".watches > li")).to_have_count(2)
    await stage.decide(stage.raised("e1", subject="x"))

    await expect(page.locator('.watches > li[data-key="w"]')).to_contain_text("1 raised now")
    await expect(page.get_by_role("link", name="First")).to_be_focused()
    assert complaints(watched) == []


async def test_a_change_meanwhile_is_not_written_over(
    site: Site, priced: Database, page: Page
) -> None:
    """Neither by saving, nor by deleting, nor by making one of the same id; it is said at once."""
    await ask(site, "PUT", "watches/w", CHEAP)
    await page.goto(f"{site.url}/watches/w")
    await page.get_by_label("Name", exact=True).fill("Mine")
    await ask(site, "PUT", "watches/w", {**CHEAP, "name": "Of somebody else"})
    await expect(page.get_by_role("heading", name="Of somebody else")).to_be_visible()
    await expect(page.locator("[data-said]")).to_contain_text("what you have typed stays here")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Mine")
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Save").click()
    said = page.locator("[data-said]")
    await expect(said).to_contain_text("Somebody changed this watch meanwhile; nothing was done.")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await page.get_by_role("button", name="Delete it").click()
    await expect(page.locator("[data-acted]")).to_contain_text("Somebody changed this watch")
    await said.get_by_role("link", name="Read it as it is now").click()
    await expect(page.get_by_role("heading", name="Of somebody else")).to_be_visible()

    await page.goto(f"{site.url}/watches/new")
    await page.get_by_label("Id", exact=True).fill("w")
    await page.get_by_role("textbox", name="At most", exact=True).fill("5")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#id-amiss")).to_have_text("another watch has it already")
    assert (await ask(site, "GET", "watches/w")).body["watch"]["name"] == "Of somebody else"
