"""What sources said an event costs over time, thinned by Postgres to what a chart can show."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.market.event_chart import Range
from conscope_app.store.tickets.market_lines import (
    MarketLine,
    Period,
    PriceKind,
    SaidInSpan,
    SaidLast,
    Seller,
    lines_of,
)
from conscope_app.store.tickets.market_reading import Snapshot

# More lines than that nobody tells apart; the rest is counted.
MOST_LINES = 24
# Spans of all sellers together, the newest: of a dozen sources those of all of the time there is.
MOST_SPANS = 20_000
# What sources are asked for is asked for once a day or more often. What was said longer ago than
# a late answer explains holds no more; the overview calls it stale by then.
HELD = timedelta(hours=26)

_LENGTHS: Mapping[Range, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_SPANS: Mapping[Range, timedelta] = {
    "hour": timedelta(minutes=1),
    "day": timedelta(minutes=15),
    "week": timedelta(hours=1),
    "month": timedelta(hours=1),
}
# Of all of the time: hours, days or weeks, so that a line has 1,000 spans at most for 19 years.
# Hours are counted from the snapshots, of a month at most; days are kept.
_DAY = timedelta(days=1)
_HOURS_UNTIL, _DAYS_UNTIL = 30 * _DAY, 1_000 * _DAY

_FIRST_DAY = "SELECT min(start_at) FROM market_days WHERE event_id = ANY(%(ids)s)"

_SNAPSHOTS = """
SELECT event_id, source, currency, basis, observed_at AS at, lowest, median, average,
    observed_at AS spoke_at,
    CASE WHEN lowest IS NOT NULL THEN observed_at END AS lowest_at,
    CASE WHEN median IS NOT NULL THEN observed_at END AS median_at,
    CASE WHEN average IS NOT NULL THEN observed_at END AS average_at
FROM market_history
WHERE event_id = ANY(%(ids)s) AND observed_at BETWEEN %(since)s AND %(until)s
"""
_DAYS = """
SELECT event_id, source, nullif(currency, '') AS currency, nullif(basis, '') AS basis,
    start_at AS at, lowest, median, average, spoke_at, lowest_at, median_at, average_at
FROM market_days WHERE event_id = ANY(%(ids)s) AND start_at BETWEEN %(since)s AND %(until)s
"""

# Weeks begin on Mondays, as everywhere in Postgres; days and hours are those of UTC.
_THINNED = """
SELECT event_id, source, currency, basis, extract(epoch FROM span)::bigint, lowest, median, average,
    floor(extract(epoch FROM spoke_at))::bigint, floor(extract(epoch FROM lowest_at))::bigint,
    floor(extract(epoch FROM median_at))::bigint, floor(extract(epoch FROM average_at))::bigint
FROM (
    SELECT event_id, source, currency, basis,
        date_bin(%(span)s, at, TIMESTAMPTZ '1970-01-05 00:00Z') AS span,
        min(lowest) AS lowest, min(median) AS median, min(average) AS average,
        max(spoke_at) AS spoke_at, max(lowest_at) AS lowest_at, max(median_at) AS median_at,
        max(average_at) AS average_at
    FROM ({}) AS said
    GROUP BY event_id, source, currency, basis, span
) AS thinned
ORDER BY span DESC LIMIT %(spans)s
"""
_OF_SNAPSHOTS, _OF_DAYS = _THINNED.format(_SNAPSHOTS), _THINNED.format(_DAYS)


class MarketChart(NamedTuple):
    """The lines in one currency, by name, and how many more there are.

    `currencies` are all that prices were named in; the first is that of most lines.
    """

    since: datetime
    span_s: int
    currency: str | None
    currencies: list[str]
    lines: list[MarketLine]
    left_out: int


class MarketChartAsked(NamedTuple):
    """Which chart; without a currency in that of most lines."""

    range: Range
    currency: str | None = None


def read_market_chart(
    cursor: Cursor,
    event_ids: Sequence[str],
    newest: Iterable[Snapshot],
    asked: MarketChartAsked,
    now: datetime,
) -> MarketChart:
    """What these events cost at each source, whose `newest` snapshots are known."""
    length = _LENGTHS.get(asked.range)
    since = _first_said(cursor, event_ids, now) if length is None else now - length
    span = span_of(asked.range, now - since)
    values = {"ids": list(event_ids), "span": span, "since": since - HELD, "until": now}
    query = _OF_DAYS if span >= _DAY else _OF_SNAPSHOTS
    cursor.execute(query, {**values, "spans": MOST_SPANS})
    said = [_said(row) for row in cursor.fetchall()]
    period = Period(_seconds(since), _seconds(now), round(HELD.total_seconds()))
    last = {
        Seller(each.event_id, each.source): _last(each)
        for each in newest
        if each.observed_at <= now
    }
    found = lines_of(said, last, period)
    currencies = currencies_of(found)
    currency = asked.currency or next(iter(currencies), None)
    lines = [line for line in found if line.currency == currency]
    shown = set(map(id, sorted(lines, key=lambda line: not line.is_priced)[:MOST_LINES]))
    return MarketChart(
        since,
        round(span.total_seconds()),
        currency,
        currencies,
        [line for line in lines if id(line) in shown],
        len(lines) - len(shown),
    )


def span_of(asked: Range, known_for: timedelta) -> timedelta:
    """How long a point of the chart stands for."""
    if asked in _SPANS:
        return _SPANS[asked]
    if known_for < _HOURS_UNTIL:
        return timedelta(hours=1)
    return _DAY if known_for < _DAYS_UNTIL else 7 * _DAY


def currencies_of(lines: Sequence[MarketLine]) -> list[str]:
    """That of most lines with a price now first, then that of most lines at all."""
    found = {line.currency for line in lines if line.currency is not None}

    def place(currency: str) -> tuple[int, int, str]:
        of_it = [line for line in lines if line.currency == currency]
        return -sum(line.is_priced for line in of_it), -len(of_it), currency

    return sorted(found, key=place)


def _first_said(cursor: Cursor, event_ids: Sequence[str], now: datetime) -> datetime:
    cursor.execute(_FIRST_DAY, {"ids": list(event_ids)})
    ((first,),) = cursor.fetchall()
    return now if first is None else min(first, now)


def _said(row: Sequence[Any]) -> SaidInSpan:
    event_id, source, currency, basis, at, lowest, median, average, spoke_at, *named_at = row
    return SaidInSpan(
        Seller(event_id, source),
        PriceKind(currency, basis),
        at,
        (lowest, median, average),
        spoke_at,
        (named_at[0], named_at[1], named_at[2]),
    )


def _last(snapshot: Snapshot) -> SaidLast:
    said = (snapshot.lowest, snapshot.median, snapshot.average)
    lowest, median, average = (each if isinstance(each, Decimal) else None for each in said)
    kind = PriceKind(snapshot.currency, snapshot.basis)
    return SaidLast(kind, _seconds(snapshot.observed_at), (lowest, median, average))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
