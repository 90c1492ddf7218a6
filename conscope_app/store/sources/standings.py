"""How polled sources are doing, for pages and people: as their pollers noted it last.

Whether somebody polls a source goes by the database's clock, as its lease does.
"""

from datetime import datetime

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

REFUSALS_SHOWN = 3

_STANDINGS = """
    SELECT source, health, health_reason, health_since, told_ill,
        CASE WHEN leased_until > clock_timestamp() THEN leased_by END
    FROM sources ORDER BY source
"""

_POLLED = """
    SELECT s.source, health, health_reason, health_since, told_ill,
        CASE WHEN leased_until > clock_timestamp() THEN leased_by END,
        answered_at, events.known, events.usual, events.seen, round.events, round.walked_at,
        usage.used, per_day, greatest(per_day - usage.used, 0), next_milestone_at,
        breaker, blocked_until, trouble, refused.count
    FROM sources AS s
    CROSS JOIN LATERAL (
        SELECT count(*) AS known, count(*) FILTER (WHERE misses < %(doubted_from)s) AS usual,
            count(*) FILTER (WHERE misses = 0 AND seen_at IS NOT NULL) AS seen
        FROM source_events AS e
        WHERE e.source = s.source AND standing = 'open' AND (starts_at > %(now)s) IS NOT FALSE
    ) AS events
    CROSS JOIN LATERAL (
        SELECT sum(r.events) AS events, min(walked_at) AS walked_at
        FROM source_spans AS r WHERE r.source = s.source AND ends_at > %(now)s
    ) AS round
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(requests), 0) AS used
        FROM source_usage AS u
        WHERE u.source = s.source
            AND hour >= date_trunc('hour', %(now)s, 'UTC') - interval '24 hours'
    ) AS usage
    CROSS JOIN LATERAL (
        SELECT count(*) FROM source_refusals AS f WHERE f.source = s.source
    ) AS refused
    ORDER BY s.source
"""

_REFUSALS = """
    SELECT s.source, f.reason, f.refused_at
    FROM sources AS s CROSS JOIN LATERAL (
        SELECT reason, refused_at FROM source_refusals AS f
        WHERE f.source = s.source ORDER BY refused_at DESC, request LIMIT %(most)s
    ) AS f
"""

# The distances between which the cadence of looks changes (`sources.polling.cadence`).
_AGES = """
    SELECT source, within_days, count(*), count(*) - count(seen_at), min(seen_at)
    FROM (
        SELECT source, seen_at, CASE
            WHEN starts_at < %(now)s + interval '1 day' THEN 1
            WHEN starts_at < %(now)s + interval '3 days' THEN 3
            WHEN starts_at < %(now)s + interval '7 days' THEN 7
            WHEN starts_at < %(now)s + interval '30 days' THEN 30
            END AS within_days
        FROM source_events
        WHERE standing = 'open' AND (starts_at > %(now)s) IS NOT FALSE
    ) AS e
    GROUP BY source, within_days ORDER BY source, within_days NULLS LAST
"""


class SourceStanding(msgspec.Struct, frozen=True):
    """A source's health as it was noted last; null: never. `worker` null: nobody polls it now.

    With `told` watches have heard that it is unhealthy, and not yet that it is well again.
    """

    source: str
    health: str | None
    reason: str | None
    since: datetime | None
    told: bool
    worker: str | None


class Refusal(msgspec.Struct, frozen=True):
    """Why a request is never sent again as it is."""

    reason: str
    refused_at: datetime


class OldestLook(msgspec.Struct, frozen=True):
    """The events that begin within so many days and in no fewer; null: later, or nobody knows when.

    `oldest_seen_at` is when the one was seen that waits longest; `unseen` never were.
    """

    within_days: int | None
    events: int
    unseen: int
    oldest_seen_at: datetime | None


class PolledSource(SourceStanding, frozen=True):
    """A polled source with its figures.

    `known` events are still to come; its `usual` count leaves out those that were missing so often
    that they are probably no more; `seen` were in the last answer that should have held them.
    `round_events` is what the last walk through its catalogue held, whose oldest part ended at
    `round_at`. `used` requests count against the day's, of which there are `per_day` (null: no
    limit).
    """

    answered_at: datetime | None
    known: int
    usual: int
    seen: int
    round_events: int | None
    round_at: datetime | None
    used: int
    per_day: int | None
    left: int | None
    next_milestone_at: datetime | None
    breaker: str
    blocked_until: datetime | None
    trouble: str | None
    refused: int
    refusals: list[Refusal]
    oldest: list[OldestLook]


def source_standings(cursor: Cursor) -> list[SourceStanding]:
    """The health of all sources that were ever polled, by name; a few lines."""
    cursor.execute(_STANDINGS)
    return [SourceStanding(*row) for row in cursor.fetchall()]


def polled_sources(cursor: Cursor, now: datetime, doubted_from: int) -> list[PolledSource]:
    """All that is shown of them, by name; `doubted_from` misses on an event is probably no more."""
    values = {"now": now, "doubted_from": doubted_from, "most": REFUSALS_SHOWN}
    cursor.execute(_REFUSALS, values)
    refusals: dict[str, list[Refusal]] = {}
    for source, *refusal in cursor.fetchall():
        refusals.setdefault(source, []).append(Refusal(*refusal))
    cursor.execute(_AGES, values)
    oldest: dict[str, list[OldestLook]] = {}
    for source, *look in cursor.fetchall():
        oldest.setdefault(source, []).append(OldestLook(*look))
    cursor.execute(_POLLED, values)
    return [
        PolledSource(*(*row, refusals.get(row[0], []), oldest.get(row[0], [])))
        for row in cursor.fetchall()
    ]
