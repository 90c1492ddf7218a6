"""Processed prices become rows of `price_history` and `events`."""

from collections.abc import Iterator, Sequence

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection
from conscope_app.store.partitions import MonthlyPartitions
from conscope_app.store.staging import Staging, copy_line
from conscope_app.store.tickets.lines import HISTORY_COLUMNS
from conscope_app.store.tickets.rows import HistoryRow

_HISTORY = Staging("price_history", HISTORY_COLUMNS)
_INSERT_HISTORY = f"""
INSERT INTO price_history ({_HISTORY.columns}) SELECT {_HISTORY.columns} FROM {_HISTORY.name}
ON CONFLICT (raw_partition, raw_offset, observed_at) DO NOTHING
"""  # noqa: S608 the names are written out above

_EVENTS = Staging(
    "events", ("event_id", "event_name", "venue", "event_date", "first_seen_at", "last_updated")
)
# An event that only snapshots have described so far is described anew by its first price.
# In the order of the key, so that two sinks that know the same events wait and never deadlock.
_UPSERT_EVENTS = f"""
INSERT INTO events AS held ({_EVENTS.columns})
SELECT {_EVENTS.columns} FROM {_EVENTS.name} ORDER BY event_id
ON CONFLICT (event_id) DO UPDATE SET
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_updated = CASE WHEN held.is_priced
        THEN greatest(held.last_updated, excluded.last_updated) ELSE excluded.last_updated END,
    event_name = CASE WHEN excluded.last_updated > held.last_updated OR NOT held.is_priced
        THEN excluded.event_name ELSE held.event_name END,
    venue = CASE WHEN excluded.last_updated > held.last_updated OR NOT held.is_priced
        THEN excluded.venue ELSE held.venue END,
    event_date = CASE WHEN excluded.last_updated > held.last_updated OR NOT held.is_priced
        THEN excluded.event_date ELSE held.event_date END,
    is_priced = true
WHERE excluded.last_updated > held.last_updated OR excluded.first_seen_at < held.first_seen_at
    OR NOT held.is_priced
"""  # noqa: S608 the names are written out above


class HistoryWriter:
    """Writes `price_history` and keeps `events` up to date, once each however often it is called.

    An event has the name, venue and date of the newest price event that was seen of it, whatever
    `markets` knows of it from snapshots.
    """

    def __init__(self) -> None:
        self._partitions = MonthlyPartitions("price_history")

    def prepare(self, connection: Connection, rows: Sequence[HistoryRow]) -> None:
        """Staging tables, and the months that the rows need."""
        _HISTORY.prepare(connection)
        _EVENTS.prepare(connection)
        self._partitions.ensure(connection, (row.observed_at for row in rows))

    def write(self, cursor: Cursor, rows: Sequence[HistoryRow]) -> None:
        """History first, events last: the locks on events, which partitions share, are brief."""
        _HISTORY.fill(cursor, [row.line for row in rows])
        try:
            cursor.execute(_INSERT_HISTORY)
        except psycopg2.errors.CheckViolation as error:
            if error.diag.constraint_name is None:  # no constraint: there is no partition for it
                self._partitions.forget()
            raise
        _EVENTS.fill(cursor, _event_lines(rows))
        cursor.execute(_UPSERT_EVENTS)


def _event_lines(rows: Sequence[HistoryRow]) -> Iterator[str]:
    """One line for each event of the rows: described by the newest, seen first by the oldest."""
    newest: dict[str, HistoryRow] = {}
    oldest: dict[str, HistoryRow] = {}
    for row in rows:
        event_id, observed_at = row.event_id, row.observed_at
        if event_id not in newest:
            newest[event_id] = oldest[event_id] = row
        elif observed_at > newest[event_id].observed_at:
            newest[event_id] = row
        elif observed_at < oldest[event_id].observed_at:
            oldest[event_id] = row
    for event_id, event in newest.items():
        yield copy_line(
            (
                event_id,
                event.event_name,
                event.venue,
                event.event_date,
                oldest[event_id].observed_at.isoformat(),
                event.observed_at.isoformat(),
            )
        )
