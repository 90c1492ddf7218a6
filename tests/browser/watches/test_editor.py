"""Watches made, tried, changed and deleted on their pages, in a real browser."""

import asyncio
import json

import pytest
from playwright.async_api import Page, Route, expect

from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.browser.watches.watch_pages import CHEAP, DRY_RUN_MS, complaints, trial
from tests.web.api import ask
from tests.web.site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]


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
