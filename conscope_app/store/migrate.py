"""Bring a database to the schema of this version."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2.extensions import quote_ident
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from conscope_app.store.errors import reason_of
from conscope_app.store.url import connect_arguments, parse_url, where

# Two migrations at once would both create the same tables. The number only has to be ours.
_LOCK = 0x436F6E53636F7065

_DUPLICATE_DATABASE = ("42P04", "23505")  # the second: two sessions created it at once


class MigrationError(Exception):
    """The database cannot be reached or migrated; the message is a sentence without secrets."""


def upgrade(url: str) -> list[str]:
    """Bring the schema to `head()`; says what was applied, oldest first.

    All of it or nothing, in one transaction. Several processes may call it at once: one migrates,
    the others wait and find nothing left to do.
    """
    with connected(url) as connection:
        return upgrade_on(connection)


def upgrade_on(connection: Connection) -> list[str]:
    """The same within a transaction that is under way, whose end decides about all of it."""
    _must_hold_any_text(connection)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config()
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision()
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise MigrationError(f"The database does not fit this version: {error}") from None
    applied = ScriptDirectory.from_config(config).iterate_revisions("head", before or "base")
    return [f"{step.revision} {step.doc.rstrip('.')}" for step in reversed(list(applied))]


def current(url: str) -> str | None:
    """The revision that the database is at; None where it was never migrated."""
    with connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision that this version needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def create_database(url: str) -> bool:
    """Create the database where the server is there but the database is not; says whether."""
    arguments = connect_arguments(url)
    try:
        psycopg2.connect(**arguments).close()
    except psycopg2.OperationalError as error:
        # libpq gives no error code for a failed connection and translates its message: ask.
        if not _create_if_missing(arguments):
            raise MigrationError(f"{where(url)} cannot be opened: {reason_of(error)}") from None
        return True
    return False


def _must_hold_any_text(connection: Connection) -> None:
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise MigrationError(
            f"The database is encoded as {encoding}, which cannot hold every name: "
            "create one with ENCODING 'UTF8'"
        )


def _create_if_missing(arguments: dict[str, Any]) -> bool:
    name = arguments["dbname"]
    try:
        connection = psycopg2.connect(**{**arguments, "dbname": "postgres"})
    except psycopg2.OperationalError:
        return False  # the server is away, or lets us in nowhere: the first error says it best
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is not None:
                return False
            quoted = quote_ident(str(name), cursor)
            cursor.execute(f"CREATE DATABASE {quoted}")
    except psycopg2.Error as error:
        if error.pgcode not in _DUPLICATE_DATABASE:
            raise MigrationError(f"The database cannot be created: {reason_of(error)}") from None
    finally:
        connection.close()
    return True


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on a connection that is closed afterwards; raises `MigrationError`."""
    engine = create_engine(
        parse_url(url), poolclass=NullPool, connect_args=connect_arguments(url, statements=False)
    )
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise MigrationError(f"{where(url)} cannot be reached: {reason_of(error.orig)}") from None
    except DBAPIError as error:
        raise MigrationError(f"{where(url)} refused: {reason_of(error.orig)}") from None
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "conscope_app.store:migrations")
    return config
