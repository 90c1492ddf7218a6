"""How the lowest price of some events went in the last day, hour by hour: for their sparklines."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from psycopg2 import extensions

TREND = timedelta(hours=24)

Market = tuple[Sequence[str], str | None]  # the ids of an event, and a currency


class Hour(msgspec.Struct, frozen=True):
    """The lowest price that was seen in the hour that begins at `at`."""

    at: datetime
    lowest: Decimal


# `key` is how a series is found without an index over names of any length.
_TRENDS = """
SELECT w.place, p.start_at, min(p.lowest)
FROM unnest(%s::integer[], %s::text[], %s::text[]) AS w (place, event_id, currency)
JOIN price_series AS s
  ON s.key = sha256(convert_to(ROW(w.event_id, w.currency, 'event'::text, ''::text)::text, 'UTF8'))
JOIN price_spans AS p ON p.series = s.id AND p.minutes = 60 AND p.start_at > %s
GROUP BY w.place, p.start_at ORDER BY p.start_at
"""


def read_trends(
    cursor: extensions.cursor, markets: Sequence[Market], now: datetime
) -> list[list[Hour]]:
    """Of each the hours of the last day in which something was seen, the oldest first.

    Of an event with several ids the lowest of all; without a currency there is nothing.
    """
    asked = [
        (place, event_id, currency)
        for place, (ids, currency) in enumerate(markets)
        for event_id in ids
    ]
    columns = [[each[column] for each in asked] for column in range(3)]
    cursor.execute(_TRENDS, (*columns, now - TREND))
    found: list[list[Hour]] = [[] for _ in markets]
    for place, at, lowest in cursor.fetchall():
        found[place].append(Hour(at, lowest))
    return found
