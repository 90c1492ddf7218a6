"""A history of prices for watches, and a page at the time of the pages."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page
from pydantic import SecretStr

from conscope_app import app
from conscope_app.store.engine import Database
from tests.browser.conftest import Watched
from tests.browser.watches.watch_pages import HOSTILE
from tests.store.ledgers import Tables
from tests.store.watches.stored_prices import History
from tests.web.reports import NOW
from tests.web.site import Site

TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("delivery_targets", "price_history", "events", "sink_positions"),
)


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
