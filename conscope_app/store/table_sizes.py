"""What the tables in Postgres take, as the server itself reckons: nothing is counted."""

from collections.abc import Collection

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

# A table that is cut into months is the sum of them. Below zero: never analysed.
_SIZES = """
SELECT whole.relname, count(part.oid), coalesce(sum(pg_total_relation_size(part.oid)), 0),
    CASE WHEN count(part.oid) = 0 THEN 0
        ELSE sum(part.reltuples) FILTER (WHERE part.reltuples >= 0) END
FROM pg_class whole
LEFT JOIN LATERAL (
    SELECT whole.oid WHERE whole.relkind = 'r'
    UNION ALL
    SELECT inhrelid FROM pg_inherits WHERE inhparent = whole.oid
) AS held ON true
LEFT JOIN pg_class part ON part.oid = held.oid
WHERE whole.relnamespace = current_schema()::regnamespace AND whole.relname = ANY(%(names)s)
GROUP BY whole.relname
ORDER BY 3 DESC, 1
"""


class StoredTable(msgspec.Struct, frozen=True):
    """A table with its indexes, over all of its parts.

    `rows` is what Postgres estimated when it last analysed the parts; null: it never has.
    """

    table: str
    parts: int
    bytes: int
    rows: int | None


def table_sizes(cursor: Cursor, names: Collection[str]) -> list[StoredTable]:
    """These tables, the largest first; those that are not there are left out."""
    cursor.execute(_SIZES, {"names": list(names)})
    return [
        StoredTable(name, parts, int(size), None if rows is None else round(rows))
        for name, parts, size, rows in cursor.fetchall()
    ]
