"""Lines of the overview that are made of market snapshots: of events without a seat's price.

Such a line has no seats, and the prices of the source that is cheapest; an event whose sources name
no currency has one with a currency of ''. It is made and kept by the roll-ups like the others, and
is gone as soon as a price has come.
"""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.keys import key_of

_CURRENCY = "coalesce(n.currency, '')"


def news_of(table: str) -> str:
    """News of the lines of a table like `market_now`, as SQL.

    In the order of the keys, as the roll-ups tell theirs: two who tell of the same lines never
    deadlock. An update even where nothing is new holds the line until the snapshot is committed, so
    that it is not refreshed without it.
    """
    return f"""
INSERT INTO event_news AS held
    (key, event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at)
SELECT {key_of("n.event_id", _CURRENCY)}, n.event_id, {_CURRENCY}, 0, NULL,
    min(n.observed_at), max(n.observed_at)
FROM {table} AS n JOIN events AS e USING (event_id) WHERE NOT e.is_priced
GROUP BY n.event_id, {_CURRENCY} ORDER BY 1
ON CONFLICT (key) DO UPDATE SET
    first_seen_at = least(held.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)
"""  # noqa: S608 the names are written out here


# Of a line `l` that no price has made: `p` is its series of prices.
OF_SNAPSHOTS = f"""
    LEFT JOIN LATERAL (
        SELECT n.lowest, n.median, n.highest,
            array_agg(n.source) OVER (ORDER BY n.source ROWS BETWEEN UNBOUNDED PRECEDING
                AND UNBOUNDED FOLLOWING) AS sources
        FROM market_now AS n
        WHERE p.id IS NULL AND n.event_id = l.event_id AND {_CURRENCY} = l.currency
        ORDER BY n.lowest NULLS LAST, n.source LIMIT 1
    ) AS n ON true
"""  # noqa: S608 the names are written out here

# Its event has prices by now, or its sources name another currency.
_OUTDATED = f"""
DELETE FROM event_markets AS m USING (SELECT DISTINCT event_id FROM fresh_lines) AS l
WHERE m.event_id = l.event_id AND m.of_snapshots AND m.members IS NULL AND NOT EXISTS (
    SELECT FROM market_now AS n JOIN events AS e USING (event_id)
    WHERE n.event_id = m.event_id AND {_CURRENCY} = m.currency AND NOT e.is_priced
)
"""  # noqa: S608 the names are written out above


def drop_outdated(cursor: Cursor) -> None:
    """Lines of the events of `fresh_lines` that do not follow from snapshots any more."""
    cursor.execute(_OUTDATED)
