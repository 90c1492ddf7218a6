"""Alerts become rows of `price_drop_alerts`, and deliveries that wait to be sent."""

from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection
from conscope_app.store.staging import Staging
from conscope_app.store.tickets.lines import ALERT_COLUMNS
from conscope_app.store.tickets.rows import AlertRow

RAISED = "raised"  # the decision that somebody is told

_ALERTS = Staging("price_drop_alerts", ALERT_COLUMNS)
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
        _ALERTS.fill(cursor, [row.line for row in rows])
        cursor.execute(_INSERT_ALERTS, (self._channels, RAISED))
