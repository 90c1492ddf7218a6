"""What sources said an event costs over time, read from a real Postgres."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market.event_chart import Range
from conscope_app.store.tickets import market_chart, market_reading
from conscope_app.store.tickets.market_chart import (
    HELD,
    MarketChart,
    MarketChartAsked,
    read_market_chart,
    span_of,
)
from tests.store.market.event.market_rows import EVENT, MarketRows, reading
from tests.web.reports import NOW

pytestmark = pytest.mark.postgres

MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def chart(
    database: Database, range_: Range, currency: str | None = None, ids: tuple[str, ...] = (EVENT,)
) -> MarketChart:
    """The chart as of now."""

    def read(cursor: Any) -> MarketChart:
        newest = [each.snapshot for each in market_reading.read_now(cursor, ids)]
        return read_market_chart(cursor, ids, newest, MarketChartAsked(range_, currency), NOW)

    return await reading(database, read)


def a_price(rows: MarketRows, at: datetime, lowest: object, **given: Any) -> None:
    """What a source named as the lowest price, without fees and in dollars."""
    about = {"source": "seatgeek", "currency": "USD", "basis": "listed"} | given
    rows.snapshot(observed_at=at, lowest=lowest, **about)


def points(found: MarketChart, line: int = 0) -> list[tuple[timedelta, object]]:
    """When before now which lowest price begins to hold."""
    drawn = found.lines[line]
    now = NOW.timestamp()
    return [
        (timedelta(seconds=now - at), low) for at, low in zip(drawn.at, drawn.lowest, strict=True)
    ]


@pytest.mark.parametrize(
    ("asked", "known_for", "span"),
    [
        ("hour", DAY, timedelta(minutes=1)),
        ("day", DAY, timedelta(minutes=15)),
        ("week", 9 * DAY, HOUR),
        ("month", 90 * DAY, HOUR),
        ("all", 29 * DAY, HOUR),
        ("all", 30 * DAY, DAY),
        ("all", 999 * DAY, DAY),
        ("all", 1_000 * DAY, 7 * DAY),
    ],
)
def test_a_line_has_a_thousand_spans_at_most(
    asked: Range, known_for: timedelta, span: timedelta
) -> None:
    """Of all of the time for 19 years."""
    assert span_of(asked, known_for) == span
    assert min(known_for, market_chart._LENGTHS.get(asked, known_for)) / span <= 1_000
    assert 19 * 365 * DAY / span_of("all", 19 * 365 * DAY) <= 1_000


async def test_a_price_of_before_the_range_is_in_it(database: Database, rows: MarketRows) -> None:
    """Of an event that is asked for every eight hours the last hour has a price."""
    rows.event(is_priced=False)
    a_price(rows, NOW - 9 * HOUR, "61")
    a_price(rows, NOW - timedelta(minutes=10), "59.50")
    found = await chart(database, "hour")

    assert points(found) == [(HOUR, 61), (timedelta(minutes=10, seconds=22), 59.5)]
    assert (found.span_s, found.currency, found.currencies) == (60, "USD", ["USD"])


async def test_what_nobody_repeats_ends(database: Database, rows: MarketRows) -> None:
    """26 hours after it was said; older than that it is in no range."""
    rows.event(is_priced=False)
    a_price(rows, NOW - 40 * HOUR, "61")
    week = await chart(database, "week")

    assert [low for _, low in points(week)] == [61, None]
    assert points(week)[1][0] == 40 * HOUR - HELD
    assert (await chart(database, "hour")).lines == []


async def test_no_price_and_nothing_said_are_gaps(database: Database, rows: MarketRows) -> None:
    """A figure for itself: what the source still names goes on."""
    rows.event(is_priced=False)
    named = {"currency": "USD", "basis": "listed"}
    at = NOW - 20 * HOUR
    rows.snapshot("seatgeek", observed_at=at, lowest=60, median=90, average=95, **named)
    rows.snapshot("seatgeek", observed_at=at + 2 * HOUR, lowest=None, median=91, **named)
    rows.snapshot("seatgeek", observed_at=at + 4 * HOUR, listing_count=3)
    rows.snapshot("seatgeek", observed_at=at + 6 * HOUR, lowest=58, **named)
    (line,) = (await chart(database, "day")).lines

    assert line.lowest == [60, None, None, 58]
    assert line.median == [90, 91, None, None]
    assert line.average == [95, None, None, None]


async def test_the_lowest_of_a_span_is_its_point(database: Database, rows: MarketRows) -> None:
    """By the day from a month on; the last point is what is said now, whatever was said today."""
    rows.event(is_priced=False)
    begin = MIDNIGHT - 40 * DAY
    for day, prices in ((0, (70, 65, 80)), (1, (75,)), (40, (50, 66))):
        for number, price in enumerate(prices):
            a_price(rows, begin + day * DAY + (number + 1) * HOUR, price)
    found = await chart(database, "all")

    assert found.span_s == DAY.total_seconds()
    assert points(found)[-2:] == [(NOW - MIDNIGHT, 50), (NOW - MIDNIGHT - 2 * HOUR, 66)]
    assert points(found)[:2] == [(NOW - begin, 65), (NOW - begin - DAY, 75)]
    assert points(found)[2] == (NOW - begin - DAY - HOUR - HELD, None)


async def test_days_and_snapshots_say_the_same(
    database: Database, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roll-up is the history by days: two sources, gaps, two kinds of price, an end."""
    rows.event(is_priced=False)
    for number in range(60):
        at = MIDNIGHT - 45 * DAY + number * 17 * HOUR
        if number % 9 != 4:
            a_price(rows, at, 50 + number * 7 % 13, median=80 + number % 5)
        else:
            rows.snapshot("seatgeek", observed_at=at, lowest=None)
        basis = "all_in" if number % 7 else "face_value"
        a_price(rows, at + HOUR, 40 + number % 3, source="eventim", basis=basis)
    of_days = await chart(database, "all")
    monkeypatch.setattr(market_chart, "_OF_DAYS", market_chart._OF_SNAPSHOTS)
    of_snapshots = await chart(database, "all")

    assert len(of_days.lines) == 3 and sum(len(line.at) for line in of_days.lines) > 60
    assert of_days.lines == of_snapshots.lines


