"""The events that are matched, with their facts: of sources that say them, and of prices only."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.market import EventFacts
from conscope_app.domains.tickets.matching.profiles import SourceEvent, from_prices

# A day that is over in one zone is not in another.
PAST = timedelta(days=2)

# Whoever has the facts of an event speaks for it; prices only name it.
_KNOWN = """
    SELECT event_id, array_agg(DISTINCT source ORDER BY source) AS sources,
        (array_agg(facts ORDER BY recorded_at DESC, source))[1]::text AS facts,
        NULL AS event_name, NULL AS venue, NULL AS event_date
    FROM market_now GROUP BY event_id
    UNION ALL
    SELECT e.event_id,
        ARRAY(SELECT s.source FROM event_sources AS s WHERE s.event_id = e.event_id ORDER BY 1)
            AS sources,
        NULL AS facts, e.event_name, e.venue, e.event_date
    FROM events AS e WHERE NOT EXISTS (SELECT FROM market_now AS m WHERE m.event_id = e.event_id)
"""
_EVENTS = f"""
    SELECT * FROM ({_KNOWN}) AS known
    WHERE coalesce(facts::jsonb ->> 'local_date', facts::jsonb ->> 'starts_at', event_date)
        >= %(since)s
"""  # noqa: S608 what is put together is written out above
_MARKS = f"""
    SELECT k.event_id, k.fingerprint, s.fingerprint
    FROM (SELECT event_id,
        md5(row(event_id, sources, facts, event_name, venue, event_date, %(rules)s)::text)
        AS fingerprint FROM ({_EVENTS}) AS coming) AS k
    LEFT JOIN event_match_seen AS s USING (event_id)
"""  # noqa: S608 the same
_SOME = f"SELECT * FROM ({_KNOWN}) AS known WHERE event_id = ANY(%(ids)s)"  # noqa: S608 the same

_decode = msgspec.json.Decoder(EventFacts).decode


class Mark(NamedTuple):
    """What stands for an event's content, now and when it was last compared (null: never)."""

    now: str
    compared: str | None


def read_marks(cursor: Cursor, now: datetime, rules: str) -> dict[str, Mark]:
    """All events that are not over, without their content; other `rules` make other marks."""
    values = {"since": f"{now - PAST:%Y-%m-%d}", "rules": rules}
    cursor.execute(_MARKS, values)
    return {event_id: Mark(*marks) for event_id, *marks in cursor.fetchall()}


def read_events(cursor: Cursor, ids: Collection[str]) -> list[SourceEvent]:
    """Some events, over or not; those that nobody knows are left out."""
    cursor.execute(_SOME, {"ids": list(ids)})
    return [_event(*row) for row in cursor.fetchall()]


def _event(
    event_id: str,
    sources: list[str],
    facts: str | None,
    name: str | None,
    venue: str | None,
    date: str | None,
) -> SourceEvent:
    if facts is None:
        return from_prices(event_id, frozenset(sources), name or "", venue or "", date or "")
    return SourceEvent(event_id=event_id, sources=frozenset(sources), facts=_decode(facts))
