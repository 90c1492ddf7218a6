"""Find the rows that the database refuses among those that it refused together."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection
from conscope_app.store.errors import is_row_fault, is_too_wide

RowT = TypeVar("RowT", contravariant=True)


class RowWriter(Protocol[RowT]):
    """Writes rows of one kind. May be used by several threads, each with its own connection."""

    def prepare(self, connection: Connection, rows: Sequence[RowT]) -> None:
        """Make what the rows need (staging tables, partitions), in transactions of its own."""

    def write(self, cursor: Cursor, rows: Sequence[RowT]) -> None:
        """Write the rows within the transaction; writing one again changes nothing."""


def find_at_fault(
    writer: RowWriter[RowT], rows: Sequence[RowT], on: Connection
) -> dict[int, Exception]:
    """The places of the rows that cannot be written, each with the reason; nothing is written.

    Every part is tried inside a savepoint and undone, halved while it fails: 2,000 rows with one at
    fault take 23 tries.
    """
    writer.prepare(on, rows)
    at_fault: dict[int, Exception] = {}
    parts = [(0, len(rows))]
    while parts:
        begin, end = parts.pop()
        error = _try(writer, rows[begin:end], on)
        if error is None:
            continue
        if end - begin == 1:
            at_fault[begin] = error
        else:
            middle = (begin + end) // 2
            parts += [(middle, end), (begin, middle)]
    return at_fault


def _try(writer: RowWriter[RowT], rows: Sequence[RowT], on: Connection) -> Exception | None:
    with on.cursor() as cursor:
        cursor.execute("SAVEPOINT part")
        try:
            writer.write(cursor, rows)
        except (psycopg2.Error, UnicodeError) as error:
            divisible = is_too_wide(error) and len(rows) > 1
            if not divisible and not is_row_fault(error):
                raise
            return error
        else:
            return None
        finally:
            if not on.closed:
                cursor.execute("ROLLBACK TO SAVEPOINT part")
