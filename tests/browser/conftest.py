"""A real browser on the pages of the application."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import NoChromium, started_chromium
from tests.web.rows import Rows
from tests.web.site import Site, serving


@dataclass
class Watched:
    """A page, and everything that it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors in the console, exceptions, dialogs and requests to elsewhere."""
        note = self.complaints.append
        self.page.on("console", lambda m: note(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: note(str(error)))
        self.page.on("dialog", lambda dialog: note(f"dialog: {dialog.message}"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    try:
        async with started_chromium() as started:
            yield started
    except NoChromium as missing:
        pytest.skip(str(missing))


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A desktop's window, in light colours."""
    made = await browser.new_context(
        viewport={"width": 1280, "height": 860}, color_scheme="light", reduced_motion="reduce"
    )
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def watched(context: BrowserContext) -> Watched:
    """A fresh page under watch."""
    made = Watched(await context.new_page())
    made.watch()
    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served_site() -> AsyncIterator[Site]:
    """The pages on a real socket, on the session's loop."""
    async with serving() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def site(served_site: Site, database_url: str) -> Site:
    """The pages of a healthy cluster with its database."""
    await served_site.let_go()
    served_site.reset()
    served_site.use_database(database_url)
    return served_site


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """The tables that the pages read: three alerts, told and not."""
    made = Rows(database_url)
    for offset, status in enumerate(("sent", "dead", "waiting")):
        made.alert(offset)
        made.delivery(offset, status)
    made.target("discord")
    yield made
    made.close()
