"""What the prices of an event add up to, day by day and now, on the real Postgres."""

from datetime import timedelta
from decimal import Decimal

import pytest

from conscope_app.store.alerts.drops import newest_drops
from conscope_app.store.engine import Database
from conscope_app.store.market import event_facts, event_prices
from conscope_app.store.market.event_prices import Cell
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall, reading
from tests.web.reports import NOW

pytestmark = pytest.mark.postgres

MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)


async def test_prices_on_sale_add_up_exactly(database: Database, rows: MarketRows) -> None:
    """Of one currency; a percentile is one of the prices."""
    a_hall(rows)
    found = await reading(database, lambda each: event_prices.read_summary(each, EVENT, "USD"))

    assert (found.seats, found.lowest, found.highest) == (6, Decimal(80), Decimal(110))
    assert (found.lower_quartile, found.median) == (Decimal(85), Decimal(90))
    assert (found.upper_quartile, found.p95) == (Decimal(100), Decimal(110))
    assert (found.cheaper, found.dearer) == (4, 1)
    assert (found.total, found.first_total) == (Decimal("560.00"), Decimal("655.00"))


async def test_where_nothing_is_on_sale_nothing_is_known(
    database: Database, rows: MarketRows
) -> None:
    """Null, and no seats."""
    found = await reading(database, lambda each: event_prices.read_summary(each, "none", "USD"))

    assert (found.seats, found.lowest, found.median, found.p95) == (0, None, None, None)


async def test_prices_are_counted_between_edges(database: Database, rows: MarketRows) -> None:
    """From each edge to below the next; from the last one upwards."""
    a_hall(rows)
    edges = [Decimal(80), Decimal(90), Decimal(100)]
    counted = await reading(
        database, lambda each: event_prices.count_between(each, EVENT, "USD", edges)
    )

    assert counted == [2, 2, 2]


async def test_cells_come_cheapest_first(database: Database, rows: MarketRows) -> None:
    """A row of a section, across its sources."""
    a_hall(rows)
    found = await reading(database, lambda each: event_prices.read_cells(each, EVENT, "USD", 9))

    assert found == [Cell("102", "B", Decimal(80), 4), Cell("Floor", "3", Decimal(100), 2)]


async def test_an_event_is_described(database: Database, rows: MarketRows) -> None:
    """With its markets, the largest first, and its sources, who spoke last first."""
    a_hall(rows)
    facts = await reading(database, lambda each: event_facts.read_facts(each, EVENT))
    markets = await reading(database, lambda each: event_facts.read_markets(each, EVENT))
    sources = await reading(database, lambda each: event_facts.read_sources(each, EVENT))
    nothing = await reading(database, lambda each: event_facts.read_facts(each, "none"))

    assert facts is not None
    assert (facts.event_name, facts.venue) == ("Radiohead", "Madison Square Garden")
    assert [(each.currency, each.seats_on_sale) for each in markets] == [("USD", 5), ("EUR", 1)]
    assert [each.source for each in sources] == ["seatgeek", "mock-simulated"]
    assert nothing is None


async def test_days_and_drops_are_those_of_the_event_itself(
    database: Database, rows: MarketRows
) -> None:
    """Not of its sources, whose spans are the same prices again."""
    rows.event()
    whole, source = rows.series(), rows.series("source", "seatgeek")
    for series in (whole, source):
        for ago in (0, 1, 9):
            rows.span(series, 1_440, MIDNIGHT - timedelta(days=ago), median=None)
        for minutes in (15, 30, 1_500):
            rows.span(series, 15, MIDNIGHT - timedelta(minutes=minutes))
    since = NOW - timedelta(days=1)
    drops = await reading(database, lambda each: event_facts.count_drops(each, EVENT, "USD", since))
    week_ago = NOW - timedelta(days=7)
    days = await reading(
        database, lambda each: event_facts.read_days(each, EVENT, "USD", week_ago, 5)
    )

    assert drops == 4
    assert [each.start_at for each in days] == [MIDNIGHT, MIDNIGHT - timedelta(days=1)]
    assert (days[0].lowest, days[0].median, days[0].drops) == (Decimal(100), None, 2)


async def test_drops_of_an_event_come_newest_first(database: Database, rows: MarketRows) -> None:
    """So many at most, and no other event's."""
    for offset, event_id in enumerate([EVENT, EVENT, "other", EVENT]):
        rows.insert(
            "price_drop_alerts",
            raw_partition=0,
            raw_offset=offset,
            id=str(offset),
            event_id=event_id,
            event_name="a",
            venue="b",
            source="s",
            section="1",
            row="2",
            seat="3",
            old_price=9,
            new_price=8,
            drop_amount=1,
            currency="USD",
            drop_percent=11,
            observed_at=NOW,
            decision="raised",
            alert_timestamp=NOW + timedelta(seconds=offset),
        )
    found = await reading(database, lambda each: newest_drops(each, EVENT, 2))

    assert [each.id for each in found] == ["3", "1"]
