"""How far the roll-ups are behind the history."""

from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

BEHIND = """
SELECT coalesce(sum(last.raw_offset + 1 - first.raw_offset), 0)::bigint, min(first.recorded_at)
FROM generate_series(0, %(partitions)s - 1) AS partition
    LEFT JOIN market_positions AS m ON m.raw_partition = partition
    CROSS JOIN LATERAL (
        SELECT raw_offset, recorded_at FROM price_history AS h
        WHERE h.raw_partition = partition AND h.raw_offset >= coalesce(m.next_offset, 0)
        ORDER BY h.raw_offset LIMIT 1
    ) AS first
    CROSS JOIN LATERAL (
        SELECT raw_offset FROM price_history AS h
        WHERE h.raw_partition = partition ORDER BY h.raw_offset DESC LIMIT 1
    ) AS last
"""


class Behind(NamedTuple):
    """What is in the history and not yet in the roll-ups: at most `rows`, for up to `seconds`."""

    rows: int  # counted as offsets, some of which may be no rows
    seconds: float  # since the oldest of them came out of detection; 0 where there is none


def behind(cursor: Cursor, partitions: int, now: datetime) -> Behind:
    """How far the roll-ups are behind; by indexes, so that a page may ask."""
    cursor.execute(BEHIND, {"partitions": partitions})
    ((rows, since),) = cursor.fetchall()
    return Behind(rows, 0.0 if since is None else max(0.0, (now - since).total_seconds()))
