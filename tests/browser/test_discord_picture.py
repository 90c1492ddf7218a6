"""The picture in docs/watches.md: what Discord is sent, all of it."""

import base64
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.discord_page import page_of
from tests.browser.discord_picture import PICTURE, open_page
from tests.browser.discord_story import DOCUMENT, Shown, documented_watch, tell
from tests.browser.light_png import light_screenshot

pytestmark = pytest.mark.browser
in_the_browsers_loop = pytest.mark.asyncio(loop_scope="session")

# Every text of an article in order, and what stands for its drawings.
READ = """article => {
    const walk = document.createTreeWalker(article, NodeFilter.SHOW_ALL);
    let text = "";
    while (walk.nextNode()) {
        const node = walk.currentNode;
        if (node.nodeType === Node.TEXT_NODE) text += node.data;
        else if (node.tagName === "IMG") text += node.alt;
        else if (["P", "DT", "DD", "FOOTER"].includes(node.tagName)) text += "\\n";
    }
    return text.split("\\n");
}"""

# By how much a byte of one picture differs from the other's in the mean; 256 where sizes differ.
DIFFERENCE = """async (pictures) => {
    const [one, other] = await Promise.all(pictures.map(async (picture) => {
        const image = new Image();
        image.src = "data:image/png;base64," + picture;
        await image.decode();
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, image.width, image.height);
    }));
    if (one.width !== other.width || one.height !== other.height) return 256;
    const sum = one.data.reduce((sum, byte, at) => sum + Math.abs(byte - other.data[at]), 0);
    return sum / one.data.length;
}"""


def texts_of(embed: dict[str, Any]) -> list[str]:
    """What people read of an embed, in Discord's order, without its markdown."""
    fields = [text for field in embed["fields"] for text in (field["name"], field["value"])]
    footer = f"{embed['footer']['text']} · 22 Nov 2026 12:06"
    return [unescaped(text) for text in (embed["title"], embed["description"], *fields, footer)]


def unescaped(text: str) -> str:
    """Without bold and backslashes."""
    return re.sub(r"\\(.)", r"\1", text.replace("**", ""))


async def shown_by(browser: Browser, messages: list[Shown]) -> Page:
    page = await open_page(browser, messages)
    await page.wait_for_function("Array.from(document.images).every((image) => image.complete)")
    return page


@in_the_browsers_loop
async def test_everything_that_discord_is_sent_is_shown(browser: Browser) -> None:
    """In its order, in its colour, whether it is bold or not."""
    messages = await tell()
    page = await shown_by(browser, messages)
    articles = await page.query_selector_all("article")
    embeds = [embed for each in messages for embed in each.payload["embeds"]]

    assert [await article.evaluate(READ) for article in articles] == [*map(texts_of, embeds)]
    colours = [await article.evaluate("it => it.style.borderColor") for article in articles]
    assert colours == ["rgb(0, 255, 0)", "rgb(0, 255, 0)", "rgb(128, 128, 128)"]
    assert await page.locator("strong").all_text_contents() == [
        "$142.00 (all in)",
        "$142.00 → $128.50 (all in)",
    ]
    await page.close()


@in_the_browsers_loop
async def test_no_sign_asks_for_a_font_of_emoji(browser: Browser) -> None:
    """Each is a drawing, which has its size."""
    page = await shown_by(browser, await tell())
    drawings = await page.locator("img").evaluate_all("them => them.map(it => it.naturalWidth)")

    assert len(drawings) == 3
    assert all(drawings)
    assert re.findall("[\u2600-\u27bf\U0001f300-\U0001faff]", await page.inner_text("body")) == []
    await page.close()


@in_the_browsers_loop
async def test_markup_in_a_name_is_text() -> None:
    """Names come from outside."""
    (first, *_) = await tell()
    first.payload["embeds"][0]["title"] = "<img src=x>"

    assert "&lt;img src=x&gt;" in page_of([first])


@in_the_browsers_loop
async def test_one_message_is_edited_twice() -> None:
    """The watch is the one that the page begins with, and asks for this channel."""
    messages = await tell()

    assert documented_watch().to.channels == ("phone",)
    titles = [each.payload["embeds"][0]["title"] for each in messages]
    assert titles == ["🔔 Taylor Swift", "🔔 Taylor Swift", "✅ Over: Taylor Swift"]
    footers = {each.payload["embeds"][0]["footer"]["text"] for each in messages}
    assert len(footers) == 1


@in_the_browsers_loop
async def test_a_light_picture_is_the_page(browser: Browser) -> None:
    """The browser reads it back, with the page's size; only some edges have other colours."""
    page = await shown_by(browser, await tell())
    picture = base64.b64encode(await light_screenshot(page)).decode()
    whole = base64.b64encode(await page.screenshot(full_page=True)).decode()
    difference = await page.evaluate(DIFFERENCE, [picture, whole])
    await page.close()

    assert difference < 0.25


def test_the_picture_that_is_kept_is_light_and_shown() -> None:
    """In the page that it is about."""
    assert PICTURE.stat().st_size < 60_000
    assert f"](images/{PICTURE.name})" in DOCUMENT.read_text()
