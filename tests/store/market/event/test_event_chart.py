"""The lines of an event's price chart, on the real Postgres."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market import event_chart
from conscope_app.store.market.event_chart import Chart, ChartAsked, Range, read_chart, span_minutes
from conscope_app.store.market.event_facts import read_facts
from tests.store.market.event.market_rows import EVENT, MarketRows, reading
from tests.store.watches.stored_prices import History
from tests.web.reports import NOW

pytestmark = pytest.mark.postgres

HOUR = NOW.replace(minute=0, second=0)
DAY = HOUR.replace(hour=0)


async def chart(database: Database, asked: ChartAsked) -> Chart:
    """The chart as of now."""

    def read(cursor):  # type: ignore[no-untyped-def]  # the cursor of `reading`
        facts = read_facts(cursor, EVENT)
        assert facts is not None
        return read_chart(cursor, facts, asked, NOW)

    return await reading(database, read)


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [("hour", 1), ("day", 15), ("week", 60), ("month", 60), ("all", 60)],
)
def test_a_point_is_as_long_as_the_range_asks(asked: Range, minutes: int) -> None:
    """Finer than anybody sees is not sent; of more than 60 days a point is a day."""
    event = ChartAsked("USD", asked, "event")

    assert span_minutes(event, timedelta(days=59)) == minutes
    assert span_minutes(event._replace(range="all"), timedelta(days=60)) == 1_440
    assert span_minutes(event._replace(by="source", range="day"), timedelta(days=1)) == 60
    by_section = event._replace(by="section")
    assert span_minutes(by_section._replace(range="day"), timedelta(days=1)) == 60
    assert span_minutes(by_section._replace(range="week"), timedelta(days=1)) == 1_440


async def test_spans_of_the_range_are_the_lines(database: Database, rows: MarketRows) -> None:
    """Amounts as they were counted, null where they have not been; what is older is not in it."""
    rows.event()
    series = rows.series()
    rows.span(series, 1_440, HOUR - timedelta(hours=14))
    rows.span(series, 60, HOUR, lower_quartile=None, median=None, upper_quartile=None)
    rows.span(series, 60, HOUR - timedelta(days=6), lowest="99.50")
    rows.span(series, 60, HOUR - timedelta(days=8))
    found = await chart(database, ChartAsked("USD", "week", "event"))
    (line,) = found.lines

    assert (found.span_s, found.left_out, line.name) == (3_600, 0, "")
    assert line.at == [int(each.timestamp()) for each in (HOUR - timedelta(days=6), HOUR)]
    assert line.lowest == [Decimal("99.50"), 100]
    assert line.median == [Decimal("140.50"), None]
    assert line.drops == [2, 2]
    assert (await chart(database, ChartAsked("EUR", "week", "event"))).lines == []


async def test_the_busiest_lines_are_shown(
    database: Database, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name; the others are counted."""
    monkeypatch.setattr(event_chart, "MOST_LINES", 2)
    rows.event()
    for name, observations in (("z", 30), ("quiet", 10), ("a", 20)):
        series = rows.series("section", name)
        day = HOUR.replace(hour=0)
        rows.span(series, 1_440, day, observations=observations)
        rows.span(series, 60, HOUR, observations=observations)
    found = await chart(database, ChartAsked("USD", "day", "section"))

    assert [line.name for line in found.lines] == ["a", "z"]
    assert found.left_out == 1


@pytest.mark.parametrize(
    ("asked", "minutes", "both", "one"),
    [
        pytest.param("day", 60, HOUR - timedelta(hours=2), HOUR, id="hours"),
        pytest.param("week", 1_440, DAY - timedelta(days=1), DAY, id="days"),
    ],
)
async def test_a_section_is_one_line_however_it_is_spelled(
    database: Database,
    rows: MarketRows,
    monkeypatch: pytest.MonkeyPatch,
    asked: Range,
    minutes: int,
    both: datetime,
    one: datetime,
) -> None:
    """It is as busy as all its spellings; quartiles of two of them at once are not known."""
    monkeypatch.setattr(event_chart, "MOST_LINES", 1)
    rows.event()
    numbers = {name: rows.series("section", name) for name in ("Sec 101", "101", "101W")}
    for name, at, observations, lowest in (
        *(("Sec 101", both, 30, 90), ("Sec 101", one, 10, 90)),
        *(("101", both, 20, 80), ("101W", one, 50, 70)),
    ):
        rows.span(numbers[name], minutes, at, observations=observations, lowest=lowest)
    if minutes != 1_440:
        for name, observations in (("Sec 101", 40), ("101", 20), ("101W", 50)):
            rows.span(numbers[name], 1_440, DAY, observations=observations)
    found = await chart(database, ChartAsked("USD", asked, "section"))
    (line,) = found.lines

    assert (line.name, found.left_out) == ("101", 1)
    assert line.at == [int(each.timestamp()) for each in (both, one)]
    assert line.lowest == [80, 90]
    assert line.median == [None, Decimal("140.50")]
    assert (line.lower_quartile, line.upper_quartile) == ([None, 110], [None, 200])
    assert line.drops == [4, 2]


async def test_so_is_a_section_of_the_last_hour(database: Database, rows: MarketRows) -> None:
    """By source there are as many lines as there are names."""
    history = History(NOW)
    for section in ("Section 101", "101", "101W"):
        history.now = NOW - timedelta(minutes=5)
        history.price(1, section=section, source=section)
    await history.store(database)

    found = await chart(database, ChartAsked("USD", "hour", "section"))
    by_source = await chart(database, ChartAsked("USD", "hour", "source"))

    assert [(line.name, line.drops) for line in found.lines] == [("101", [2]), ("101W", [1])]
    assert [line.median for line in found.lines] == [[None], [1]]
    assert [line.name for line in by_source.lines] == ["101", "101W", "Section 101"]


async def test_the_last_hour_is_read_by_the_minute(
    database: Database, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the history; of more than is read the oldest minute, which is not whole, is left out."""
    minute = NOW.replace(second=0) - timedelta(minutes=5)
    history = History(NOW - timedelta(minutes=80)).price(1)
    for later in (0, 10, 60, 70):
        history.now = minute + timedelta(seconds=later)
        history.price(10, source=f"shop-{later % 60}")
    await history.store(database)
    whole = await chart(database, ChartAsked("USD", "hour", "event"))
    by_source = await chart(database, ChartAsked("USD", "hour", "source"))
    monkeypatch.setattr(event_chart, "MOST_OBSERVATIONS", 3)
    cut = await chart(database, ChartAsked("USD", "hour", "event"))

    assert whole.span_s == 60
    assert [sum(line.drops) for line in whole.lines] == [4]
    assert [line.name for line in by_source.lines] == ["shop-0", "shop-10"]
    assert [len(line.at) for line in by_source.lines] == [2, 2]
    assert [each - int(minute.timestamp()) for each in whole.lines[0].at] == [0, 60]
    assert cut.lines[0].at == whole.lines[0].at[1:]
