"""Alerts written to a real Postgres, as the alert agent does, and read back, for tests."""

from collections.abc import Iterable
from typing import Any

import psycopg2

from conscope_app.alerting.waiting import WaitingAlert
from conscope_app.store.url import connect_arguments

CHANNEL = "discord"


class OutboxTables:
    """The tables of the outbox on a connection of the test's own; each call is a transaction."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(**connect_arguments(url))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def clear(self) -> None:
        """Nothing waits, and nothing is known of any channel."""
        self.run("TRUNCATE deliveries, delivery_targets, price_drop_alerts RESTART IDENTITY")

    def add(self, alerts: Iterable[WaitingAlert]) -> None:
        """Have alerts wait, in order."""
        with self._connection, self._connection.cursor() as cursor:
            for alert in alerts:
                cursor.execute(_ADD_ALERT, _values(alert))
                cursor.execute(_ADD_DELIVERY, {**_values(alert), "channel": CHANNEL})

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; its rows, where it has any."""
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


_ADD_ALERT = """
    INSERT INTO price_drop_alerts (raw_partition, raw_offset, id, event_id, event_name, venue,
        source, section, "row", seat, old_price, new_price, drop_amount, drop_percent, currency,
        listing_url, observed_at, alert_timestamp, decision)
    VALUES (0, %(delivery_id)s, %(id)s, %(event_id)s, %(event_name)s, %(venue)s, %(source)s,
        %(section)s, %(row)s, %(seat)s, %(old_price)s, %(new_price)s, %(drop_amount)s,
        %(drop_percent)s, %(currency)s, %(listing_url)s, %(alert_timestamp)s, %(alert_timestamp)s,
        'raised')
"""

_ADD_DELIVERY = """
    INSERT INTO deliveries (raw_partition, raw_offset, channel, event_id)
    VALUES (0, %(delivery_id)s, %(channel)s, %(event_id)s)
"""


def _values(alert: WaitingAlert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in WaitingAlert.__slots__}
