"""Watches made, tried, changed and deleted on their pages, in a real browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect
from pydantic import SecretStr

from conscope_app import app
from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.store.ledgers import Tables
from tests.store.watches.stored_prices import History
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"
LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 3
CHEAP: dict[str, Any] = {"name": "Cheap", "what": {}, "when": {"target": {"at_most": 100}}}
TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("delivery_targets", "price_history", "events", "sink_positions"),
)
DRY_RUN_MS = 30_000  # it begins in a process of its own

# A control that is squeezed into a column of letters does not scroll, and axe likes it.
NARROWEST = """
    Math.min(1000, ...[...document.querySelectorAll("input:not([type=checkbox]), textarea")]
        .filter((each) => each.checkVisibility())
        .map((each) => each.offsetWidth))
"""
LEAST_WIDTH = 120


@pytest.fixture
def tables(database_url: str) -> Iterator[Tables]:
    """The tables without watches and prices, before and after."""
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        yield tables
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")


@pytest_asyncio.fixture(loop_scope="session")
async def priced(
    site: Site, tables: Tables, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """A history of one seat: 120, 80, 130 and 70, the last three an hour ago."""
    changed = {"database_url": SecretStr(database_url)}
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update=changed))
    database = Database(database_url)
    history = History(NOW - timedelta(hours=2)).price(120, event_name=HOSTILE)
    history.wait(hours=1).prices([80, 130, 70], event_name=HOSTILE)
    await history.store(database)
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(watched: Watched) -> Page:
    """A page whose clock is the pages'."""
    await watched.page.clock.set_fixed_time(NOW)
    return watched.page


def complaints(watched: Watched) -> list[str]:
    """But for the browser's own note of each request that the API refused."""
    return [each for each in watched.complaints if "Failed to load resource" not in each]


def trial(page: Page) -> Locator:
    """What is said of the dry run."""
    return page.locator("[data-trial]")


