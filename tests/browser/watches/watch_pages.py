"""What the tests of the pages of watches ask of a page."""

from typing import Any

from playwright.async_api import Locator, Page

from tests.browser.conftest import Watched

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"
CHEAP: dict[str, Any] = {"name": "Cheap", "what": {}, "when": {"target": {"at_most": 100}}}
DRY_RUN_MS = 30_000  # it begins in a process of its own


def complaints(watched: Watched) -> list[str]:
    """But for the browser's own note of each request that the API refused."""
    return [each for each in watched.complaints if "Failed to load resource" not in each]


def trial(page: Page) -> Locator:
    """What is said of the dry run."""
    return page.locator("[data-trial]")
