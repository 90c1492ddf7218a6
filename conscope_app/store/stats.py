"""What the pages read: how deliveries stand, and the newest alerts. Reading only."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from psycopg2 import extensions

from conscope_app.store.brief_reads import briefly

Delivery = Literal["waiting", "sent", "dead"]


class Deliveries(msgspec.Struct, frozen=True):
    """How many alerts have been told to a channel, wait to be told, or were given up."""

    sent: int
    waiting: int
    dead: int
    oldest_waiting_at: datetime | None


class Target(msgspec.Struct, frozen=True):
    """A channel, and what keeps it from being told: switched off, or asked to pause."""

    channel: str
    disabled_at: datetime | None
    disabled_reason: str | None
    blocked_until: datetime | None


class AlertRow(msgspec.Struct, frozen=True):
    """A price drop as it was stored, and whether somebody was told.

    `decision` is `raised`, or the reason why nobody is to be told; `delivery` is null where no
    channel was asked to tell it.
    """

    id: str
    event_id: str
    event_name: str
    venue: str
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
    observed_at: datetime
    alert_timestamp: datetime
    decision: str
    channel: str | None
    delivery: Delivery | None
    sent_at: datetime | None
    last_error: str | None


class DeliveryStats(msgspec.Struct, frozen=True):
    """All that the statistics ask the database, read in one transaction."""

    deliveries: Deliveries
    targets: list[Target]
    latest: list[AlertRow]


# What was sent is counted when it is; what waits and what was given up has indexes of its own, and
# no other row is looked at for them.
_DELIVERIES = """
SELECT sent.number, waiting.number, dead.number, waiting.oldest_at
FROM (SELECT coalesce(sum(sent), 0)::bigint AS number FROM sent_deliveries) AS sent,
     (SELECT count(*) AS number, min(created_at) AS oldest_at
      FROM deliveries WHERE status = 'waiting') AS waiting,
     (SELECT count(*) AS number FROM deliveries WHERE status = 'dead') AS dead
"""

_TARGETS = """
SELECT channel, disabled_at, disabled_reason, blocked_until FROM delivery_targets ORDER BY channel
"""

# An alert told on any channel counts as told.
_ALERTS = """
SELECT a.id, a.event_id, a.event_name, a.venue, a.source, a.section, a."row", a.seat,
       a.old_price, a.new_price, a.drop_amount, a.drop_percent, a.currency, a.listing_url,
       a.observed_at, a.alert_timestamp, a.decision,
       d.channel, d.status, d.sent_at, d.last_error
FROM (
    SELECT * FROM price_drop_alerts
    ORDER BY alert_timestamp DESC, raw_partition DESC, raw_offset DESC
    LIMIT %s
) AS a
LEFT JOIN LATERAL (
    SELECT channel, status, sent_at, last_error FROM deliveries
    WHERE raw_partition = a.raw_partition AND raw_offset = a.raw_offset
    ORDER BY status = 'sent' DESC, id
    LIMIT 1
) AS d ON true
ORDER BY a.alert_timestamp DESC, a.raw_partition DESC, a.raw_offset DESC
"""


def read_delivery_stats(connection: extensions.connection, alerts: int) -> DeliveryStats:
    """Deliveries, targets and the newest `alerts` alerts, as of one moment; may raise TooSlow."""
    with briefly(connection) as cursor:
        cursor.execute(_DELIVERIES)
        deliveries = Deliveries(*cursor.fetchall()[0])
        cursor.execute(_TARGETS)
        targets = [Target(*row) for row in cursor.fetchall()]
        cursor.execute(_ALERTS, (alerts,))
        latest = [AlertRow(*row) for row in cursor.fetchall()]
    return DeliveryStats(deliveries=deliveries, targets=targets, latest=latest)