async def test_a_watch_is_made_tried_changed_snoozed_and_deleted(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """With a mistake first, which is said beside its field."""
    await page.goto(f"{site.url}/watches")
    await page.get_by_role("link", name="New watch").click()
    await page.get_by_label("Name", exact=True).fill("Cheap ones")
    await page.get_by_role("textbox", name="At most", exact=True).fill("-5")
    await page.get_by_role("button", name="Save").click()
    price = page.get_by_role("textbox", name="At most", exact=True)
    await expect(price).to_be_focused()
    await expect(price).to_have_attribute("aria-invalid", "true")
    await expect(price).to_have_accessible_description("In the currency below. must be over 0")
    await expect(page.locator("[data-said]")).to_have_text("Not saved. One field is to be changed.")

    await price.fill("100")
    await expect(trial(page)).to_contain_text(
        "It would have sent 1 message and 1 change of it, of 1 alert and 4 prices",
        timeout=DRY_RUN_MS,
    )
    await expect(price).not_to_have_attribute("aria-invalid", "true")
    messages = page.get_by_role("list", name="Messages it would have sent").get_by_role("listitem")
    await expect(messages).to_have_count(2)
    await expect(messages.first).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(messages.first).to_contain_text("\\u{202e}")
    await expect(messages.first).to_contain_text("$80.00")
    await expect(messages.first).to_contain_text("2026-03-01 13:04:24 UTC · default · new")

    await expect(page.get_by_label("Id", exact=True)).to_have_value("cheap-ones")
    await page.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(f"{site.url}/watches/cheap-ones")
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 1.")
    await expect(page.locator("[data-fresh=words]")).to_contain_text("at most $100.00")

    await page.get_by_label("A drop", exact=True).check()
    await page.get_by_role("textbox", name="Percent", exact=True).fill("12.50")
    await page.get_by_label("Again after minutes").fill("")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 2.")
    words = page.locator("[data-fresh=words]")
    await expect(words).to_contain_text("12.5 % under the previous price")
    await expect(words).to_contain_text("again at once")

    await page.get_by_label("Say nothing for").select_option("a day")
    await page.get_by_role("button", name="Snooze", exact=True).click()
    await expect(page.locator("[data-acted]")).to_have_text(
        "Snoozed until 2026-03-02 14:03:22 UTC."
    )
    await expect(words).to_contain_text("snoozed until 2026-03-02 14:03:22 UTC")
    await page.get_by_label("Severity").select_option("critical")
    await page.get_by_role("button", name="Save").dblclick()
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 4.")
    await expect(words).to_contain_text("critical · snoozed until")
    await page.get_by_role("button", name="End the snooze").click()
    await expect(words).not_to_contain_text("snoozed")

    await page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete cheap-ones?")
    await dialog.get_by_role("button", name="Keep it").click()
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await dialog.get_by_role("button", name="Delete it").click()
    await expect(page).to_have_url(f"{site.url}/watches")
    await expect(page.get_by_text("There is no watch yet.")).to_be_visible()
    assert complaints(watched) == []


async def test_what_happens_is_chosen_and_left_out_again(
    site: Site, priced: Database, page: Page
) -> None:
    """The list and the JSON say the same, whichever is changed."""
    await page.goto(f"{site.url}/watches/new")
    chosen, text = page.get_by_label("Or when it happens"), page.locator("#definition")

    await page.get_by_label("A target price").uncheck()
    await chosen.select_option(["on_sale", "cancelled"])
    assert json.loads(await text.input_value())["when"] == {"happens": ["on_sale", "cancelled"]}

    await page.get_by_text("As JSON, with every field").click()
    await text.fill('{"what": {}, "when": {"happens": ["few_left"]}}')
    await expect(chosen).to_have_values(["few_left"])

    await chosen.select_option([])
    assert json.loads(await text.input_value())["when"] == {}


async def test_every_problem_stands_beside_its_field(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """Those of a whole part beside the part, those that no control shows beside the text."""
    await page.goto(f"{site.url}/watches/new")
    await page.get_by_label("Id", exact=True).fill("w")
    await page.get_by_label("A target price").uncheck()
    await page.get_by_label("Seats together").fill("two")
    await page.get_by_label("Time zone").fill("Mars/Olympus")
    await page.get_by_label("Quiet hours").check()
    await expect(trial(page)).to_have_text("Not tried: see the fields.", timeout=DRY_RUN_MS)

    await expect(page.get_by_label("Seats together")).to_have_accessible_description(
        "So many next to each other in a row. expected int, got str"
    )
    for field in ("often-quiet-begin", "often-quiet-until"):
        await expect(page.locator(f"#{field}-amiss")).to_have_text("is missing")

    await page.get_by_label("Seats together").fill("2")
    await page.get_by_label("Quiet hours").uncheck()
    await expect(page.locator("#when-amiss")).to_have_text(
        "must have a target, a drop, a low, or what happens"
    )
    await expect(page.locator("#often-zone-amiss")).to_contain_text("Mars/Olympus")

    await page.get_by_text("As JSON, with every field").click()
    await page.get_by_label("The definition").fill('{"id": "w", "what": {}, "whn": 3}')
    await expect(page.locator("#definition-amiss")).to_contain_text("whn: there is no such field")
    assert complaints(watched) == []


async def test_the_text_and_the_controls_say_the_same(
    site: Site, priced: Database, page: Page, watched: Watched
) -> None:
    """Either may be edited; what no control shows stays; text that is none holds the controls."""
    kept = {**CHEAP, "what": {"only": {"seat": ["1?"]}}, "often": {"rearm": {"once": True}}}
    await ask(site, "PUT", "watches/w", kept)
    await page.goto(f"{site.url}/watches/w")
    text = page.get_by_label("The definition")
    await page.get_by_text("As JSON, with every field").click()
    await expect(page.get_by_label("Again after minutes")).to_be_disabled()

    await page.get_by_label("Only sections").fill("Floor*\n Lower, left \n")
    await page.get_by_label("Only once").uncheck()
    await page.get_by_label("Again after minutes").fill("15")
    shown = await text.input_value()
    assert '"seat": [' in shown
    assert '"Lower, left"' in shown
    assert '"after_minutes": 15' in shown

    await text.fill(shown.replace('"after_minutes": 15', '"after_minutes": 20'))
    await expect(page.get_by_label("Again after minutes")).to_have_value("20")
    await text.fill("{")
    await expect(page.get_by_label("Again after minutes")).to_be_disabled()
    await expect(text).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await text.fill(shown)
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-said]")).to_contain_text("Saved as version 2.")

    watch = (await ask(site, "GET", "watches/w")).body["watch"]
    assert watch["what"]["only"] == {"seat": ["1?"], "section": ["Floor*", "Lower, left"]}
    assert watch["often"]["rearm"] == {
        "once": False,
        "after_minutes": 15,
        "further_drop_percent": None,
    }
    assert complaints(watched) == []


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


async def test_typing_on_gives_up_the_earlier_dry_run(
    site: Site, priced: Database, page: Page
) -> None:
    """Only the newest is shown, and one that has to wait for its turn comes by itself."""
    held: list[Route] = []
    began = asyncio.Event()
    answers = 0

    async def hold_the_first(route: Route) -> None:
        nonlocal answers
        answers += 1
        if answers == 1:
            held.append(route)
            began.set()
        elif answers == 2:
            body = (
                '{"status":503,"detail":"Another dry run is under way here; one goes at a time."}'
            )
            await route.fulfill(status=503, body=body, content_type="application/problem+json")
        else:
            await route.continue_()

    await page.route("**/api/v1/watches/dry-run", hold_the_first)
    await page.goto(f"{site.url}/watches/new")
    price = page.get_by_role("textbox", name="At most", exact=True)
    await price.fill("75")
    await began.wait()
    async with page.expect_event("requestfailed", lambda each: each.url.endswith("dry-run")):
        await price.fill("100")

    await expect(trial(page)).to_contain_text("under way; this one comes next")
    await expect(trial(page)).to_contain_text("sent 1 message and 1 change", timeout=DRY_RUN_MS)
    assert answers == 3


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
