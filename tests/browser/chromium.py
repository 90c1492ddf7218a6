"""Debian's chromium, as tests and pictures of pages start it."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

MISSING = "chromium is not installed (apt-get install chromium)"

# It is to talk to our server only, and to leave no processes behind.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromium(Exception):
    """It is not installed."""


@asynccontextmanager
async def started_chromium() -> AsyncIterator[Browser]:
    """A browser until the end of the block. Raises `NoChromium`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NoChromium(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
