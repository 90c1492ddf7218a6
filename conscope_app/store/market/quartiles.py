"""Quartiles and medians of spans, counted from the history itself.

They are prices that were asked, not what lies between two of them: an exact decimal stays one
(`percentile_disc`; `percentile_cont` counts in floating point).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

# How often a span is counted that prices still come into: the longer it is, the less they change.
OPEN_EVERY = {
    15: timedelta(minutes=1),
    60: timedelta(minutes=4),
    1440: timedelta(minutes=15),
}

# Spans looked at to find events' times that are to be counted; those have some twenty spans each.
_SPANS_AT_ONCE = 4_000

# A statement may take half a minute, and a row costs some three microseconds. Of an event that is
# seen more often in one span, the quartiles are those of so many of its prices.
_MOST_ROWS_OF_A_TIME = 1_000_000

# All spans of an event's time are counted in one reading of its rows: `rows` says of how many.
CHOOSE = """
WITH spans AS (
    SELECT series, minutes, start_at FROM price_spans
    WHERE is_uncounted AND minutes = %(minutes)s
        AND start_at > %(from)s AND start_at <= %(until)s
        AND (start_at, series) > (%(after_at)s, %(after_series)s)
    ORDER BY start_at, series LIMIT %(spans)s
), times AS (
    SELECT p.event_id, s.minutes, s.start_at, max(s.series) AS last
    FROM spans AS s JOIN price_series AS p ON p.id = s.series
    GROUP BY p.event_id, s.minutes, s.start_at
), sized AS (
    SELECT t.*, (
        SELECT coalesce(sum(e.observations), 0) FROM price_series AS p
        JOIN price_spans AS e ON e.series = p.id AND e.minutes = t.minutes
            AND e.start_at = t.start_at
        WHERE p.event_id = t.event_id AND p.scope = 'event'
    ) AS rows
    FROM times AS t
), running AS (
    SELECT *, sum(rows) OVER (ORDER BY start_at, last, event_id) - rows AS before FROM sized
)
SELECT event_id, start_at, last, rows::bigint FROM running WHERE before < %(rows)s
ORDER BY start_at, last, event_id
"""

# What is written is found first: asked for in one join, Postgres may look through all spans of a
# series for one beginning. Where the rows are gone, as somebody removed old months, what was
# counted before stays.
COUNT = """
WITH due AS (
    SELECT * FROM unnest(%(events)s::text[], %(starts)s::timestamptz[]) AS due (event_id, start_at)
), counted AS (
    SELECT due.event_id, due.start_at, c.* FROM due CROSS JOIN LATERAL (
        SELECT currency,
            CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(section) = 0 THEN 'section'
                ELSE 'event' END AS scope,
            CASE WHEN GROUPING(source) = 0 THEN source WHEN GROUPING(section) = 0 THEN section
                ELSE '' END AS name,
            percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY price) AS quartiles
        FROM (
            SELECT currency, source, section, price FROM price_history AS h
            WHERE h.event_id = due.event_id AND h.observed_at >= due.start_at
                AND h.observed_at < due.start_at + %(length)s
            LIMIT %(most)s
        ) AS seen
        GROUP BY currency, GROUPING SETS ((), (source), (section))
    ) AS c
), found AS MATERIALIZED (
    SELECT p.id AS series, due.start_at, c.quartiles
    FROM due JOIN price_series AS p ON p.event_id = due.event_id
        LEFT JOIN counted AS c ON c.event_id = due.event_id AND c.start_at = due.start_at
            AND c.currency = p.currency AND c.scope = p.scope AND c.name = p.name
)
UPDATE price_spans AS s SET
    lower_quartile = coalesce(f.quartiles[1], s.lower_quartile),
    median = coalesce(f.quartiles[2], s.median),
    upper_quartile = coalesce(f.quartiles[3], s.upper_quartile),
    is_uncounted = false
FROM found AS f
WHERE s.series = f.series AND s.minutes = %(minutes)s AND s.start_at = f.start_at
"""


class _Place(NamedTuple):
    """Behind which span of one length a pass goes on."""

    start_at: datetime
    series: int


class _Time(NamedTuple):
    """A time of an event whose spans are to be counted."""

    event_id: str
    start_at: datetime
    last: int
    rows: int


class Quartiles:
    """Counts spans that ended first, and then, now and then, those that are open.

    What it remembers between calls is only when, and how far, open ones were counted.
    """

    def __init__(self) -> None:
        self._next_pass_at: dict[int, datetime] = {}
        self._places: dict[int, _Place] = {}

    def count(self, cursor: Cursor, now: datetime, rows: int) -> int:
        """Count spans that together have about so many rows; of how many rows they were.

        A single time of an event may have more, and is counted alone.
        """
        left = rows
        for minutes in OPEN_EVERY:
            if left > 0:
                left -= self._count_ended(cursor, minutes, now, left)
        for minutes in OPEN_EVERY:
            if left > 0:
                left -= self._count_open(cursor, minutes, now, left)
        return rows - left

    def _count_ended(self, cursor: Cursor, minutes: int, now: datetime, rows: int) -> int:
        until = now - timedelta(minutes=minutes)
        times = _choose(cursor, minutes, (None, until), None, rows)
        return _count(cursor, minutes, times)

    def _count_open(self, cursor: Cursor, minutes: int, now: datetime, rows: int) -> int:
        since = now - timedelta(minutes=minutes)
        place = self._places.pop(minutes, None)
        times = [] if place is None else _choose(cursor, minutes, (since, None), place, rows)
        if not times and now >= self._next_pass_at.get(minutes, now):
            self._next_pass_at[minutes] = now + OPEN_EVERY[minutes]
            times = _choose(cursor, minutes, (since, None), None, rows)
        if times:
            self._places[minutes] = _Place(times[-1].start_at, times[-1].last)
        return _count(cursor, minutes, times)


def _choose(
    cursor: Cursor,
    minutes: int,
    between: tuple[datetime | None, datetime | None],
    after: _Place | None,
    rows: int,
) -> list[_Time]:
    since, until = between
    values = {
        "minutes": minutes,
        "from": since or "-infinity",
        "until": until or "infinity",
        "after_at": "-infinity" if after is None else after.start_at,
        "after_series": 0 if after is None else after.series,
        "spans": _SPANS_AT_ONCE,
        "rows": rows,
    }
    cursor.execute(CHOOSE, values)
    return [_Time(*row) for row in cursor.fetchall()]


def _count(cursor: Cursor, minutes: int, times: Sequence[_Time]) -> int:
    if times:
        values = {
            "minutes": minutes,
            "most": _MOST_ROWS_OF_A_TIME,
            "length": timedelta(minutes=minutes),
            "events": [time.event_id for time in times],
            "starts": [time.start_at for time in times],
        }
        cursor.execute(COUNT, values)
    return sum(time.rows for time in times)
