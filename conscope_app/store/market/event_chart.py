"""The lines of an event's price chart: from the roll-ups, and of the last hour from the history."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from psycopg2 import extensions

from conscope_app.domains.tickets.seating.sections import section_of
from conscope_app.store.market.chart_lines import Line, empty_line, in_one_spelling
from conscope_app.store.market.event_facts import Facts

Range = Literal["hour", "day", "week", "month", "all"]
By = Literal["event", "source", "section"]

# More lines than that nobody tells apart; the rest is counted.
MOST_LINES = 24
# A section may have several, one for each spelling of its name.
MOST_SERIES = 5_000
# A line of all of the time that there is: ten years of days are fewer.
MOST_POINTS = 50_000
# The hour is read from the history itself, of an event that sells very fast not all of it.
MOST_OBSERVATIONS = 50_000

_LENGTHS: dict[Range, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_MINUTE, _QUARTER, _HOUR, _DAY = 1, 15, 60, 1_440
_HOURS_UNTIL = timedelta(days=60)  # of all of the time; from then on days are fine enough

# Ranked by whole days: a thousand sections are a thousand lines of a month, not of its hours.
_LINES = f"""
SELECT r.id, r.name, ranked.seen, count(*) OVER ()
FROM price_series r
JOIN LATERAL (
    SELECT sum(p.observations) AS seen FROM price_spans p
    WHERE p.series = r.id AND p.minutes = {_DAY}
        AND p.start_at >= date_trunc('day', %(since)s::timestamptz, 'UTC')
) AS ranked ON ranked.seen > 0
WHERE r.event_id = %(event_id)s AND r.currency = %(currency)s AND r.scope = %(by)s
ORDER BY ranked.seen DESC, r.name
LIMIT %(series)s
"""  # noqa: S608 the numbers are written out above

_AMOUNTS = "lowest, lower_quartile, median, upper_quartile, drops"
_POINTS = f"""
SELECT series, extract(epoch FROM start_at)::bigint, {_AMOUNTS}
FROM price_spans
WHERE series = ANY(%(ids)s) AND minutes = %(minutes)s AND start_at >= %(since)s
ORDER BY series, start_at
LIMIT %(points)s
"""  # noqa: S608 the names are written out above

_NAMES: dict[By, str] = {"event": "''", "source": "source", "section": "section"}
_MINUTES = """
WITH observed AS (
    SELECT date_trunc('minute', observed_at) AS minute, {name} AS name, price, kind
    FROM price_history
    WHERE event_id = %(event_id)s AND observed_at >= %(since)s AND currency = %(currency)s
    ORDER BY observed_at DESC
    LIMIT %(observations)s
), counted AS (
    SELECT name, minute, min(price) AS lowest,
        percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY price) AS quartiles,
        count(*) FILTER (WHERE kind = 'drop') AS drops, count(*) AS observations
    FROM observed GROUP BY name, minute
)
SELECT name, extract(epoch FROM minute)::bigint, lowest,
    quartiles[1], quartiles[2], quartiles[3], drops, observations
FROM counted
ORDER BY name, minute
"""


Spelling = Callable[[str], str]


class Chart(NamedTuple):
    """The lines, those with most observations, by name; and how many others there are."""

    span_s: int
    lines: list[Line]
    left_out: int


class ChartAsked(NamedTuple):
    """Which chart of an event."""

    currency: str
    range: Range
    by: By


def read_chart(cursor: extensions.cursor, facts: Facts, asked: ChartAsked, now: datetime) -> Chart:
    """The chart of an event as of now."""
    minutes = span_minutes(asked, now - facts.first_seen_at)
    length = _LENGTHS.get(asked.range)
    since = facts.first_seen_at - timedelta(minutes=minutes) if length is None else now - length
    values = {"event_id": facts.event_id, "currency": asked.currency, "since": since}
    spelling = _spelling(asked.by, facts.venue)
    if minutes == _MINUTE:
        return _of_minutes(cursor, asked.by, values, spelling)
    return _of_spans(cursor, {**values, "by": asked.by, "minutes": minutes}, spelling)


def _spelling(by: By, venue: str) -> Spelling:
    """What gives the names of one line in one spelling."""
    return (lambda name: str(section_of(name, venue))) if by == "section" else str


def span_minutes(asked: ChartAsked, known_for: timedelta) -> int:
    """How many minutes a point of the chart stands for."""
    if asked.range == "hour":
        return _MINUTE
    if asked.range == "day" and asked.by == "event":
        return _QUARTER
    if asked.by == "section" and asked.range != "day":
        return _DAY  # their hours are not kept for longer
    return _DAY if asked.range == "all" and known_for >= _HOURS_UNTIL else _HOUR


def _of_spans(cursor: extensions.cursor, values: dict[str, Any], spelling: Spelling) -> Chart:
    cursor.execute(_LINES, {**values, "series": MOST_SERIES})
    found = cursor.fetchall()
    seen: Counter[str] = Counter()
    for _, name, observations, _ in found:
        seen[spelling(name)] += observations
    most = {name for name, _ in seen.most_common(MOST_LINES)}
    lines = {series: empty_line(name) for series, name, *_ in found if spelling(name) in most}
    cursor.execute(_POINTS, {**values, "ids": list(lines), "points": MOST_POINTS})
    for series, *point in cursor.fetchall():
        lines[series].add(*point)
    unread = found[0][-1] - len(found) if found else 0
    shown = in_one_spelling(lines.values(), spelling)
    return _chart(values["minutes"], shown, len(seen) - len(most) + unread)


def _of_minutes(
    cursor: extensions.cursor, by: By, values: dict[str, Any], spelling: Spelling
) -> Chart:
    query = _MINUTES.format(name=_NAMES[by])
    cursor.execute(query, {**values, "observations": MOST_OBSERVATIONS})
    rows = cursor.fetchall()
    is_cut = sum(row[-1] for row in rows) == MOST_OBSERVATIONS
    first = min((at for _, at, *_ in rows), default=0)
    lines: dict[str, Line] = {}
    seen: Counter[str] = Counter()
    for name, at, *amounts, observations in rows:
        if is_cut and at == first:
            continue  # of this minute a part only was read
        lines.setdefault(name, empty_line(name)).add(at, *amounts)
        seen[spelling(name)] += observations
    most = {name for name, _ in seen.most_common(MOST_LINES)}
    among = (line for name, line in lines.items() if spelling(name) in most)
    return _chart(_MINUTE, in_one_spelling(among, spelling), len(seen) - len(most))


def _chart(minutes: int, lines: list[Line], left_out: int) -> Chart:
    shown = [line for line in lines if line.at]
    return Chart(minutes * 60, sorted(shown, key=lambda line: line.name), left_out)
