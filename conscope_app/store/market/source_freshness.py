"""How fresh each source is: when it last spoke of anything."""

from datetime import datetime

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

MOST_SOURCES = 100

# From one source to the next in the index, since there are few, and many lines of each.
_SOURCES = """
WITH RECURSIVE sources(source, number) AS (
    (SELECT source, 1 FROM event_sources ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (
        SELECT e.source FROM event_sources e
        WHERE e.source > sources.source ORDER BY e.source LIMIT 1
    ), number + 1
    FROM sources WHERE sources.source IS NOT NULL AND number < %(most)s
)
SELECT source, said.events, said.observations, said.last_seen_at
FROM sources CROSS JOIN LATERAL (
    SELECT count(*) AS events, sum(observations) AS observations, max(last_seen_at) AS last_seen_at
    FROM event_sources e WHERE e.source = sources.source
) AS said
WHERE source IS NOT NULL
ORDER BY source
"""


class SourceFreshness(msgspec.Struct, frozen=True):
    """A source as the roll-ups know it: its events, its observations, and the newest of these."""

    source: str
    events: int
    observations: int
    last_seen_at: datetime


def source_freshness(cursor: Cursor) -> list[SourceFreshness]:
    """The sources by name, a hundred at most."""
    cursor.execute(_SOURCES, {"most": MOST_SOURCES})
    return [
        SourceFreshness(source, events, int(observations), last_seen_at)
        for source, events, observations, last_seen_at in cursor.fetchall()
    ]
