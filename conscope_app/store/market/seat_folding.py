"""Fresh prices become the state of their seats, and of what their sources say of events."""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.keys import key_of

# Who comes late to a seat was seen before what is known of it: it is counted, and that is all. A
# seat begins with its first price that is not late, and anew with its first in another currency.
# `run` is what came since the seat last began within these rows; where it began before them
# (`goes_on`), all of them belong to it.
FOLD_SEATS = """
WITH newest AS (
    SELECT DISTINCT ON (key) * FROM fresh_prices WHERE kind <> 'late'
    ORDER BY key, raw_partition DESC, raw_offset DESC
), broken AS (
    SELECT f.key, max(f.raw_offset) AS at FROM fresh_prices AS f JOIN newest AS n USING (key)
    WHERE f.kind <> 'late' AND f.currency <> n.currency GROUP BY f.key
), began AS (
    SELECT f.key, min(f.raw_offset) AS at FROM fresh_prices AS f LEFT JOIN broken AS b USING (key)
    WHERE f.kind <> 'late' AND f.raw_offset > coalesce(b.at, -1) GROUP BY f.key
), told AS (
    SELECT f.key, f.raw_offset, f.observed_at, f.price, f.kind, f.old_price,
        coalesce(f.raw_offset >= g.at, false) AS in_run
    FROM fresh_prices AS f LEFT JOIN began AS g USING (key)
), run AS (
    SELECT key, count(*) AS all_observations, count(*) FILTER (WHERE in_run) AS observations,
        count(*) FILTER (WHERE in_run AND kind = 'drop') AS drops,
        min(price) FILTER (WHERE in_run AND kind <> 'late') AS lowest,
        max(price) FILTER (WHERE in_run AND kind <> 'late') AS highest
    FROM told GROUP BY key
), first AS (
    SELECT DISTINCT ON (key) key, price, observed_at FROM told WHERE in_run AND kind <> 'late'
    ORDER BY key, raw_offset
), moved AS (
    SELECT DISTINCT ON (key) key, old_price, observed_at FROM told
    WHERE in_run AND kind IN ('drop', 'rise') ORDER BY key, raw_offset DESC
), folded AS (
    SELECT r.*, n.event_id, n.source, n.section, n."row", n.seat, n.currency, n.price,
        n.total_price, n.quantity, n.listing_url, n.observed_at AS last_seen_at,
        f.price AS first_price, f.observed_at AS first_seen_at,
        m.old_price AS previous_price, m.observed_at AS moved_at,
        coalesce(s.currency = n.currency AND b.key IS NULL, false) AS goes_on,
        s.key IS NOT NULL AS is_known
    FROM run AS r LEFT JOIN newest AS n USING (key) LEFT JOIN first AS f USING (key)
        LEFT JOIN moved AS m USING (key) LEFT JOIN broken AS b USING (key)
        LEFT JOIN seats AS s USING (key)
), late_only AS (
    UPDATE seats AS s SET observations = s.observations + f.all_observations
    FROM folded AS f WHERE s.key = f.key AND f.price IS NULL
), seen_again AS (
    UPDATE seats AS s SET
        currency = f.currency, price = f.price, total_price = f.total_price,
        quantity = f.quantity, listing_url = f.listing_url, last_seen_at = f.last_seen_at,
        previous_price = CASE WHEN f.goes_on AND f.moved_at IS NULL
            THEN s.previous_price ELSE f.previous_price END,
        moved_at = CASE WHEN f.goes_on AND f.moved_at IS NULL THEN s.moved_at ELSE f.moved_at END,
        first_price = CASE WHEN f.goes_on THEN s.first_price ELSE f.first_price END,
        first_seen_at = CASE WHEN f.goes_on THEN s.first_seen_at ELSE f.first_seen_at END,
        lowest = CASE WHEN f.goes_on THEN least(s.lowest, f.lowest) ELSE f.lowest END,
        highest = CASE WHEN f.goes_on THEN greatest(s.highest, f.highest) ELSE f.highest END,
        drops = CASE WHEN f.goes_on THEN s.drops + f.drops ELSE f.drops END,
        observations = CASE WHEN f.goes_on
            THEN s.observations + f.all_observations ELSE f.observations END
    FROM folded AS f WHERE s.key = f.key AND f.price IS NOT NULL
)
INSERT INTO seats (key, event_id, source, section, "row", seat, currency, price, total_price,
    quantity, listing_url, previous_price, moved_at, first_price, first_seen_at, lowest, highest,
    drops, observations, last_seen_at)
SELECT key, event_id, source, section, "row", seat, currency, price, total_price,
    quantity, listing_url, previous_price, moved_at, first_price, first_seen_at, lowest, highest,
    drops, observations, last_seen_at
FROM folded WHERE price IS NOT NULL AND NOT is_known ORDER BY event_id
"""

FOLD_SOURCES = f"""
INSERT INTO event_sources AS held
    (key, event_id, source, observations, first_seen_at, last_seen_at)
SELECT {key_of("event_id", "source")}, event_id, source, count(*), min(observed_at),
    max(observed_at)
FROM fresh_prices GROUP BY event_id, source
ON CONFLICT (key) DO UPDATE SET
    observations = held.observations + excluded.observations,
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608 the names are written out above


def fold_seats(cursor: Cursor) -> None:
    """Bring the seats of `fresh_prices`, and what their sources say, up to date."""
    cursor.execute(FOLD_SEATS)
    cursor.execute(FOLD_SOURCES)
