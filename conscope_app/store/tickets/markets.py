"""Processed markets become rows of `market_history`, and of what follows from it."""

from collections.abc import Callable, Hashable, Iterable, Sequence

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection
from conscope_app.store.market.snapshot_lines import news_of
from conscope_app.store.partitions import MonthlyPartitions
from conscope_app.store.staging import Staging, copy_line
from conscope_app.store.tickets.market_days import days_of
from conscope_app.store.tickets.market_rows import (
    CHANGE_COLUMNS,
    HISTORY_COLUMNS,
    NOW_COLUMNS,
    MarketRow,
)

_HISTORY = Staging("market_history", HISTORY_COLUMNS)
_INSERT_HISTORY = f"""
INSERT INTO market_history ({_HISTORY.columns}) SELECT {_HISTORY.columns} FROM {_HISTORY.name}
ON CONFLICT (raw_partition, raw_offset, observed_at) DO NOTHING
"""  # noqa: S608 the names are written out above

_UPSERT_DAYS = days_of(_HISTORY.name)

_CHANGES = Staging("event_changes", CHANGE_COLUMNS)
_INSERT_CHANGES = f"""
INSERT INTO event_changes ({_CHANGES.columns})
SELECT {_CHANGES.columns} FROM {_CHANGES.name} ORDER BY id ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 the names are written out above

_NOW = Staging("market_now", NOW_COLUMNS)
_NEWER = ", ".join(f'"{name}" = excluded."{name}"' for name in NOW_COLUMNS)
# Here and below in the order of the key: two sinks that know the same events never deadlock.
_UPSERT_NOW = f"""
INSERT INTO market_now AS held ({_NOW.columns})
SELECT {_NOW.columns} FROM {_NOW.name} ORDER BY event_id, source
ON CONFLICT (event_id, source) DO UPDATE SET {_NEWER}
WHERE excluded.observed_at > held.observed_at
"""  # noqa: S608 the names are written out above

_EVENTS = Staging(
    "events",
    (
        "event_id",
        "event_name",
        "venue",
        "event_date",
        "first_seen_at",
        "last_updated",
        "is_priced",
    ),
)
_UPSERT_EVENTS = f"""
INSERT INTO events AS held ({_EVENTS.columns})
SELECT {_EVENTS.columns} FROM {_EVENTS.name} ORDER BY event_id
ON CONFLICT (event_id) DO UPDATE SET
    event_name = excluded.event_name, venue = excluded.venue, event_date = excluded.event_date,
    last_updated = excluded.last_updated
WHERE NOT held.is_priced AND excluded.last_updated > held.last_updated
"""  # noqa: S608 the names are written out above

_TELL = news_of(_NOW.name)


class MarketWriter:
    """Writes market snapshots, once each however often it is called, and tells the roll-ups.

    `market_now` has the newest snapshot of each event at each source, `market_days` what was said
    by days. An event that no price event
    has described has the name, venue and date of its newest snapshot.
    """

    def __init__(self) -> None:
        self._partitions = MonthlyPartitions("market_history")

    def prepare(self, connection: Connection, rows: Sequence[MarketRow]) -> None:
        """Staging tables, and the months that the rows need."""
        for staging in (_HISTORY, _NOW, _CHANGES, _EVENTS):
            staging.prepare(connection)
        self._partitions.ensure(connection, (row.observed_at for row in rows))

    def write(self, cursor: Cursor, rows: Sequence[MarketRow]) -> None:
        """History first, events last: the locks on events, which partitions share, are brief."""
        _HISTORY.fill(cursor, [row.history for row in rows])
        try:
            cursor.execute(_INSERT_HISTORY)
        except psycopg2.errors.CheckViolation as error:
            if error.diag.constraint_name is None:  # no constraint: there is no partition for it
                self._partitions.forget()
            raise
        cursor.execute(_UPSERT_DAYS)
        _CHANGES.fill(cursor, [line for row in rows for line in row.changes])
        cursor.execute(_INSERT_CHANGES)
        _NOW.fill(
            cursor, [row.now for row in _newest(rows, lambda row: (row.event_id, row.source))]
        )
        cursor.execute(_UPSERT_NOW)
        _EVENTS.fill(cursor, [_event_line(row) for row in _newest(rows, lambda row: row.event_id)])
        cursor.execute(_UPSERT_EVENTS)
        cursor.execute(_TELL)


def _newest(rows: Iterable[MarketRow], key: Callable[[MarketRow], Hashable]) -> list[MarketRow]:
    """Of each key the row that was seen last; of those that were seen at once, the first."""
    newest: dict[Hashable, MarketRow] = {}
    for row in rows:
        held = newest.setdefault(key(row), row)
        if row.observed_at > held.observed_at:
            newest[key(row)] = row
    return list(newest.values())


def _event_line(row: MarketRow) -> str:
    seen_at = row.observed_at.isoformat()
    return copy_line((row.event_id, row.name, row.venue, row.date, seen_at, seen_at, "false"))
