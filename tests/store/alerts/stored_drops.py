"""Plain price drops as the sink stores them, in any number, and the plans of what reads them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from conscope_app.store.engine import Connection, Database
from tests.store.ledgers import Tables

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

# Of three hundred events; one in a hundred is held, one in five thousand waits or was given up.
_MANY = """
    INSERT INTO price_drop_alerts (raw_partition, raw_offset, id, event_id, event_name, venue,
        source, section, "row", seat, old_price, new_price, drop_amount, drop_percent, currency,
        observed_at, alert_timestamp, decision)
    SELECT 7, n, 'raw_prices-7-' || n, 'evt-' || n %% 300, 'Event ' || n %% 300, 'Hall', 'mock',
        'A', '1', n::text, 100, 90, 10, 10 + n %% 30, 'USD', at, at,
        CASE WHEN n %% 100 = 0 THEN 'below_minimum_drop' ELSE 'raised' END
    FROM generate_series(1, %s) AS n
    CROSS JOIN LATERAL (SELECT %s::timestamptz - n / 20 * interval '1 second' AS at) AS moment
"""
_TOLD = """
    INSERT INTO deliveries (raw_partition, raw_offset, channel, event_id, status)
    SELECT raw_partition, raw_offset, 'discord', event_id, CASE
        WHEN raw_offset % 5000 = 1 THEN 'waiting' WHEN raw_offset % 5000 = 2 THEN 'dead'
        ELSE 'sent' END
    FROM price_drop_alerts WHERE decision = 'raised'
"""


class Drops:
    """Writes alerts of partition 3, each offset a minute later than the one before."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def drop(self, offset: int, **given: Any) -> None:
        """A drop from 100 to 80 of one seat."""
        at = NOON + timedelta(minutes=offset)
        row = {
            "raw_partition": 3,
            "raw_offset": offset,
            "id": f"raw_prices-3-{offset}",
            "event_id": "evt-1",
            "event_name": "Radiohead",
            "venue": "Arena",
            "source": "mock",
            "section": "102",
            "row": "B",
            "seat": "12",
            "old_price": 100,
            "new_price": 80,
            "drop_amount": 20,
            "drop_percent": 20,
            "currency": "USD",
            "observed_at": at,
            "alert_timestamp": at,
            "decision": "raised",
        }
        self._insert("price_drop_alerts", row | given)

    def delivery(self, offset: int, status: str, **given: Any) -> None:
        """What became of telling a channel of it."""
        row = {"raw_partition": 3, "raw_offset": offset, "channel": "discord", "event_id": "evt-1"}
        self._insert("deliveries", row | {"status": status} | given)

    def target(self, channel: str, **given: Any) -> None:
        """A channel, and what keeps it from being told."""
        self._insert("delivery_targets", {"channel": channel} | given)

    def market(self, event_id: str, name: str, **given: Any) -> None:
        """An event as the roll-ups know it."""
        row = {
            "event_id": event_id,
            "currency": "USD",
            "event_name": name,
            "venue": "Hall",
            "sources": ["mock"],
            "seats_seen": 1,
            "seats_on_sale": 1,
            "drops": 1,
            "last_drop_at": NOON,
            "first_seen_at": NOON,
            "last_seen_at": NOON,
            "refreshed_at": NOON,
        } | given
        columns = ", ".join(row)
        self._tables.run(
            f"INSERT INTO event_markets (key, {columns}) VALUES ("
            "sha256(convert_to(ROW(%s::text, %s::text)::text, 'UTF8')), "
            f"{', '.join(['%s'] * len(row))})",
            *(row["event_id"], row["currency"]),
            *row.values(),
        )

    def many(self, count: int) -> None:
        """So many of other events, all before noon, twenty a second."""
        self._tables.run(_MANY, count, NOON)
        self._tables.run(_TOLD)
        self._tables.run(
            """
            INSERT INTO event_markets (key, event_id, currency, event_name, venue, sources,
                seats_seen, seats_on_sale, drops, first_seen_at, last_seen_at, refreshed_at)
            SELECT sha256(n::text::bytea), 'evt-' || n, 'USD', 'Event ' || n, 'Hall', '{}',
                1, 1, 1, now(), now(), now()
            FROM generate_series(0, 299) AS n
            """
        )
        for table in ("price_drop_alerts", "deliveries", "event_markets"):
            self._tables.run(f"ANALYZE {table}")

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        columns = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(["%s"] * len(row))
        self._tables.run(f"INSERT INTO {table} ({columns}) VALUES ({values})", *row.values())


async def plans_of(database: Database, read: Callable[[Connection], object]) -> list[str]:
    """The plans of the statements by which something is read."""
    plans: list[str] = []

    def explained(connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0")
            cursor.execute("SET client_min_messages = log")
            cursor.execute("SET enable_seqscan = off")
        connection.commit()
        del connection.notices[:]
        read(connection)
        plans.extend(notice for notice in connection.notices if "Query Text" in notice)
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")
        connection.commit()

    await database.run(explained)
    return plans
