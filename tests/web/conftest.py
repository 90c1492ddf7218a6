"""The pages of the one application, served once for all tests on the session's loop."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.web.rows import Rows
from tests.web.site import Site, serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served_site() -> AsyncIterator[Site]:
    """An aiohttp application belongs to one loop for life: so this one is the session's."""
    async with serving() as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def site(served_site: Site) -> Site:
    """The pages of a healthy cluster whose database is away."""
    await served_site.let_go()
    served_site.reset()
    return served_site


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """The tables that the pages read, on the real Postgres."""
    made = Rows(database_url)
    yield made
    made.close()
