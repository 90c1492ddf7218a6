"""Fresh prices become spans: what was seen of events, sources and sections in which time."""

from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.keys import key_of

# A chart of a day is drawn of short spans; a longer one of hours, which are a fourth.
SHORT_SPANS_KEPT = timedelta(days=8)
# An event has some twenty sections: of the hours of a month, nearly each price would have its own
# there. They are for the chart of a day, and longer ones are drawn of days.
SECTION_HOURS_KEPT = timedelta(days=2)


def _start(interval: str) -> str:
    return f"date_bin('{interval}', f.observed_at, timestamptz '1970-01-01 00:00:00+00')"


NAME_SERIES = f"""
INSERT INTO fresh_series
SELECT {key_of("event_id", "currency", "scope", "name")}, event_id, currency, scope, name
FROM (
    SELECT event_id, currency,
        CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(section) = 0 THEN 'section'
            ELSE 'event' END AS scope,
        CASE WHEN GROUPING(source) = 0 THEN source WHEN GROUPING(section) = 0 THEN section
            ELSE '' END AS name
    FROM fresh_prices
    GROUP BY event_id, currency, GROUPING SETS ((), (source), (section))
) AS named
"""  # noqa: S608 the names are written out above

MAKE_SERIES = """
INSERT INTO price_series (key, event_id, currency, scope, name)
SELECT f.key, f.event_id, f.currency, f.scope, f.name FROM fresh_series AS f
WHERE NOT EXISTS (SELECT FROM price_series AS p WHERE p.key = f.key)
ORDER BY f.event_id, f.scope, f.name
"""

FIND_SERIES = "UPDATE fresh_series AS f SET id = p.id FROM price_series AS p WHERE p.key = f.key"

# Postgres knows nothing of what is in a temporary table, and would go through all series for each
# price, or through all sections of each source.
_HASH = """\
SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off;
SET LOCAL join_collapse_limit = 1
"""
_ANY = """\
SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on;
SET LOCAL join_collapse_limit TO DEFAULT
"""

# One sort puts the prices of each span together, the least first, so that the quartiles of a new
# one are at hand. Those of one that was there before are counted later, from the history.
ADD_SPANS = f"""
WITH seen AS (
    SELECT spans.*, f.price, f.kind = 'drop' AS is_drop
    FROM fresh_prices AS f
        JOIN fresh_series AS e ON (e.event_id, e.currency) = (f.event_id, f.currency)
            AND e.scope = 'event'
        JOIN fresh_series AS o ON (o.event_id, o.currency, o.name)
            = (f.event_id, f.currency, f.source) AND o.scope = 'source'
        JOIN fresh_series AS c ON (c.event_id, c.currency, c.name)
            = (f.event_id, f.currency, f.section) AND c.scope = 'section'
        CROSS JOIN LATERAL (
            SELECT {_start("15 minutes")} AS quarter, {_start("1 hour")} AS hour,
                {_start("1 day")} AS day
            OFFSET 0
        ) AS at
        CROSS JOIN LATERAL (VALUES
            (e.id, 15::smallint, at.quarter, at.quarter >= %(short_since)s),
            (e.id, 60, at.hour, true), (e.id, 1440, at.day, true),
            (o.id, 60, at.hour, true), (o.id, 1440, at.day, true),
            (c.id, 60, at.hour, at.hour >= %(section_since)s), (c.id, 1440, at.day, true)
        ) AS spans (series, minutes, start_at, is_kept)
    WHERE spans.is_kept
), grouped AS (
    SELECT series, minutes, start_at, count(*)::integer AS n,
        count(*) FILTER (WHERE is_drop) AS drops, sum(price) AS total,
        array_agg(price ORDER BY price) AS prices
    FROM seen GROUP BY series, minutes, start_at
)
INSERT INTO price_spans AS held (series, minutes, start_at, observations, drops, lowest, highest,
    total, lower_quartile, median, upper_quartile, is_uncounted)
SELECT series, minutes, start_at, n, drops, prices[1], prices[n], total,
    prices[(n + 3) / 4], prices[(n + 1) / 2], prices[(3 * n + 3) / 4], false
FROM grouped
ON CONFLICT (series, minutes, start_at) DO UPDATE SET
    observations = held.observations + excluded.observations,
    drops = held.drops + excluded.drops,
    lowest = least(held.lowest, excluded.lowest),
    highest = greatest(held.highest, excluded.highest),
    total = held.total + excluded.total,
    is_uncounted = true
"""  # noqa: S608 the names are written out above

PRUNE = """
DELETE FROM price_spans AS s
USING fresh_lines AS f JOIN price_series AS p USING (event_id, currency)
WHERE p.scope = %(scope)s AND s.series = p.id
    AND s.minutes = %(minutes)s AND s.start_at < %(since)s
"""


def fold_spans(cursor: Cursor, now: datetime) -> None:
    """Add `fresh_prices` to their spans; those that are not kept for so long are not made."""
    cursor.execute(NAME_SERIES)
    cursor.execute(MAKE_SERIES)
    cursor.execute(FIND_SERIES)
    since = {
        "short_since": now - SHORT_SPANS_KEPT,
        "section_since": now - SECTION_HOURS_KEPT,
    }
    cursor.execute(_HASH)
    cursor.execute(ADD_SPANS, since)
    cursor.execute(_ANY)


def prune_spans(cursor: Cursor, now: datetime) -> None:
    """Remove the spans of `fresh_lines` that no chart is drawn of any more."""
    cursor.execute(PRUNE, {"scope": "event", "minutes": 15, "since": now - SHORT_SPANS_KEPT})
    cursor.execute(PRUNE, {"scope": "section", "minutes": 60, "since": now - SECTION_HOURS_KEPT})
