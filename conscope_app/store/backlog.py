"""What waits to be told, channel by channel, and what keeps it waiting."""

from datetime import datetime

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.watches.channels import target_of

# More are not counted: that much is a backlog, whatever its exact length.
MOST_COUNTED = 10_000

# The channels for which something waits are found by going from one to the next in the index.
_WAITING = """
WITH RECURSIVE waiting(channel) AS (
    (SELECT channel FROM deliveries WHERE status = 'waiting' ORDER BY channel LIMIT 1)
    UNION ALL
    SELECT (
        SELECT d.channel FROM deliveries d
        WHERE d.status = 'waiting' AND d.channel > waiting.channel ORDER BY d.channel LIMIT 1
    )
    FROM waiting WHERE waiting.channel IS NOT NULL
), channels AS (
    SELECT channel FROM waiting WHERE channel IS NOT NULL
    UNION
    SELECT channel FROM delivery_targets WHERE NOT starts_with(channel, %(watches)s)
)
SELECT channel,
    (SELECT count(*) FROM (
        SELECT FROM deliveries d
        WHERE d.channel = channels.channel AND d.status = 'waiting' LIMIT %(most)s
    ) AS counted),
    (SELECT d.created_at FROM deliveries d
        WHERE d.channel = channels.channel AND d.status = 'waiting' ORDER BY d.id LIMIT 1),
    target.disabled_at, target.disabled_reason,
    CASE WHEN target.blocked_until > clock_timestamp() THEN target.blocked_until END
FROM channels LEFT JOIN delivery_targets target USING (channel)
ORDER BY channel
"""


class Backlog(msgspec.Struct, frozen=True):
    """A channel: how many drops wait for it (10,000: or more), the first one since when.

    `blocked_until` is a pause that the channel asked for, or that follows a failure.
    """

    channel: str
    waiting: int
    waiting_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    blocked_until: datetime | None


def drops_waiting(cursor: Cursor) -> list[Backlog]:
    """Every channel that drops were ever to be told to, by name; the watches' have their own."""
    cursor.execute(_WAITING, {"watches": target_of(""), "most": MOST_COUNTED})
    return [
        Backlog(channel, waiting, since, disabled_at, _problem(reason), blocked_until)
        for channel, waiting, since, disabled_at, reason, blocked_until in cursor.fetchall()
    ]


def _problem(reason: str | None) -> str | None:
    """The reason without the fingerprint of the address that it is about."""
    return None if reason is None else reason.partition(" ")[2]
