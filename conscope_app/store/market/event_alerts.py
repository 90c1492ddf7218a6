"""The newest price drops of an event, as the sink stored them."""

from datetime import datetime
from decimal import Decimal

import msgspec
from psycopg2 import extensions

_NEWEST = """
SELECT id, source, section, "row", seat, old_price, new_price, drop_amount, drop_percent, currency,
       listing_url, alert_timestamp, decision
FROM price_drop_alerts
WHERE event_id = %(event_id)s
ORDER BY alert_timestamp DESC
LIMIT %(limit)s
"""


class EventDrop(msgspec.Struct, frozen=True):
    """A price drop; `decision` is `raised`, or why nobody is told."""

    id: str
    source: str
    section: str
    row: str
    seat: str
    old_price: Decimal
    new_price: Decimal
    drop_amount: Decimal
    drop_percent: Decimal
    currency: str
    listing_url: str | None
    alert_timestamp: datetime
    decision: str


def read_drops(cursor: extensions.cursor, event_id: str, limit: int) -> list[EventDrop]:
    """Its newest price drops in any currency, the newest first."""
    cursor.execute(_NEWEST, {"event_id": event_id, "limit": limit})
    return [EventDrop(*row) for row in cursor.fetchall()]
