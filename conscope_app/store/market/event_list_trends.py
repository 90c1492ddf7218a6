"""How the lowest price of some events went in the last day, hour by hour: for their sparklines."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from psycopg2 import extensions

TREND = timedelta(hours=24)

Market = tuple[str, str]  # an event's id and a currency


class Hour(msgspec.Struct, frozen=True):
    """The lowest price that was seen in the hour that begins at `at`."""

    at: datetime
    lowest: Decimal


# `key` is how a series is found without an index over names of any length.
_TRENDS = """
SELECT w.event_id, w.currency, p.start_at, p.lowest
FROM unnest(%s::text[], %s::text[]) AS w (event_id, currency)
JOIN price_series AS s
  ON s.key = sha256(convert_to(ROW(w.event_id, w.currency, 'event'::text, ''::text)::text, 'UTF8'))
JOIN price_spans AS p ON p.series = s.id AND p.minutes = 60 AND p.start_at > %s
ORDER BY p.start_at
"""


def read_trends(
    cursor: extensions.cursor, markets: Sequence[Market], now: datetime
) -> dict[Market, list[Hour]]:
    """The hours of the last day in which something was seen, the oldest first, by market."""
    events, currencies = [each[0] for each in markets], [each[1] for each in markets]
    cursor.execute(_TRENDS, (events, currencies, now - TREND))
    found: dict[Market, list[Hour]] = {}
    for event_id, currency, at, lowest in cursor.fetchall():
        found.setdefault((event_id, currency), []).append(Hour(at, lowest))
    return found
