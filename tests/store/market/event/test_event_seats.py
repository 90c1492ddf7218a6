"""The seats of an event as they are read, on the real Postgres."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

import pytest

from conscope_app.domains.tickets.seating.orders import section_order
from conscope_app.domains.tickets.seating.rows import row_order
from conscope_app.store.engine import Database
from conscope_app.store.market.event_seats import (
    SeatFilter,
    Sort,
    read_by_keys,
    read_keys,
    read_seats,
)
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall, reading
from tests.web.reports import NOW

pytestmark = pytest.mark.postgres


async def places(database: Database, **asked: Any) -> list[str]:
    """Section and seat of those that are asked for."""
    wanted = SeatFilter(event_id=EVENT, currency="USD", **asked)
    found = await reading(database, lambda cursor: read_seats(cursor, wanted))
    return [f"{each.section} {each.seat}" for each in found.seats]


async def test_on_sale_is_what_its_source_still_names(database: Database, rows: MarketRows) -> None:
    """Half an hour of silence of a seat while its source speaks, or none left, and it is gone.

    A source that speaks of nothing any more takes no seat away.
    """
    a_hall(rows)

    assert await places(database) == ["102 1", "102 6", "102 5", "102 2", "Floor 9", "Floor 7-8"]
    assert await places(database, state="gone", sort="gone") == ["102 3", "102 4"]


async def test_seats_are_narrowed_by_what_is_asked(database: Database, rows: MarketRows) -> None:
    """By section, source and price, all of them at once too; of another currency are others."""
    a_hall(rows)

    assert await places(database, section="Floor") == ["Floor 9", "Floor 7-8"]
    assert await places(database, source="mock-simulated") == ["102 2"]
    assert await places(database, at_least=Decimal(85), at_most=Decimal(90)) == ["102 6", "102 5"]
    assert await places(database, section="Floor", at_most=Decimal(100)) == ["Floor 9"]
    assert await places(database, section="Floor' OR true --") == []


async def test_a_section_is_asked_for_in_any_spelling(database: Database, rows: MarketRows) -> None:
    """All of its seats, and no other's, in the order of sections and rows."""
    rows.event()
    rows.source()
    for number, (section, row) in enumerate(
        [
            *(("101W", "1"), ("Sec 101", "12"), ("101", "9"), ("101", "AA"), ("SEC. 101", "Z")),
            *(("99", "1"), ("Section 9", "Row 2"), ("Club 101", "1")),
        ]
    ):
        rows.seat(str(number), "10.00", section=section, row=row)

    for asked in ("101", "section 101"):
        found = await places(database, section=asked, sort="section")
        assert found == ["SEC. 101 4", "101 3", "101 2", "Sec 101 1"]
    assert await places(database, section="101W") == ["101W 0"]
    assert await places(database, sort="section") == [
        *("Section 9 6", "99 5", "SEC. 101 4", "101 3", "101 2", "Sec 101 1", "101W 0"),
        "Club 101 7",
    ]


async def test_by_section_seats_stand_as_the_pages_have_them(
    database: Database, rows: MarketRows
) -> None:
    """Postgres sorts as Python does: any spelling, any alphabet, any sign; venues' habits count."""
    signs = ("é", "Z", "\U0001f3b8", "\uffff", "\x01", "\x01\x02", "\x7f", "ß", "ä 9", "a 10", "")
    sections = ("Sektor 7", "Block 8", "SCTN 6", "Lower Level 101", "101", "LL 99", *signs)
    rows.event(venue="Madison Square Garden")
    rows.source()
    for number, (section, row) in enumerate(product(sections, ("Row 12", "AA", "B", *signs))):
        rows.seat(str(number), "10.00", section=section, row=row)
    wanted = SeatFilter(event_id=EVENT, currency="USD", sort="section", limit=500)
    found = await reading(database, lambda cursor: read_seats(cursor, wanted))

    seats = [(each.section, each.row) for each in found.seats]
    house = "Madison Square Garden"
    expected = sorted(
        seats, key=lambda seat: (section_order(seat[0], house), row_order(seat[1], house))
    )
    assert len(seats) == len(sections) * (3 + len(signs))
    assert seats == expected


@pytest.mark.parametrize(
    "sort", ["price", "-price", "change", "-change", "newest", "oldest", "section", "gone"]
)
async def test_a_list_goes_on_where_a_page_ended(
    database: Database, rows: MarketRows, sort: Sort
) -> None:
    """In every order, with equals among them: each seat once, in the order of the whole list."""
    rows.event()
    rows.source()
    for number in range(7):
        rows.seat(
            str(number),
            f"{10 + number // 2}.00",
            first_price=f"{12 + number // 3}.00",
            section=f"{number // 4}",
            first_seen_at=NOW - timedelta(hours=number // 2),
            last_seen_at=NOW - timedelta(microseconds=number // 2),
        )
    whole = SeatFilter(event_id=EVENT, currency="USD", sort=sort)
    seen, after = [], None
    for _ in range(4):
        part = SeatFilter(event_id=EVENT, currency="USD", sort=sort, limit=2, after=after)
        page = await reading(database, partial(read_seats, asked=part))
        seen += page.seats
        after = page.next

    at_once = await reading(database, lambda cursor: read_seats(cursor, whole))
    assert after is None
    assert seen == at_once.seats
    assert len({each.seat for each in seen}) == 7


async def test_many_seats_are_read_by_their_keys(database: Database, rows: MarketRows) -> None:
    """In the order of the list; one that is there no more is left out."""
    a_hall(rows)
    wanted = SeatFilter(event_id=EVENT, currency="USD", sort="-price", limit=3)
    keys = await reading(database, lambda cursor: read_keys(cursor, wanted))
    rows.tables.run("DELETE FROM seats WHERE seat = '9'")
    found = await reading(database, lambda cursor: read_by_keys(cursor, keys))

    assert len(keys) == 3
    assert [each.seat for each in found] == ["7-8", "2"]
