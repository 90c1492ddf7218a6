"""What a watch has found, as it was stored when it was found."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.store.engine import Connection


class StoredEpisode(msgspec.Struct, frozen=True):
    """An alert that was raised live: by which watch in which version, why, and how it stands."""

    episode: str
    watch_id: str
    watch_version: int
    subject: str
    items: list[str]
    labels: Mapping[str, str]
    currency: str
    basis: str
    raised_at: datetime
    raised_price: Decimal | None
    raised_reason: str
    price: Decimal | None
    reason: str
    decided_at: datetime
    over_at: datetime | None
    acknowledged_at: datetime | None


COLUMNS = ", ".join(StoredEpisode.__struct_fields__)

_READ = f"""
    SELECT {COLUMNS}
    FROM watch_episodes
    WHERE watch_id = %(watch_id)s AND raised_at < %(until)s
        AND (over_at IS NULL OR over_at >= %(since)s)
    ORDER BY raised_at DESC, episode
    LIMIT %(limit)s
"""  # noqa: S608 the names are written out above

_RAISED = """
    SELECT watch_id, count(*) FROM watch_episodes
    WHERE watch_id = ANY(%(watch_ids)s) AND over_at IS NULL
    GROUP BY watch_id
"""


def raised_now(connection: Connection, watch_ids: Collection[str]) -> dict[str, int]:
    """How many alerts of these watches are not over; those that have none are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISED, {"watch_ids": list(watch_ids)})
        return dict(cursor.fetchall())


def episodes_of(
    connection: Connection, watch_id: str, since: datetime, until: datetime, *, limit: int = 500
) -> list[StoredEpisode]:
    """The alerts of a watch that lasted at some time within these moments, the newest first."""
    values = {"watch_id": watch_id, "since": since, "until": until, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_READ, values)
        return [StoredEpisode(*row) for row in cursor.fetchall()]
