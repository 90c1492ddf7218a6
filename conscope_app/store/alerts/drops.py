"""Plain price drops for people: the newest first, each with what became of telling it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.core.ids import RecordId
from conscope_app.store.alerts.drop_deliveries import DropDelivery, deliveries_of
from conscope_app.store.alerts.drop_search import (
    COLUMNS,
    MOST_UNSENT,
    DropFilter,
    DropPlace,
    search_of,
    unsent,
)
from conscope_app.store.alerts.named_events import events_asked
from conscope_app.store.alerts.search import look_through
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection

_GET = f"""
    SELECT {COLUMNS} FROM price_drop_alerts
    WHERE raw_partition = %(partition)s AND raw_offset = %(offset)s
"""  # noqa: S608 the names are written out
_NEWEST = f"""
    SELECT {COLUMNS} FROM price_drop_alerts WHERE event_id = %(event_id)s
    ORDER BY alert_timestamp DESC LIMIT %(limit)s
"""  # noqa: S608 the names are written out
_MOST_PARTITION, _MOST_OFFSET = 2**31 - 1, 2**63 - 1  # of the columns


class Drop(msgspec.Struct, frozen=True):
    """A price drop as it was stored. `decision` is `raised`, or why nobody is told."""

    id: str
    event_id: str
    event_name: str
    venue: str
    event_date: str | None
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
    deliveries: list[DropDelivery]


class DropPage(NamedTuple):
    """Some alerts, and where the list goes on, if it does.

    With `searched_to` the page is not full, as nothing else was found until there; further back
    there may be more. `is_cut`: so much fits that only the newest of it was looked at.
    """

    drops: list[Drop]
    next: DropPlace | None
    searched_to: datetime | None
    is_cut: bool


def list_drops(connection: Connection, asked: DropFilter) -> DropPage:
    """A page of alerts by when they were made, the newest first; may raise TooSlow."""
    with briefly(connection) as cursor:
        search, values, those = search_of(asked), asked.values, unsent(asked)
        events = events_asked(cursor, asked.event, asked.words)
        if events is not None:
            values["ids"] = events.ids
        is_cut, end = events is not None and events.is_cut, None
        if those is None:
            of = None if events is None else "event_id"
            rows, end = look_through(cursor, search, values, of)
        else:
            if events is not None:
                search = search._replace(tests=[*search.tests, "event_id = ANY(%(ids)s)"])
            cursor.execute(search.of_those("raw_partition, raw_offset", those), values)
            rows = cursor.fetchall()
        drops = _drops(cursor, rows[: asked.limit])
        if len(rows) > asked.limit:
            last = drops[-1].alert_timestamp
            return DropPage(drops, DropPlace(last, *rows[asked.limit - 1][:2]), None, is_cut)
        if those is not None:
            is_cut = is_cut or _is_full(cursor, those, values)
        further = None if end is None else DropPlace(*end)
        return DropPage(drops, further, further and further.at, is_cut)


def newest_drops(cursor: Cursor, event_id: str, limit: int) -> list[Drop]:
    """The newest of an event, in the transaction of its page."""
    cursor.execute(_NEWEST, {"event_id": event_id, "limit": limit})
    return _drops(cursor, cursor.fetchall())


def get_drop(connection: Connection, alert_id: str) -> Drop | None:
    """The alert of this id, such as `raw_prices-3-17`; may raise TooSlow."""
    try:
        _, partition, offset = RecordId.parse(alert_id)
    except ValueError:
        return None
    if not (0 <= partition <= _MOST_PARTITION and 0 <= offset <= _MOST_OFFSET):
        return None
    with briefly(connection) as cursor:
        cursor.execute(_GET, {"partition": partition, "offset": offset})
        found = _drops(cursor, cursor.fetchall())
    return found[0] if found and found[0].id == alert_id else None


def _drops(cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> list[Drop]:
    told = deliveries_of(cursor, [row[:2] for row in rows])
    return [Drop(*(*row[2:], told.get(row[:2], []))) for row in rows]


def _is_full(cursor: Cursor, those: str, values: dict[str, Any]) -> bool:
    cursor.execute(f"SELECT count(*) FROM ({those}) AS those", values)  # noqa: S608 our own query
    return cursor.fetchall() == [(MOST_UNSENT,)]
