"""Lines of the overview for events that are one: each group has its own, in place of its events'.

A line of an event stays as it is, and the event's page reads it; `group_id` says that the list has
the group's instead. A group's line says which events it is made of, `members`, the one that stands
for it first: the one that the group is called as, if it has a line of this kind in this currency,
and else the one that has been in the group longest. Name, venue and date are of that one.

What two sources offer may be the same seats, so nothing is added up: see `docs/matching.md`.
"""

from collections.abc import Collection
from datetime import datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.keys import key_of

# An update even where nothing is new, as with news of snapshots: a line that is brought up to date
# meanwhile would be so without what is being committed here.
_TELL = """
INSERT INTO event_news AS held
    (key, event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at)
SELECT key, event_id, currency, 0, NULL, first_seen_at, last_seen_at FROM event_markets
WHERE event_id = ANY(%(events)s) AND members IS NULL ORDER BY key
ON CONFLICT (key) DO UPDATE SET last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)
"""

_EVENTS = "SELECT DISTINCT event_id FROM fresh_lines"
# Those in which an event is, and those in whose line it still is.
TOUCHED = """
SELECT group_id FROM event_match_members WHERE event_id = ANY(%(events)s)
UNION
SELECT group_id FROM event_markets WHERE event_id = ANY(%(events)s) AND group_id IS NOT NULL
"""

# As an event has it whose sources call it by one id: where one knows single seats, sums say
# nothing, and where one names a currency, a line without one says nothing. `most` is the event with
# most seats on sale, or with the cheapest sums. What it has is no sum of two, and was on offer so.
PUT_TOGETHER = f"""
WITH of_events AS (
    SELECT g.group_id AS of_group, g.joined_at, m.*,
        bool_or(NOT m.of_snapshots) OVER its AS has_seats,
        bool_or(m.currency <> '') OVER its AS has_currency
    FROM event_match_members AS g JOIN event_markets AS m USING (event_id)
    WHERE g.group_id = ANY(%(groups)s) AND m.members IS NULL
    WINDOW its AS (PARTITION BY g.group_id)
), named AS (
    SELECT of_group,
        array_agg(DISTINCT source ORDER BY source) FILTER (WHERE source IS NOT NULL) AS sources,
        string_agg(DISTINCT event_name, ' ') AS names, string_agg(DISTINCT venue, ' ') AS venues
    FROM of_events LEFT JOIN LATERAL unnest(sources) AS source ON true
    GROUP BY of_group HAVING count(DISTINCT event_id) > 1
), used AS (
    SELECT * FROM of_events
    WHERE of_snapshots <> has_seats AND (currency <> '' OR NOT has_currency)
), stands AS (
    SELECT DISTINCT ON (of_group, currency) of_group, currency, event_id, event_name, venue
    FROM used ORDER BY of_group, currency, event_id <> of_group, joined_at, event_id
), most AS (
    SELECT DISTINCT ON (of_group, currency) of_group, currency, seats_seen, seats_on_sale, median,
        highest
    FROM used ORDER BY of_group, currency, seats_on_sale DESC, lowest NULLS LAST, seats_seen DESC,
        joined_at, event_id
), together AS (
    SELECT of_group, currency, bool_and(of_snapshots) AS of_snapshots,
        (array_agg(event_date ORDER BY event_id <> of_group, joined_at, event_id)
            FILTER (WHERE event_date IS NOT NULL))[1] AS event_date,
        min(lowest) AS lowest, max(highest) AS highest, min(lowest_day_ago) AS day_ago,
        max(drops) AS drops, max(last_drop_at) AS last_drop_at,
        min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM used GROUP BY of_group, currency
), made AS (
    INSERT INTO event_markets AS held (key, event_id, currency, group_id, members, event_name,
        venue, event_date, other_names, other_venues, sources, seats_seen, seats_on_sale, lowest,
        median, highest, lowest_day_ago, change_ratio, drops, last_drop_at, first_seen_at,
        last_seen_at, refreshed_at, of_snapshots)
    SELECT {key_of("t.of_group", "t.currency", "'group'")}, s.event_id, t.currency, t.of_group,
        ARRAY(SELECT g.event_id FROM event_match_members AS g WHERE g.group_id = t.of_group
            ORDER BY g.event_id <> s.event_id, g.joined_at, g.event_id),
        s.event_name, s.venue, t.event_date, n.names, n.venues, coalesce(n.sources, '{{}}'),
        m.seats_seen, m.seats_on_sale, t.lowest, m.median,
        CASE WHEN t.of_snapshots THEN m.highest ELSE t.highest END, t.day_ago,
        CASE WHEN t.day_ago <> 0 THEN round((t.lowest - t.day_ago) / t.day_ago, 6) END,
        t.drops, t.last_drop_at, t.first_seen_at, t.last_seen_at, %(now)s, t.of_snapshots
    FROM together AS t JOIN stands AS s USING (of_group, currency)
        JOIN most AS m USING (of_group, currency) JOIN named AS n USING (of_group)
    ON CONFLICT (key) DO UPDATE SET
        event_id = excluded.event_id, members = excluded.members,
        event_name = excluded.event_name, venue = excluded.venue,
        event_date = excluded.event_date, other_names = excluded.other_names,
        other_venues = excluded.other_venues, sources = excluded.sources,
        seats_seen = excluded.seats_seen, seats_on_sale = excluded.seats_on_sale,
        lowest = excluded.lowest, median = excluded.median, highest = excluded.highest,
        lowest_day_ago = excluded.lowest_day_ago, change_ratio = excluded.change_ratio,
        drops = excluded.drops, last_drop_at = excluded.last_drop_at,
        first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
        refreshed_at = excluded.refreshed_at, of_snapshots = excluded.of_snapshots
    RETURNING key, group_id
), gone AS (
    DELETE FROM event_markets
    WHERE group_id = ANY(%(groups)s) AND members IS NOT NULL AND key NOT IN (SELECT key FROM made)
)
SELECT DISTINCT group_id FROM made
"""  # noqa: S608 the names are written out above

