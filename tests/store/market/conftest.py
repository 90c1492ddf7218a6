"""The market's tables, what fills them, and databases beside the one that stores."""

from collections.abc import AsyncIterator, Callable

import pytest

from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.market.listed import Listed
from tests.store.market.rolling import Rolling

OpenDatabase = Callable[..., Database]


@pytest.fixture
def listed(tables: Tables) -> Listed:
    """Writes lines of the list of events; there is none at first."""
    return Listed(tables.run)


@pytest.fixture
def rolling(database: Database) -> Rolling:
    """The roll-ups of the database under test."""
    return Rolling(database)


@pytest.fixture
async def open_database(store_url: str) -> AsyncIterator[OpenDatabase]:
    """Opens databases of one connection, which are closed in the end."""
    opened: list[Database] = []

    def open_one(url: str = store_url) -> Database:
        opened.append(Database(url, connections=1))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()
