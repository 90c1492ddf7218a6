"""Alerts looked at, acknowledged, snoozed and silenced on their pages, in a real browser."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, Page, expect

from conscope_app.notify.base import Rejected
from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"
LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 3
TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("watch_silences", "delivery_targets", "events"),
)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(site: Site, rows: Rows, database_url: str) -> AsyncIterator[Stage]:
    """e1 was told and fell further, e2 was given up, e3 waits: its watch is snoozed."""
    database = Database(database_url)
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        tables.run(
            "INSERT INTO events VALUES ('a/b', %s, 'Madison Square Garden', NULL, now(), now()),"
            " ('e2', 'Radiohead', 'Arena', NULL, now(), now())",
            HOSTILE,
        )
        stage = Stage(database)
        stage.clock.now = NOW
        channel = TakesAll()
        await stage.watch()
        await stage.watch("sleepy", to={"snoozed_until": "2030-01-01T00:00:00Z"})
        await stage.decide(stage.raised("e1", subject="a/b"))
        await stage.turns(stage.courier(channel))
        channel.fails.append(Rejected("the channel refused it: 400"))
        stage.clock.now += timedelta(minutes=1)
        await stage.decide(stage.raised("e2", subject="e2"))
        await stage.turns(stage.courier(channel), seconds=5)
        await stage.decide(stage.updated("e1", price=72, subject="a/b"))
        await stage.turns(stage.courier(channel))
        await stage.decide(stage.raised("e3", subject=LONG, watch_id="sleepy"))
        yield stage
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(watched: Watched) -> Page:
    """A page whose clock is the pages', and stands still until a test moves it."""
    await watched.page.clock.install(time=NOW)
    return watched.page


async def test_an_alert_is_acknowledged_and_its_watch_snoozed(
    site: Site, stage: Stage, page: Page, watched: Watched
) -> None:
    """In the list, where the focus goes on; and on its page, which tells it moment by moment."""
    await page.goto(f"{site.url}/alerts")
    entries = page.locator("[data-list] > li")
    await expect(entries).to_have_count(3)
    await expect(entries.nth(2)).to_contain_text("<img src=x onerror=alert(1)>")
    await entries.nth(1).get_by_role("button", name="Acknowledge").click()
    await expect(entries.nth(1)).to_contain_text("acknowledged")
    await expect(entries.nth(1).get_by_role("link", name="Details")).to_be_focused()
    await expect(page.locator("[data-acted]")).to_have_text(
        "Acknowledged: nothing more is said of it."
    )

    await entries.nth(2).get_by_role("link", name="Details").click()
    timeline = page.get_by_role("region", name="What became of it")
    await expect(timeline).to_contain_text("Told at default")
    await page.get_by_label("Snooze its watch for").select_option("a day")
    await page.get_by_role("button", name="Snooze", exact=True).click()
    await expect(page.locator("[data-acted]")).to_contain_text("Its watch is snoozed until 2026-03")
    head = page.get_by_role("region", name="The alert", exact=True)
    await expect(head).to_contain_text("snoozed until 2026-03-02")
    await page.get_by_role("button", name="End the snooze").click()
    await expect(head).not_to_contain_text("snoozed")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(timeline).to_contain_text("Acknowledged")
    await expect(page.get_by_role("button", name="Acknowledge")).to_be_disabled()
    await expect(page.locator("main img, main script")).to_have_count(0)
    assert watched.complaints == []


async def test_a_silence_is_made_and_ended(
    site: Site, stage: Stage, page: Page, watched: Watched
) -> None:
    """From an alert, with a mistake first, which is said beside its field."""
    await page.goto(f"{site.url}/alerts/e1")
    await page.get_by_role("link", name="Silence this event").click()
    until = page.get_by_label("Until", exact=True)
    await expect(page.get_by_label("Event id")).to_have_value("a/b")
    await expect(until).not_to_have_value("")
    await until.fill("2020-01-01T00:00")
    await page.get_by_role("button", name="Silence", exact=True).click()
    await expect(until).to_be_focused()
    await expect(until).to_have_accessible_description("by your own clock must be in the future")

    await until.fill("2026-03-05T12:00")
    await page.get_by_label("Section").fill("[")
    await page.get_by_label("Watch").fill("w")
    await page.get_by_role("button", name="Silence", exact=True).click()
    current = page.get_by_role("region", name="Current silences")
    await expect(current).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(current).to_contain_text("for w · section [")
    await expect(page.get_by_label("Event id")).to_have_value("")
    await current.get_by_role("button", name="End the silence").click()
    await expect(current).to_contain_text("Nothing is silenced.")
    await expect(current).to_be_focused()
    assert (await ask(site, "GET", "silences")).body == {"silences": []}
    assert watched.complaints == []


async def test_new_alerts_come_by_themselves(
    site: Site, stage: Stage, page: Page, rows: Rows, watched: Watched
) -> None:
    """What is typed and what has the focus stays; with the worker away that is said."""
    await page.goto(f"{site.url}/alerts/drops?told=waiting")
    entries = page.locator("[data-list] > li")
    await expect(entries).to_have_count(1)
    details = entries.first.get_by_role("link", name="Details")
    await page.get_by_label("Event", exact=True).fill("Radio")
    await details.focus()
    await entries.first.evaluate("each => { window.kept = each; }")
    rows.alert(30)
    rows.delivery(30, "waiting")
    await page.clock.run_for(11_000)
    await expect(entries).to_have_count(2)
    assert await page.evaluate("window.kept === document.querySelectorAll('[data-list] > li')[1]")
    await expect(entries.nth(1).get_by_role("link", name="Details")).to_be_focused()
    await expect(page.get_by_label("Event", exact=True)).to_have_value("Radio")
    await expect(page.locator("[data-fresh-word]")).to_have_text("Every 10 s, as of")

    rows.alert(31)
    rows.delivery(31, "waiting")
    await page.clock.run_for(6_000)
    await page.evaluate("window.dispatchEvent(new CustomEvent('conscope:news'))")
    await expect(entries).to_have_count(3)
    assert watched.complaints == []
    await page.context.set_offline(True)
    await page.clock.run_for(11_000)
    await expect(page.locator("[data-fresh-word]")).to_have_text("Not reachable, as of")
    await expect(entries).to_have_count(3)


async def test_without_javascript_it_can_be_read(
    site: Site, stage: Stage, browser: Browser
) -> None:
    """And filtered; no control stands there that would do nothing."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{site.url}/alerts")
    await page.get_by_label("Told", exact=True).select_option("Given up")
    await page.get_by_role("button", name="Show").click()

    await expect(page.locator("[data-list] > li")).to_have_count(1)
    await expect(page.get_by_text("the channel refused it: 400")).to_be_visible()
    await expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    await page.goto(f"{site.url}/alerts/e1")
    await expect(page.get_by_role("button")).to_have_count(0)
    await context.close()


@pytest.mark.parametrize(
    ("width", "colours"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
async def test_they_are_readable_everywhere(
    site: Site, stage: Stage, rows: Rows, browser: Browser, width: int, colours: str
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    await stage.silence(subjects=(LONG,), watches=(LONG,))
    rows.alert(40, event_name=LONG, venue=LONG, section=LONG, decision="below_minimum_drop")
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    for path in ("", "?status=x&since=y", "/e1", "/drops", "/drops/raw_prices-0-40", "/silences"):
        await page.goto(f"{site.url}/alerts{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        complaints = [each for each in watched.complaints if "status of 400" not in each]
        assert complaints == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        found = await Axe().run(page)
        watched.complaints.clear()  # axe brings complaints of its own
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    await context.close()