LEAVE = """
UPDATE event_markets AS m SET group_id = NULL
WHERE m.group_id = ANY(%(groups)s) AND m.members IS NULL AND NOT EXISTS (
    SELECT FROM event_match_members AS g
    WHERE g.event_id = m.event_id AND g.group_id = m.group_id AND g.group_id = ANY(%(made)s)
)
"""
# One that another group's line still has comes with its own news: that line is to be made anew too.
JOIN = """
UPDATE event_markets AS m SET group_id = g.group_id FROM event_match_members AS g
WHERE g.group_id = ANY(%(made)s) AND m.event_id = g.event_id AND m.members IS NULL
    AND m.group_id IS DISTINCT FROM g.group_id
    AND (m.group_id IS NULL OR m.group_id = ANY(%(groups)s))
"""


def tell_of_groups(cursor: Cursor, events: Collection[str]) -> None:
    """Have the lines of these events put together anew: they are in another group, or in none."""
    cursor.execute(_TELL, {"events": list(events)})


def touched_groups(cursor: Cursor) -> list[str]:
    """The groups whose lines follow from those of the events of `fresh_lines`, or did."""
    cursor.execute(_EVENTS)
    events = [event_id for (event_id,) in cursor.fetchall()]
    cursor.execute(TOUCHED, {"events": events})
    return [group_id for (group_id,) in cursor.fetchall()]


def put_together(cursor: Cursor, groups: list[str], now: datetime) -> None:
    """Make the lines of these groups from those of their events, and list none of these twice."""
    if not groups:
        return
    cursor.execute(PUT_TOGETHER, {"groups": groups, "now": now})
    values = {"groups": groups, "made": [group_id for (group_id,) in cursor.fetchall()]}
    cursor.execute(LEAVE, values)
    cursor.execute(JOIN, values)
