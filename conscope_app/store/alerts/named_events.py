"""The events that somebody means by a few words of their names."""

from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

# Each is looked up by itself, in an index, for a page of a list.
MOST_EVENTS = 100

# Every word, or its beginning. Nothing that was typed has a meaning beyond that: it goes through
# the parser of texts, and comes out quoted.
_ASKED = r"""
    WITH asked AS (
        SELECT string_agg(
            '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''':*', ' & '
        )::tsquery AS words
        FROM unnest(to_tsvector('simple', %(words)s))
    )
"""
_NAMED = f"""{_ASKED}
    SELECT event_id FROM event_markets, asked WHERE search @@ asked.words AND members IS NULL
    GROUP BY event_id ORDER BY max(last_drop_at) DESC NULLS LAST, event_id
    LIMIT %(most)s
"""  # noqa: S608 our own query
_NAMED_SO = f"""{_ASKED}
    SELECT FROM event_markets, asked
    WHERE event_id = %(event)s AND search @@ asked.words AND members IS NULL LIMIT 1
"""


class NamedEvents(NamedTuple):
    """Their ids. `is_cut`: there are more, whose prices dropped longer ago."""

    ids: list[str]
    is_cut: bool


def named_events(cursor: Cursor, words: str) -> NamedEvents:
    """The events that have all these words, or words that begin so, in their name or venue."""
    cursor.execute(_NAMED, {"words": words, "most": MOST_EVENTS + 1})
    ids = [event_id for (event_id,) in cursor.fetchall()]
    return NamedEvents(ids[:MOST_EVENTS], is_cut=len(ids) > MOST_EVENTS)


def events_asked(cursor: Cursor, event: str | None, words: str | None) -> NamedEvents | None:
    """The one event, or those that are meant by the words, or both; None where none is asked for.

    Of an event that is asked for by both, the words must fit.
    """
    if words is None:
        return None if event is None else NamedEvents([event], is_cut=False)
    if event is None:
        return named_events(cursor, words)
    cursor.execute(_NAMED_SO, {"words": words, "event": event})
    return NamedEvents([event] if cursor.fetchone() else [], is_cut=False)
