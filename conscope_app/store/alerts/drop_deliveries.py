"""What became of telling plain price drops, channel by channel."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case
from psycopg2.extras import execute_values

Delivery = Literal["waiting", "sent", "dead"]
Place = tuple[int, int]  # partition and offset of the raw record

# A reason begins with the fingerprint of the address that it is about, which tells nobody anything.
_READ = """
    SELECT d.raw_partition, d.raw_offset, d.channel, d.status, d.attempts, d.created_at,
        CASE WHEN d.status = 'waiting' AND d.next_attempt_at > now() THEN d.next_attempt_at END,
        d.sent_at, d.message_id, d.digest, d.last_error,
        CASE WHEN d.status = 'waiting' THEN target.disabled_at END,
        CASE WHEN d.status = 'waiting' THEN substr(
            target.disabled_reason, strpos(target.disabled_reason, ' ') + 1) END
    FROM (VALUES %s) AS those (raw_partition, raw_offset)
    JOIN deliveries d USING (raw_partition, raw_offset)
    LEFT JOIN delivery_targets target USING (channel)
    ORDER BY d.status = 'sent' DESC, d.id
"""


class DropDelivery(msgspec.Struct, frozen=True):
    """How an alert stands at a channel: told, waiting to be told, or given up.

    `attempts` counts all of them, the one that told it too. `next_attempt_at` is null where nothing
    keeps it from being tried now. `message` is the channel's own id of the message, which tells of
    others too where it is a `digest`. While the channel is switched off, `switched_off_at` and the
    reason say so.
    """

    channel: str
    status: Delivery
    attempts: int
    queued_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    message: str | None
    digest: bool
    last_error: str | None
    switched_off_at: datetime | None
    switched_off_reason: str | None


def deliveries_of(cursor: Cursor, places: Collection[Place]) -> Mapping[Place, list[DropDelivery]]:
    """By alert, its deliveries; those that were told first. An alert that has none has none."""
    found: dict[Place, list[DropDelivery]] = defaultdict(list)
    if places:
        rows = execute_values(cursor, _READ, list(places), page_size=len(places), fetch=True)
        for partition, offset, *row in rows:
            found[partition, offset].append(DropDelivery(*row))
    return found
