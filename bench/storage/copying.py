"""COPY and staging: lines that are ready, one connection, nothing else to do."""

from collections.abc import Sequence
from datetime import datetime
from io import StringIO

from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells it so

from bench.storage.anchor import COLUMNS, Row, run
from conscope_app.store.staging import copy_line

_CREATE = "CREATE TEMPORARY TABLE IF NOT EXISTS staged (LIKE price_history) ON COMMIT DELETE ROWS"
_INSERT = f"""
INSERT INTO price_history ({COLUMNS}) SELECT {COLUMNS} FROM staged ON CONFLICT DO NOTHING
"""  # noqa: S608 the names are the product's own


def line(row: Row) -> str:
    """A row in COPY's text format."""
    return copy_line([v.isoformat() if isinstance(v, datetime) else v for v in row])


def write(connection: Connection, lines: Sequence[str]) -> None:
    """One batch."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        cursor.copy_expert(f"COPY staged ({COLUMNS}) FROM STDIN", StringIO("".join(lines)))
        cursor.execute(_INSERT)


if __name__ == "__main__":
    run(line, write)
