"""Lines of the overview, brought up to date."""

from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.group_lines import put_together, touched_groups
from conscope_app.store.market.keys import key_of
from conscope_app.store.market.on_sale import ON_SALE
from conscope_app.store.market.snapshot_lines import OF_SNAPSHOTS, drop_outdated

# A price of "a day ago" is that of the newest hour which began a day ago or earlier, and not a day
# before that: sources that are asked once a day have one, and what was long ago has none.
_DAY = timedelta(days=1)

# What folds found of lines, until they are brought up to date.
TELL = f"""
INSERT INTO event_news AS held
    (key, event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at)
SELECT {key_of("event_id", "currency")}, event_id, currency,
    count(*) FILTER (WHERE kind = 'drop'), max(observed_at) FILTER (WHERE kind = 'drop'),
    min(observed_at), max(observed_at)
FROM fresh_prices GROUP BY event_id, currency ORDER BY 1
ON CONFLICT (key) DO UPDATE SET
    drops = held.drops + excluded.drops,
    last_drop_at = greatest(held.last_drop_at, excluded.last_drop_at),
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608 the names are written out above

# With a line all others of its event: a seat that is sold in another currency leaves one. An event
# that has none yet comes first. What a line costs is its event's seats. One of which a snapshot is
# being told waits for that.
TAKE_NEWS = """
WITH waiting AS (
    SELECT n.key, m.refreshed_at, coalesce(m.seats_seen, 1) AS seats
    FROM event_news AS n LEFT JOIN event_markets AS m USING (key)
    WHERE m.key IS NULL OR m.refreshed_at <= %(before)s
    ORDER BY m.refreshed_at NULLS FIRST LIMIT %(lines)s
    FOR UPDATE OF n SKIP LOCKED
), due AS (
    SELECT key, sum(seats) OVER (ORDER BY refreshed_at NULLS FIRST, key) - seats AS before
    FROM waiting
), taken AS (
    DELETE FROM event_news AS n USING due
    WHERE n.key = due.key AND due.before < %(seats)s
    RETURNING n.*
)
INSERT INTO fresh_lines
SELECT event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at FROM taken
UNION ALL
SELECT m.event_id, m.currency, 0, NULL, m.first_seen_at, m.last_seen_at FROM event_markets AS m
WHERE m.event_id IN (SELECT event_id FROM taken) AND m.members IS NULL
    AND m.key NOT IN (SELECT key FROM taken)
"""
STALE = """
INSERT INTO fresh_lines
SELECT event_id, currency, 0, NULL, first_seen_at, last_seen_at FROM event_markets
WHERE refreshed_at < %(before)s AND NOT of_snapshots AND members IS NULL
ORDER BY refreshed_at LIMIT %(most)s
"""

REFRESH = f"""
WITH of_seats AS (
    SELECT s.event_id, s.currency, count(*) AS seen, count(*) FILTER (WHERE {ON_SALE}) AS on_sale,
        min(s.price) FILTER (WHERE {ON_SALE}) AS lowest,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY s.price) FILTER (WHERE {ON_SALE}) AS median,
        max(s.price) FILTER (WHERE {ON_SALE}) AS highest,
        array_agg(DISTINCT s.source ORDER BY s.source) AS sources
    FROM (SELECT DISTINCT event_id FROM fresh_lines) AS l
        JOIN seats AS s USING (event_id)
        JOIN event_sources AS f ON f.event_id = s.event_id AND f.source = s.source
    GROUP BY s.event_id, s.currency
)
INSERT INTO event_markets AS held (key, event_id, currency, event_name, venue, event_date, sources,
    seats_seen, seats_on_sale, lowest, median, highest, lowest_day_ago, change_ratio, drops,
    last_drop_at, first_seen_at, last_seen_at, refreshed_at, of_snapshots)
SELECT {key_of("l.event_id", "l.currency")}, l.event_id, l.currency,
    coalesce(e.event_name, l.event_id), coalesce(e.venue, ''), e.event_date,
    coalesce(o.sources, n.sources, '{{}}'), coalesce(o.seen, 0), coalesce(o.on_sale, 0),
    coalesce(o.lowest, n.lowest), coalesce(o.median, n.median), coalesce(o.highest, n.highest),
    d.lowest,
    CASE WHEN d.lowest <> 0 THEN round((o.lowest - d.lowest) / d.lowest, 6) END,
    l.drops, l.last_drop_at, l.first_seen_at, l.last_seen_at, %(now)s, p.id IS NULL
FROM fresh_lines AS l
    LEFT JOIN of_seats AS o USING (event_id, currency)
    LEFT JOIN events AS e USING (event_id)
    LEFT JOIN price_series AS p
        ON p.key = {key_of("l.event_id", "l.currency", "'event'", "''")}
    LEFT JOIN LATERAL (
        SELECT s.lowest FROM price_spans AS s
        WHERE s.series = p.id AND s.minutes = 60
            AND s.start_at <= %(day_ago)s AND s.start_at > %(two_days_ago)s
        ORDER BY s.start_at DESC LIMIT 1
    ) AS d ON true{OF_SNAPSHOTS}
WHERE p.id IS NOT NULL OR (NOT e.is_priced AND n.sources IS NOT NULL)
ON CONFLICT (key) DO UPDATE SET
    event_name = excluded.event_name, venue = excluded.venue, event_date = excluded.event_date,
    sources = excluded.sources,
    seats_seen = excluded.seats_seen, seats_on_sale = excluded.seats_on_sale,
    lowest = excluded.lowest, median = excluded.median, highest = excluded.highest,
    lowest_day_ago = excluded.lowest_day_ago, change_ratio = excluded.change_ratio,
    drops = held.drops + excluded.drops,
    last_drop_at = greatest(held.last_drop_at, excluded.last_drop_at),
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at),
    refreshed_at = excluded.refreshed_at, of_snapshots = excluded.of_snapshots
"""  # noqa: S608 the names are written out above


def tell_of_fresh(cursor: Cursor) -> None:
    """Keep what `fresh_prices` say of lines, for `refresh_told`."""
    cursor.execute(TELL)


def refresh_told(cursor: Cursor, now: datetime, *, before: datetime, lines: int, seats: int) -> int:
    """Bring lines with news up to date that were so last before a moment, the oldest first.

    At most so many, of events with about so many seats together. Returns how many it were.
    """
    cursor.execute(TAKE_NEWS, {"before": before, "lines": lines, "seats": seats})
    told = int(cursor.rowcount)
    if told:
        _refresh(cursor, now)
    return told


def refresh_stale(cursor: Cursor, now: datetime, *, before: datetime, most: int) -> int:
    """Bring lines up to date that were so last before a moment, the oldest first. How many."""
    cursor.execute(STALE, {"before": before, "most": most})
    stale = int(cursor.rowcount)
    if stale:
        _refresh(cursor, now)
    return stale


def _refresh(cursor: Cursor, now: datetime) -> None:
    day_ago = now - _DAY
    cursor.execute(REFRESH, {"now": now, "day_ago": day_ago, "two_days_ago": day_ago - _DAY})
    groups = touched_groups(cursor)  # before a line goes that says which it was in
    drop_outdated(cursor)
    put_together(cursor, groups, now)
