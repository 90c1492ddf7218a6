"""How the channels of watches stand: what waits for each, and whether anything keeps it waiting."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from conscope_app.store.engine import Connection
from conscope_app.store.watches.channels import target_of

_READ = """
    SELECT name, waits.episodes, waits.since, target.disabled_at, target.disabled_reason,
        CASE WHEN target.blocked_until > clock_timestamp() THEN target.blocked_until END
    FROM (
        SELECT unnest(%(names)s::text[]) AS name
        UNION
        SELECT substr(channel, length(%(prefix)s) + 1) FROM delivery_targets
        WHERE starts_with(channel, %(prefix)s)
    ) AS channels
    LEFT JOIN delivery_targets target ON target.channel = %(prefix)s || name
    CROSS JOIN LATERAL (
        SELECT count(*) AS episodes, min(queued_at) AS since FROM watch_entries
        WHERE watch_entries.channel = name AND waiting
    ) AS waits
    WHERE name = ANY(%(names)s) OR waits.episodes > 0
    ORDER BY array_position(%(names)s::text[], name), name
"""


class ChannelState(msgspec.Struct, frozen=True):
    """How a channel stands: so many episodes wait for it, the first one since that moment.

    `blocked_until` is a pause that the channel asked for, or that follows a failure.
    """

    name: str
    waiting: int
    waiting_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    blocked_until: datetime | None


def channel_states(connection: Connection, names: Collection[str]) -> list[ChannelState]:
    """These channels in their order, and then every other one for which something waits."""
    values = {"names": list(names), "prefix": target_of("")}
    with connection.cursor() as cursor:
        cursor.execute(_READ, values)
        return [
            ChannelState(name, waiting, since, disabled_at, _problem(reason), blocked_until)
            for name, waiting, since, disabled_at, reason, blocked_until in cursor.fetchall()
        ]


def _problem(reason: str | None) -> str | None:
    """The reason without the fingerprint of the address that it is about."""
    return None if reason is None else reason.partition(" ")[2]
