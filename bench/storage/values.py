"""execute_values, as psycopg2's documentation has it for many rows."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells it so
from psycopg2.extras import execute_values

from bench.storage.anchor import COLUMNS, Row, run

_PAGE = 1_000
_INSERT = f"INSERT INTO price_history ({COLUMNS}) VALUES %s ON CONFLICT DO NOTHING"  # noqa: S608 the names are the product's own


def write(connection: Connection, rows: Sequence[Row]) -> None:
    """One batch."""
    with connection.cursor() as cursor:
        execute_values(cursor, _INSERT, rows, page_size=_PAGE)


if __name__ == "__main__":
    run(lambda row: row, write)
