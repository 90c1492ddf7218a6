"""Fresh prices become spans: what was seen of events, sources and sections in which time."""

from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.keys import key_of

# A chart of a day is drawn of short spans; a longer one of hours, which are a fourth.
SHORT_SPANS_KEPT = timedelta(days=8)


def _start(interval: str) -> str:
    return f"date_bin('{interval}', observed_at, timestamptz '1970-01-01 00:00:00+00')"


GROUP = f"""
INSERT INTO fresh_spans
SELECT {key_of("event_id", "currency", "scope", "name")}, event_id, currency, scope, name, minutes,
    start_at, observations, drops, lowest, highest, total
FROM (
    SELECT event_id, currency,
        CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(section) = 0 THEN 'section'
            ELSE 'event' END AS scope,
        CASE WHEN GROUPING(source) = 0 THEN source WHEN GROUPING(section) = 0 THEN section
            ELSE '' END AS name,
        CASE WHEN GROUPING(quarter) = 0 THEN 15 WHEN GROUPING(hour) = 0 THEN 60 ELSE 1440 END
            AS minutes,
        CASE WHEN GROUPING(quarter) = 0 THEN quarter WHEN GROUPING(hour) = 0 THEN hour ELSE day END
            AS start_at,
        count(*) AS observations, count(*) FILTER (WHERE kind = 'drop') AS drops,
        min(price) AS lowest, max(price) AS highest, sum(price) AS total
    FROM (
        SELECT event_id, currency, source, section, kind, price, {_start("15 minutes")} AS quarter,
            {_start("1 hour")} AS hour, {_start("1 day")} AS day
        FROM fresh_prices
    ) AS placed
    GROUP BY event_id, currency, GROUPING SETS (
        (quarter), (hour), (day), (source, hour), (source, day), (section, hour), (section, day)
    )
) AS grouped
WHERE minutes > 15 OR start_at >= %(short_since)s
"""  # noqa: S608 the names are written out above

MAKE_SERIES = """
INSERT INTO price_series (key, event_id, currency, scope, name)
SELECT f.key, f.event_id, f.currency, f.scope, f.name
FROM (SELECT DISTINCT ON (key) * FROM fresh_spans ORDER BY key) AS f
WHERE NOT EXISTS (SELECT FROM price_series AS p WHERE p.key = f.key)
ORDER BY f.event_id, f.scope, f.name
"""

ADD_SPANS = """
INSERT INTO price_spans AS held
    (series, minutes, start_at, observations, drops, lowest, highest, total)
SELECT p.id, f.minutes, f.start_at, f.observations, f.drops, f.lowest, f.highest, f.total
FROM fresh_spans AS f JOIN price_series AS p USING (key)
ORDER BY p.id, f.minutes, f.start_at
ON CONFLICT (series, minutes, start_at) DO UPDATE SET
    observations = held.observations + excluded.observations,
    drops = held.drops + excluded.drops,
    lowest = least(held.lowest, excluded.lowest),
    highest = greatest(held.highest, excluded.highest),
    total = held.total + excluded.total,
    is_uncounted = true
"""

PRUNE = f"""
DELETE FROM price_spans AS s
USING fresh_lines AS f JOIN price_series AS p
    ON p.key = {key_of("f.event_id", "f.currency", "'event'", "''")}
WHERE s.series = p.id AND s.minutes = 15 AND s.start_at < %(short_since)s
"""  # noqa: S608 the names are written out above


def fold_spans(cursor: Cursor, now: datetime) -> None:
    """Add `fresh_prices` to their spans; short ones that are over for long are not made."""
    cursor.execute(GROUP, {"short_since": now - SHORT_SPANS_KEPT})
    cursor.execute(MAKE_SERIES)
    cursor.execute(ADD_SPANS)


def prune_short_spans(cursor: Cursor, now: datetime) -> None:
    """Remove the short spans of `fresh_lines` that nobody looks at any more."""
    cursor.execute(PRUNE, {"short_since": now - SHORT_SPANS_KEPT})
