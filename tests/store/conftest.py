"""A real Postgres of the store's own, and what its tests hand in."""

from collections.abc import AsyncIterator, Iterator

import psycopg2
import pytest
from psycopg2 import sql

from conscope_app.store.engine import Database
from conscope_app.store.migrate import create_database, upgrade
from conscope_app.store.schema import metadata
from conscope_app.store.url import parse_url
from tests.store.ledgers import Tables


@pytest.fixture(scope="session")
def store_url(database_url: str) -> Iterator[str]:
    """A migrated database that only these tests write to, dropped afterwards."""
    parsed = parse_url(database_url)
    name = f"{parsed.database}_store"
    url = parsed.set(database=name).render_as_string(hide_password=False)
    drop_database(database_url, name)
    create_database(url)
    upgrade(url)
    yield url
    drop_database(database_url, name)


@pytest.fixture
def tables(store_url: str) -> Iterator[Tables]:
    """Every table empty, and a connection beside the one that is tested."""
    with Tables(store_url) as tables:
        tables.run(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY")
        yield tables


@pytest.fixture
async def database(store_url: str, tables: Tables) -> AsyncIterator[Database]:
    """The database under test."""
    database = Database(store_url)
    yield database
    await database.close()


def drop_database(url: str, name: str) -> None:
    """Drop a database of the same server, whoever is still connected to it."""
    connection = psycopg2.connect(
        parse_url(url).set(drivername="postgresql").render_as_string(False)
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))
    connection.close()
