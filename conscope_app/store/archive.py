"""An archive: all tables of a Kafka that is gone, under another name in the same database.

What people wish to hear of stays: watches, to be published anew, and silences. So does which events
are one, since people have said so, and how often sources were asked, since their budget goes on.

A row's identity is where its raw record stood. In a new Kafka other records stand there, so that
old and new rows cannot live in one table.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from conscope_app.store.migrate import connected, upgrade_on
from conscope_app.store.schema import metadata

_ALEMBIC = "alembic_version"

# All that does not speak of Kafka.
_STAYING = {
    "watches": "id, version, definition, subjects, made_at, changed_at, deleted_at",
    "watch_silences": "id, definition, ends_at, made_at",
    "event_match_pairs": "one, other, state, by_whom, reason, detail, names, decided_at",
    "event_match_members": "event_id, group_id, joined_at",
    "event_match_trace": "one, other, act, by_whom, reason, detail, names, at",
    "source_usage": "source, hour, requests",
}

_EXISTING = text("SELECT to_regclass(:name) IS NOT NULL")
_PARTITIONS = text(
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:name)"
)
# Those of triggers on the tables that are put away.
_FUNCTIONS = text(
    "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger"
    " WHERE NOT tgisinternal AND tgrelid IN"
    " (SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace(:schema))"
)
_ARCHIVES = text(
    "SELECT nspname FROM pg_namespace WHERE nspname ~ '^archive_[0-9]{8}_[0-9]{6}$'"
    " ORDER BY nspname"
)


class Archived(NamedTuple):
    """What was put away, and how much of it nobody had been told yet."""

    schema: str
    rows: int
    untold: int


def archive(url: str, at: datetime) -> Archived | None:
    """Put all tables away and make new, empty ones: both, or nothing, in one transaction.

    None where they hold nothing that speaks of Kafka. Raises `MigrationError`.
    """
    schema = f"archive_{at:%Y%m%d_%H%M%S}"
    with connected(url) as connection:
        tables = [name for name in metadata.tables if _exists(connection, name)]
        rows = _count(connection, "price_history", tables)
        alerts = _count(connection, "price_drop_alerts", tables)
        positions = _count(connection, "sink_positions", tables)
        if not rows and not alerts and not positions:
            return None
        untold = _count(connection, "deliveries WHERE status = 'waiting'", tables)
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        for table in (*tables, *_partitions(connection), _ALEMBIC):
            connection.execute(text(f"ALTER TABLE {table} SET SCHEMA {schema}"))
        for function in connection.execute(_FUNCTIONS, {"schema": schema}).scalars().all():
            connection.execute(text(f"ALTER FUNCTION {function} SET SCHEMA {schema}"))
        upgrade_on(connection)
        for table, columns in _STAYING.items():
            if table in tables:
                connection.execute(
                    text(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {schema}.{table}")  # noqa: S608 names of ours
                )
    return Archived(schema, rows, untold)


def archives(url: str) -> list[str]:
    """The archives in the database, oldest first."""
    with connected(url) as connection:
        return list(connection.execute(_ARCHIVES).scalars())


def _exists(connection: Connection, name: str) -> bool:
    return bool(connection.execute(_EXISTING, {"name": name}).scalar_one())


def _count(connection: Connection, what: str, tables: Sequence[str]) -> int:
    if what.split()[0] not in tables:
        return 0
    return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())  # noqa: S608 names of ours


def _partitions(connection: Connection) -> list[str]:
    return [
        partition
        for name in ("price_history", "market_history")
        for partition in connection.execute(_PARTITIONS, {"name": name}).scalars()
    ]
