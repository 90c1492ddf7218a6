"""An event's seats read once say the same as each of its lists read by itself."""

from typing import Any

import pytest
from psycopg2 import extensions

from conscope_app.store.engine import Database
from conscope_app.store.market.event_prices import read_cells, read_places, read_summary
from conscope_app.store.market.event_seats import SeatFilter, read_first, read_keys, read_seats
from conscope_app.store.market.event_standing import Standing, Wanted, read_standing
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall, reading

pytestmark = pytest.mark.postgres

ALL = Wanted(cells=9, cheapest=9, gone=9)


def of_gone(**given: Any) -> SeatFilter:
    """The seats that are gone, the last one first."""
    return SeatFilter(event_id=EVENT, currency="USD", state="gone", sort="gone", **given)


async def test_it_is_what_its_parts_are(database: Database, rows: MarketRows) -> None:
    """Figures, cells, and both lists in their order; of each no more than is asked for."""
    a_hall(rows)

    def work(cursor: extensions.cursor) -> tuple[Standing, Standing, Standing]:
        parts = Standing(
            read_summary(cursor, EVENT, "USD"),
            read_cells(cursor, EVENT, "USD", 9),
            read_keys(cursor, SeatFilter(event_id=EVENT, currency="USD")),
            read_keys(cursor, of_gone()),
        )
        few = Wanted(cells=1, cheapest=2, gone=1)
        return (
            parts,
            read_standing(cursor, EVENT, "USD", ALL),
            read_standing(cursor, EVENT, "USD", few),
        )

    parts, found, first = await reading(database, work)

    assert (len(parts.cells), len(parts.cheapest), len(parts.gone)) == (2, 6, 2)
    assert found == parts
    assert first == Standing(parts.summary, parts.cells[:1], parts.cheapest[:2], parts.gone[:1])


async def test_nothing_is_known_of_nothing(database: Database, rows: MarketRows) -> None:
    """No seat, no cell, no key."""
    found = await reading(database, lambda cursor: read_standing(cursor, "none", "USD", ALL))

    assert (found.summary.seats, found.summary.lowest, found.summary.p95) == (0, None, None)
    assert (found.cells, found.cheapest, found.gone) == ([], [], [])


@pytest.mark.parametrize("limit", [1, 2, 6, 7])
async def test_a_page_by_its_keys_is_the_page(
    database: Database, rows: MarketRows, limit: int
) -> None:
    """With where it goes on, of what is on sale and of what is gone."""
    a_hall(rows)

    def work(cursor: extensions.cursor) -> None:
        standing = read_standing(cursor, EVENT, "USD", ALL)
        on_sale = SeatFilter(event_id=EVENT, currency="USD", limit=limit)
        assert read_first(cursor, on_sale, standing.cheapest) == read_seats(cursor, on_sale)
        gone = of_gone(limit=limit)
        assert read_first(cursor, gone, standing.gone) == read_seats(cursor, gone)

    await reading(database, work)


async def test_offers_come_in_the_order_of_their_keys(database: Database, rows: MarketRows) -> None:
    """Those that there are."""
    a_hall(rows)

    def work(cursor: extensions.cursor) -> list[str]:
        keys = read_standing(cursor, EVENT, "USD", ALL).cheapest
        return [place.seat for place in read_places(cursor, [*reversed(keys), b"none"])]

    assert await reading(database, work) == ["7-8", "9", "2", "5", "6", "1"]
