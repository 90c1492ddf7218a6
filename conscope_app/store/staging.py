"""COPY into a staging table, the fastest way into Postgres that still allows ON CONFLICT."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection

# COPY's text format gives these four a meaning; everything else stands for itself.
# https://www.postgresql.org/docs/current/sql-copy.html
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\\\t\n\r]")
_NULL = "\\N"

_READ_AT_ONCE = 1 << 20

Value = str | int | Decimal | None


def copy_line(values: Sequence[Value], *, is_plain: bool = False) -> str:
    """One row in COPY's text format; a missing value stays apart from an empty text.

    `is_plain` promises that no text holds a backslash, a tab or a line end.
    """
    # Looking once at all of the text is a fifth of the cost of translating each value.
    if not is_plain and _SPECIAL.search("".join([v for v in values if isinstance(v, str)])):
        values = [v.translate(_ESCAPES) if isinstance(v, str) else v for v in values]
    return "\t".join([_NULL if value is None else str(value) for value in values]) + "\n"


class Staging:
    """A temporary table beside `table`: filled by COPY, emptied by each end of a transaction."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.name = f"staged_{table}"
        self.columns = ", ".join(f'"{column}"' for column in columns)
        self._copy = f"COPY {self.name} ({self.columns}) FROM STDIN"
        self._create = (
            f"CREATE TEMPORARY TABLE {self.name} (LIKE {table} INCLUDING DEFAULTS)"
            " ON COMMIT DELETE ROWS"
        )

    def prepare(self, connection: Connection) -> None:
        """Make the table, once a connection, in a transaction of its own."""
        if self.name not in connection.staging:
            with connection.cursor() as cursor:
                cursor.execute(self._create)
            connection.commit()
            connection.staging.add(self.name)

    def fill(self, cursor: Cursor, lines: Iterable[str]) -> None:
        """Send the lines of `copy_line`."""
        # Encoded here, as text that is no Unicode is the row's fault and not the connection's.
        cursor.copy_expert(self._copy, BytesIO("".join(lines).encode()), size=_READ_AT_ONCE)
