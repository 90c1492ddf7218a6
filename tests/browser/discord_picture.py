"""The picture of a watch's message: `python -m tests.browser.discord_picture`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser.chromium import NoChromium, started_chromium
from tests.browser.discord_page import WIDTH, page_of
from tests.browser.discord_story import Shown, tell
from tests.browser.light_png import light_screenshot

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "watch-message.png"

# Sharp where a page of documentation shows it at half its size, and still a light picture.
_SCALE = 1.5


async def open_page(browser: Browser, messages: Sequence[Shown]) -> Page:
    """The messages on a page as wide as they are."""
    page = await browser.new_page(
        viewport={"width": WIDTH, "height": 100}, device_scale_factor=_SCALE, color_scheme="light"
    )
    await page.set_content(page_of(messages))
    return page


async def picture() -> bytes:
    """Tell the story, and draw what Discord would show of it."""
    messages = await tell()
    async with started_chromium() as browser:
        page = await open_page(browser, messages)
        return await light_screenshot(page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.discord_picture", description=__doc__
    )
    parser.add_argument("path", type=Path, nargs="?", default=PICTURE, help="a PNG file")
    path = parser.parse_args(arguments).path
    try:
        path.write_bytes(asyncio.run(picture()))
    except NoChromium as missing:
        parser.error(str(missing))
    print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
