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

_HAS_FACTS = "SELECT to_regclass('market_now') IS NOT NULL"

# Whoever has the facts of an event speaks for it; prices only name it.
_OF_FACTS = """
    SELECT event_id, array_agg(DISTINCT source ORDER BY source) AS sources,
        (array_agg(facts ORDER BY updated_at DESC, source))[1]::text AS facts,
        NULL AS event_name, NULL AS venue, NULL AS event_date
    FROM market_now GROUP BY event_id
    UNION ALL
"""
_OF_PRICES = """
    SELECT e.event_id,
        ARRAY(SELECT s.source FROM event_sources AS s WHERE s.event_id = e.event_id ORDER BY 1)
            AS sources,
        NULL AS facts, e.event_name, e.venue, e.event_date
    FROM events AS e WHERE NOT EXISTS (SELECT FROM {others} AS m WHERE m.event_id = e.event_id)
"""
_EVENTS = """
    SELECT * FROM ({events}) AS known
    WHERE coalesce(facts::jsonb ->> 'local_date', facts::jsonb ->> 'starts_at', event_date)
        >= %(since)s
"""
_MARKS = """
    SELECT k.event_id, k.fingerprint, s.fingerprint
    FROM (SELECT event_id,
        md5(row(event_id, sources, facts, event_name, venue, event_date, %(rules)s)::text)
        AS fingerprint FROM ({events}) AS coming) AS k
    LEFT JOIN event_match_seen AS s USING (event_id)
"""
_SOME = "SELECT * FROM ({events}) AS known WHERE event_id = ANY(%(ids)s)"

_decode = msgspec.json.Decoder(EventFacts).decode


class Mark(NamedTuple):
    """What stands for an event's content, now and when it was last compared (null: never)."""

    now: str
    compared: str | None


def read_marks(cursor: Cursor, now: datetime, rules: str) -> dict[str, Mark]:
    """All events that are not over, without their content; other `rules` make other marks."""
    events = _EVENTS.format(events=_known(cursor))
    values = {"since": f"{now - PAST:%Y-%m-%d}", "rules": rules}
    cursor.execute(_MARKS.format(events=events), values)
    return {event_id: Mark(*marks) for event_id, *marks in cursor.fetchall()}


def read_events(cursor: Cursor, ids: Collection[str]) -> list[SourceEvent]:
    """Some events, over or not; those that nobody knows are left out."""
    cursor.execute(_SOME.format(events=_known(cursor)), {"ids": list(ids)})
    return [_event(*row) for row in cursor.fetchall()]


def _known(cursor: Cursor) -> str:
    cursor.execute(_HAS_FACTS)
    ((has_facts,),) = cursor.fetchall()
    if has_facts:
        return _OF_FACTS + _OF_PRICES.format(others="market_now")
    return _OF_PRICES.format(others="(SELECT NULL::text AS event_id)")


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