async def test_one_currency_is_drawn(database: Database, rows: MarketRows) -> None:
    """That of most lines with a price, or another one that is asked for; of all members."""
    rows.event(is_priced=False)
    rows.event("seatgeek-7", is_priced=False)
    at = NOW - HOUR
    a_price(rows, at, 60, source="eventim", currency="EUR")
    a_price(rows, at, 70, event_id="seatgeek-7")
    a_price(rows, at, 80, source="ticketmaster", basis="face_value")
    ids = (EVENT, "seatgeek-7")
    dollars = await chart(database, "day", ids=ids)
    euros = await chart(database, "day", "EUR", ids)
    yen = await chart(database, "day", "JPY", ids)

    assert dollars.currencies == euros.currencies == yen.currencies == ["USD", "EUR"]
    named = [(line.source, line.event_id) for line in dollars.lines]
    assert named == [("seatgeek", "seatgeek-7"), ("ticketmaster", EVENT)]
    assert [line.source for line in euros.lines] == ["eventim"]
    assert (yen.currency, yen.lines) == ("JPY", [])


async def test_lines_that_nobody_would_tell_apart_are_counted(
    database: Database, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that have a price are drawn first."""
    monkeypatch.setattr(market_chart, "MOST_LINES", 1)
    rows.event(is_priced=False)
    a_price(rows, NOW - 30 * HOUR, 50, source="a silent one")
    a_price(rows, NOW - HOUR, 60, source="z")
    found = await chart(database, "week")

    assert [line.source for line in found.lines] == ["z"]
    assert found.left_out == 1


async def test_of_nothing_there_is_no_line(database: Database, rows: MarketRows) -> None:
    """Of an event of which no source has spoken, or that nobody knows."""
    rows.event()
    for range_ in ("hour", "all"):
        found = await chart(database, range_)  # type: ignore[arg-type]  # two of its words
        assert (found.lines, found.currency, found.left_out) == ([], None, 0)
