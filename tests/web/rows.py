"""Rows as the sinks would have stored them."""

from datetime import timedelta
from typing import Any

import psycopg2
from sqlalchemy.engine import make_url

from tests.web.reports import NOW

TABLES = ("deliveries", "price_drop_alerts", "delivery_targets")


class Rows:
    """Writes to the tables that the pages read; empty at first."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        )
        self._connection.autocommit = True
        self.clear()

    def clear(self) -> None:
        """Leave nothing behind."""
        # Not TRUNCATE: its locks and those of a page that is being read wait for each other.
        for table in TABLES:
            self._do(f"DELETE FROM {table}")
        self._do("SELECT setval(pg_get_serial_sequence('deliveries', 'id'), 1, false)")

    def close(self) -> None:
        """Clear and let go."""
        self.clear()
        self._connection.close()

    def alert(self, offset: int, **given: Any) -> None:
        """An alert of partition 0, each offset a second later than the one before."""
        at = NOW - timedelta(hours=1) + timedelta(seconds=offset)
        self._insert(
            "price_drop_alerts",
            {
                "raw_partition": 0,
                "raw_offset": offset,
                "id": f"raw_prices-0-{offset}",
                "event_id": "swift",
                "event_name": "Taylor Swift",
                "venue": "MetLife Stadium",
                "source": "simulated-mock",
                "section": "Floor A",
                "row": "C",
                "seat": str(offset),
                "old_price": "100.00",
                "new_price": "87.50",
                "drop_amount": "12.50",
                "drop_percent": "12.5000",
                "currency": "USD",
                "observed_at": at,
                "alert_timestamp": at,
                "decision": "raised",
            }
            | given,
        )

    def delivery(self, offset: int, status: str, **given: Any) -> None:
        """What became of telling Discord about an alert."""
        row = {"raw_partition": 0, "raw_offset": offset, "channel": "discord", "event_id": "swift"}
        self._insert("deliveries", row | {"status": status} | given)

    def target(self, channel: str, **given: Any) -> None:
        """A channel, and what keeps it from being told."""
        self._insert("delivery_targets", {"channel": channel} | given)

    def lock_deliveries(self) -> None:
        """Hold everybody up who reads deliveries, until `unlock`."""
        self._connection.autocommit = False
        self._do("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")

    def unlock(self) -> None:
        """Let them through again."""
        self._connection.rollback()
        self._connection.autocommit = True

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        columns = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(["%s"] * len(row))
        self._do(f"INSERT INTO {table} ({columns}) VALUES ({values})", tuple(row.values()))

    def _do(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
