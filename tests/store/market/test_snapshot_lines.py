"""Lines of the overview of events that only market snapshots are known of."""

from decimal import Decimal

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.market.event_list import Said
from conscope_app.store.market.event_list_find import Find
from tests.store.ledgers import AT, Tables
from tests.store.market.histories import NOW, Row
from tests.store.market.histories import store as store_prices
from tests.store.market.rolling import Rolling
from tests.store.snapshots import a_market, store

pytestmark = pytest.mark.postgres


async def test_an_event_without_seats_is_listed_with_what_its_source_says(
    database: Database, rolling: Rolling
) -> None:
    """Its lowest price in the list's order, no seats, its status and when it goes on sale."""
    sums = {"lowest": Decimal("35"), "median": Decimal("60"), "listing_count": 120}
    await store(
        database,
        a_market(0, currency="USD", basis="face_value", **sums, on_sale_at=AT, status="cancelled"),
    )
    (line,) = await rolling.lines(Find(sort="lowest", price_to=Decimal(40), search="concert"))

    assert (line.of_snapshots, line.seats_seen, line.seats_on_sale) == (True, 0, 0)
    assert (line.lowest, line.median, line.highest, line.currency) == (35, 60, None, "USD")
    assert line.said == Said("cancelled", None, AT, "face_value")
    assert (line.sources, line.last_seen_at) == (["seatgeek"], AT)
    assert await rolling.lines(Find(price_from=Decimal(40))) == []


async def test_no_price_is_none_and_no_zero(database: Database, rolling: Rolling) -> None:
    """The line that had one in a currency makes way for one without."""
    await store(database, a_market(0, currency="USD", lowest=Decimal(35)))
    before = await rolling.lines()
    await store(database, a_market(1, lowest=None))
    (line,) = await rolling.lines()

    assert [each.currency for each in before] == ["USD"]
    assert (line.lowest, line.currency, line.currencies) == (None, None, [])


@pytest.mark.parametrize("currency", ["USD", "EUR"])
async def test_with_the_first_price_of_a_seat_sums_make_way(
    database: Database, tables: Tables, rolling: Rolling, currency: str
) -> None:
    """In the same currency as in another; what comes of snapshots then changes nothing."""
    await store(database, a_market(0, currency="USD", lowest=Decimal(35)))
    assert [each.of_snapshots for each in await rolling.lines()] == [True]
    price = Row(
        raw_offset=1, event_id="seatgeek-1", currency=currency, price=Decimal(80), observed_at=NOW
    )
    await store_prices(database, [price])
    tables.run("UPDATE events SET is_priced = true")  # as the sink of prices does
    await store(database, a_market(1, currency="USD", lowest=Decimal(30)))
    (line,) = await rolling.lines()

    assert (line.of_snapshots, line.currency, line.lowest) == (False, currency, 80)
    assert line.said is not None and line.said.status == "on_sale"


async def test_made_anew_they_are_the_same(database: Database, rolling: Rolling) -> None:
    """They are no part of the history of prices, and follow from what holds now."""
    await store(
        database,
        a_market(0, currency="USD", lowest=Decimal(35)),
        a_market(1, event_id="seatgeek-2", source="other", name="Another"),
    )
    before = await rolling.lines()
    await rolling.make_anew()
    again = await rolling.lines()

    assert [line.event_name for line in before] == ["A Concert", "Another"]
    assert again == before


async def test_days_that_an_older_version_did_not_keep_are_added(
    database: Database, tables: Tables, rolling: Rolling
) -> None:
    """Between a migration and the new sinks it went on writing the history alone."""
    await store(database, a_market(0, currency="USD", lowest=Decimal(35)))
    kept = tables.run("SELECT * FROM market_days")
    tables.run("DELETE FROM market_days")
    await rolling.make_anew()

    assert len(kept) == 1
    assert tables.run("SELECT * FROM market_days") == kept


async def test_they_are_brought_up_to_date_by_news_alone(
    database: Database, tables: Tables, rolling: Rolling
) -> None:
    """What time changes of them is told when they are read: ten thousand cost the looks nothing."""
    await store(database, a_market(0, currency="USD", lowest=Decimal(35)))
    await rolling.lines()
    then = tables.run("SELECT refreshed_at FROM event_markets")
    for _ in range(40):  # longer than a line with seats is left alone
        await rolling.lines()

    assert tables.run("SELECT refreshed_at FROM event_markets") == then
