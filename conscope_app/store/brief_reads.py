"""Reading for a page: of one moment, without writing, and never for long."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2 import extensions
from psycopg2.errors import QueryCanceled

# A page would rather say that the database is slow than wait for it.
READ_TIMEOUT_MS = 2_000


class TooSlow(Exception):
    """The answer takes longer than a page waits; says nothing about the database's health."""


@contextmanager
def briefly(connection: extensions.connection) -> Iterator[extensions.cursor]:
    """For this transaction only: nothing is written, one moment is seen, and slow is `TooSlow`."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = %s", (READ_TIMEOUT_MS,))
        try:
            yield cursor
        except QueryCanceled as error:
            raise TooSlow(f"Not read within {READ_TIMEOUT_MS / 1000:.0f} s") from error
