"""Deliveries for an operator: what waits or was given up, and giving it another chance."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from conscope_app.store.engine import Connection

_LISTED = """
    SELECT a.id, d.channel, d.status, d.attempts, d.created_at, d.last_error, a.event_name,
        a.section, a."row", a.seat, a.old_price, a.new_price, a.currency
    FROM deliveries d
    JOIN price_drop_alerts a USING (raw_partition, raw_offset)
    WHERE d.status = ANY(%(statuses)s)
    ORDER BY d.id
    LIMIT %(limit)s
"""

_COUNTED = """
    SELECT channel, status, count(*) FROM deliveries
    WHERE status = ANY(%(statuses)s) GROUP BY channel, status ORDER BY channel, status
"""

_SWITCHED_OFF = """
    SELECT channel, disabled_at, disabled_reason FROM delivery_targets
    WHERE disabled_reason IS NOT NULL ORDER BY channel
"""

# What was told meanwhile is left alone: a sender marks as told also what was given up.
_RETRIED = """
    UPDATE deliveries d SET status = 'waiting', next_attempt_at = now()
    FROM price_drop_alerts a
    WHERE d.status = 'dead' AND (a.raw_partition, a.raw_offset) = (d.raw_partition, d.raw_offset)
        AND (%(ids)s::text[] IS NULL OR a.id = ANY(%(ids)s::text[]))
    RETURNING a.id
"""

_ENABLED = """
    UPDATE delivery_targets SET disabled_reason = NULL, disabled_at = NULL
    WHERE channel = %(channel)s AND disabled_reason IS NOT NULL
    RETURNING channel
"""


class Listed(msgspec.Struct, frozen=True):
    """A delivery and the drop that it tells of. `id` is the alert's, as it stands everywhere."""

    id: str
    channel: str
    status: str
    attempts: int
    created_at: datetime
    last_error: str | None
    event_name: str
    section: str
    row: str
    seat: str
    old_price: Decimal
    new_price: Decimal
    currency: str


class Counted(msgspec.Struct, frozen=True):
    """How many deliveries of a channel stand so."""

    channel: str
    status: str
    count: int


class SwitchedOff(msgspec.Struct, frozen=True):
    """A channel that is not told any more, since when, and why."""

    channel: str
    disabled_at: datetime
    disabled_reason: str


class NotTold(msgspec.Struct, frozen=True):
    """The first deliveries that were not told, how many there are, and which channels are off."""

    listed: list[Listed]
    counted: list[Counted]
    switched_off: list[SwitchedOff]


def not_told(connection: Connection, statuses: Collection[str], limit: int) -> NotTold:
    """Deliveries of these statuses in the order they wait in, `limit` at most."""
    values = {"statuses": list(statuses), "limit": limit}
    return NotTold(
        [Listed(*row) for row in _rows(connection, _LISTED, values)],
        [Counted(*row) for row in _rows(connection, _COUNTED, values)],
        switched_off(connection),
    )


def switched_off(connection: Connection) -> list[SwitchedOff]:
    """The channels that are not told any more."""
    return [SwitchedOff(*row) for row in _rows(connection, _SWITCHED_OFF, {})]


def retry(connection: Connection, ids: Collection[str] | None) -> list[str]:
    """Have given-up deliveries wait again, those of these alerts or all; the alerts' ids."""
    values = {"ids": None if ids is None else list(ids)}
    return [id_ for (id_,) in _rows(connection, _RETRIED, values)]


def enable(connection: Connection, channel: str) -> bool:
    """Have a channel that was switched off told again; whether it was switched off."""
    return bool(_rows(connection, _ENABLED, {"channel": channel}))


def known_channels(connection: Connection) -> list[str]:
    """The channels that were ever to be told."""
    query = "SELECT channel FROM delivery_targets ORDER BY channel"
    return [channel for (channel,) in _rows(connection, query, {})]


def _rows(connection: Connection, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
