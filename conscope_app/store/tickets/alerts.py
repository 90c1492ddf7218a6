"""Alerts become rows of `price_drop_alerts`, and deliveries that wait to be sent."""

from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.records import as_utc
from conscope_app.store.engine import Connection
from conscope_app.store.staging import Staging, copy_line
from conscope_app.store.tickets.rows import AlertRow

RAISED = "raised"  # the decision that somebody is told

_ALERTS = Staging(
    "price_drop_alerts",
    (
        "raw_partition",
        "raw_offset",
        "id",
        "event_id",
        "event_name",
        "venue",
        "event_date",
        "source",
        "section",
        "row",
        "seat",
        "old_price",
        "new_price",
        "drop_amount",
        "drop_percent",
        "currency",
        "listing_url",
        "observed_at",
        "alert_timestamp",
        "decision",
    ),
)
_INSERT_ALERTS = f"""
WITH stored AS (
    INSERT INTO price_drop_alerts ({_ALERTS.columns})
    SELECT {_ALERTS.columns} FROM {_ALERTS.name} ORDER BY raw_partition, raw_offset
    ON CONFLICT (raw_partition, raw_offset) DO NOTHING
    RETURNING raw_partition, raw_offset, event_id, decision
)
INSERT INTO deliveries (raw_partition, raw_offset, channel, event_id)
SELECT stored.raw_partition, stored.raw_offset, channel, stored.event_id
FROM stored CROSS JOIN unnest(%s::text[]) AS channel
WHERE stored.decision = %s
ORDER BY stored.raw_partition, stored.raw_offset
ON CONFLICT (raw_partition, raw_offset, channel) DO NOTHING
"""  # noqa: S608 the names are written out above


class AlertWriter:
    """Writes `price_drop_alerts` and, for what is raised, one delivery for each channel.

    A delivery is made only together with its alert: an alert that was stored before is not told
    again, whatever is decided of it now.
    """

    def __init__(self, channels: Sequence[str]) -> None:
        self._channels = list(channels)

    def prepare(self, connection: Connection, rows: Sequence[AlertRow]) -> None:
        """The staging table."""
        _ALERTS.prepare(connection)

    def write(self, cursor: Cursor, rows: Sequence[AlertRow]) -> None:
        """Alerts and their deliveries, in the order of the rows."""
        _ALERTS.fill(cursor, map(_alert_line, rows))
        cursor.execute(_INSERT_ALERTS, (self._channels, RAISED))


def _alert_line(row: AlertRow) -> str:
    alert = row.alert
    return copy_line(
        (
            row.raw.partition,
            row.raw.offset,
            alert.id,
            alert.event_id,
            alert.event_name,
            alert.venue,
            alert.event_date,
            alert.source,
            alert.section,
            alert.row,
            alert.seat,
            alert.old_price,
            alert.new_price,
            alert.drop_amount,
            alert.drop_percent,
            alert.currency,
            alert.listing_url,
            row.observed_at.isoformat(),
            as_utc(alert.alert_timestamp).isoformat(),
            row.decision,
        )
    )
