"""Outboxes on Postgres and in memory."""

from collections.abc import AsyncIterator, Iterator

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.outbox import PostgresOutbox
from tests.notify.memory_outbox import MemoryOutbox
from tests.notify.moved_clock import MovedClock
from tests.store.outbox.kept import Kept
from tests.store.postgres_outbox import OutboxTables


@pytest.fixture
def tables(database_url: str) -> Iterator[OutboxTables]:
    tables = OutboxTables(database_url)
    tables.clear()
    yield tables
    tables.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, connections=2)
    yield database
    await database.close()


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest) -> Kept:
    clock = MovedClock()
    if request.param == "memory":
        memory = MemoryOutbox(clock)
        return Kept(memory, memory.add, clock)
    tables: OutboxTables = request.getfixturevalue("tables")
    outbox = PostgresOutbox(request.getfixturevalue("database"), clock=clock)
    return Kept(outbox, tables.add, clock)
