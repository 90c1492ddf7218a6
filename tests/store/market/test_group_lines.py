"""An event that is known under several ids has one line, and several again once that is undone."""

from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from random import Random

import psycopg2
import pytest

from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.store.alerts.named_events import NamedEvents, events_asked, named_events
from conscope_app.store.engine import Connection, Database
from conscope_app.store.market.event_facts import read_markets
from conscope_app.store.market.event_list import Line, Said
from conscope_app.store.market.event_list_find import Find
from conscope_app.store.matches.rulings import Contradicted, NotGrouped, Rulings
from conscope_app.store.tickets.market_reading import read_seats_on_sale
from conscope_app.store.url import connect_arguments
from tests.store.ledgers import AT, Tables
from tests.store.market.histories import NOW
from tests.store.market.one_event import Sales
from tests.store.market.rolling import Rolling
from tests.store.snapshots import a_market, store

pytestmark = pytest.mark.postgres

A, B, C = "seatgeek-1", "ticketmaster-1", "vivid-1"
DAY = timedelta(days=1)


@pytest.fixture
def sales(database: Database, tables: Tables) -> Sales:
    """Nothing is sold at first."""
    return Sales(database, tables)


def ids(lines: list[Line]) -> list[tuple[str, str | None, list[str]]]:
    """What the lines are about."""
    return [(each.event_id, each.currency, each.members) for each in lines]


async def test_two_ids_of_one_event_are_one_line(sales: Sales, rolling: Rolling) -> None:
    """The lowest and highest of both, the seats of the one that has more, and nothing is a sum."""
    await sales.seats(A, [90, 80], observed_at=NOW - DAY)
    await sales.seats(A, [70, 95], kind="drop", old_price=100)
    await sales.seats(B, [60, 100, 200], observed_at=NOW - DAY)
    await sales.seats(B, [65, 90, 210], kind="drop", old_price=100)
    apart = {each.event_id: each for each in await rolling.lines()}
    await sales.merge(A, B)
    (line,) = await rolling.lines()

    assert set(apart) == {A, B}
    assert (line.event_id, line.members) == (A, [A, B])
    assert line.sources == ["seatgeek", "ticketmaster"]
    assert (line.lowest, line.highest, line.lowest_day_ago) == (65, 210, 60)
    assert line.change_ratio == Decimal("0.083333")
    assert (line.seats_on_sale, line.seats_seen, line.median) == (3, 3, 90)
    assert (line.drops, line.last_drop_at) == (3, NOW)
    assert (line.first_seen_at, line.last_seen_at) == (NOW - DAY, NOW)
    assert [each.lowest for each in line.trend] == [65]


async def test_undone_it_is_two_lines_again_as_before(sales: Sales, rolling: Rolling) -> None:
    """With the next look, though no price has come."""
    await sales.seats(A, [70])
    await sales.seats(B, [60, 100], currency="EUR")
    before = await rolling.lines()
    await sales.merge(A, B)
    as_one = await rolling.lines()
    await sales.split(B)
    after = await rolling.lines()

    assert ids(as_one) == [(A, "USD", [A, B]), (B, "EUR", [B, A])]
    assert [each.currencies for each in as_one] == [["EUR", "USD"]] * 2
    assert after == before
    assert await rolling.listed(Find(source="seatgeek")) == before[:1]


@pytest.mark.parametrize(
    "find",
    [
        Find(search="wilco"),
        Find(search="jeff tweedy"),
        Find(search="wilco shed"),
        Find(search="theatre"),
        Find(venue="shed"),
        Find(venue="riviera"),
        Find(source="seatgeek"),
        Find(source="ticketmaster"),
        Find(price_to=Decimal(60), sort="lowest"),
        Find(sort="date"),
        Find(is_dropping=True),
    ],
)
async def test_it_is_found_by_what_any_source_calls_it(
    sales: Sales, rolling: Rolling, find: Find
) -> None:
    """Once: by either name, venue or source, by the price of either, and as one that drops."""
    await sales.seats(A, [70], kind="drop", old_price=80)
    await sales.seats(B, [60])
    sales.called(A, "Wilco", "The Salt Shed", None)
    sales.called(B, "An evening with Jeff Tweedy's band", "Riviera Theatre")
    await sales.merge(A, B)
    await rolling.lines()
    (line,) = await rolling.listed(find)

    assert (line.event_id, line.event_name, line.venue) == (A, "Wilco", "The Salt Shed")
    assert line.event_date == "2026-12-24"
    assert await rolling.listed(Find(search="wilco", venue="aragon")) == []


async def test_the_same_one_stands_for_it_whatever_is_on_sale(
    sales: Sales, rolling: Rolling
) -> None:
    """The one that the group is called as; in a currency of which it has no seats, another one."""
    await sales.seats(A, [70])
    await sales.seats(B, [60, 61, 62])
    await sales.seats(C, [50], currency="EUR")
    await sales.merge(A, B)
    await sales.merge(B, C)
    first = await rolling.lines()
    await sales.seats(B, [30] * 9)
    second = await rolling.lines()
    await sales.split(A)
    third = await rolling.lines()

    assert ids(first) == ids(second) == [(A, "USD", [A, B, C]), (C, "EUR", [C, A, B])]
    assert [each.seats_on_sale for each in second] == [9, 1]
    assert ids(third) == [(A, "USD", [A]), (B, "USD", [B, C]), (C, "EUR", [C, B])]


async def test_where_single_seats_are_known_sums_are_no_line_of_their_own(
    database: Database, sales: Sales, rolling: Rolling
) -> None:
    """In none of their currencies; their source, names and status are the line's too."""
    sums = {"currency": "EUR", "lowest": Decimal(35), "basis": "face_value"}
    said = {"event_id": B, "source": "ticketmaster", "availability": "none_left"}
    await store(database, a_market(0, **sums, **said))
    await sales.seats(A, [80])
    await rolling.lines()
    await sales.merge(A, B)
    (line,) = await rolling.lines()

    assert (line.event_id, line.currency, line.members) == (A, "USD", [A, B])
    assert (line.of_snapshots, line.lowest, line.currencies) == (False, 80, ["USD"])
    assert line.sources == ["seatgeek", "ticketmaster"]
    assert line.said == Said("on_sale", "none_left", None, "face_value")
    assert await rolling.listed(Find(search="concert")) == [line]


async def test_of_sums_alone_the_cheapest_are_the_lines(
    database: Database, rolling: Rolling, sales: Sales
) -> None:
    """A source that names no price, and so no currency, is no line beside one that does."""
    silent = a_market(0, event_id=A, source="ticketmaster", lowest=None)
    cheap = {"currency": "USD", "lowest": Decimal(35), "median": Decimal(50), "basis": "all_in"}
    dear = {"currency": "USD", "lowest": Decimal(40), "median": Decimal(45), "basis": "listed"}
    await store(
        database,
        silent,
        a_market(1, event_id=B, source="seatgeek", **cheap),
        a_market(2, event_id=C, source="vivid", **dear),
    )
    before = await rolling.lines()
    await sales.merge(A, B)
    await sales.merge(B, C)
    (line,) = await rolling.lines()

    assert sorted(each.currency or "" for each in before) == ["", "USD", "USD"]
    assert (line.currency, line.of_snapshots, line.lowest, line.median) == ("USD", True, 35, 50)
    assert line.said is not None and line.said.basis == "all_in"
    assert line.members == [B, A, C]
    assert line.last_seen_at == AT + timedelta(minutes=2)


async def test_an_event_that_is_not_listed_yet_joins_with_its_first_line(
    sales: Sales, rolling: Rolling
) -> None:
    """Until then the other one's line stays its own."""
    await sales.seats(A, [70])
    await rolling.lines()
    await sales.seats(B, [60])
    await sales.merge(A, B)

    assert ids(await rolling.listed()) == [(A, "USD", [A])]
    assert ids(await rolling.lines()) == [(A, "USD", [A, B])]


async def test_each_event_has_its_own_figures_everywhere_else(
    database: Database, sales: Sales, rolling: Rolling
) -> None:
    """On its page and beside others, and among drops its own name: the line is the list's alone."""
    await sales.seats(A, [70, 90])
    await sales.seats(B, [60])
    sales.called(B, "Tweedy", "Shed")
    await sales.merge(A, B)
    await rolling.lines()

    def read(connection: Connection) -> list[object]:
        with connection.cursor() as cursor:
            seats = read_seats_on_sale(cursor, [A, B])
            return [
                [each.seats_on_sale for each in read_markets(cursor, A)],
                [(each.event_id, each.seats_on_sale) for each in seats],
                named_events(cursor, "tweedy").ids,
                events_asked(cursor, A, "tweedy"),
            ]

    assert await database.run(read) == [
        [2],
        [(A, 2), (B, 1)],
        [B],
        NamedEvents([], is_cut=False),
    ]


async def test_a_ruling_that_is_not_committed_yet_is_waited_for(
    sales: Sales, rolling: Rolling, store_url: str
) -> None:
    """News that were there before it are not taken without it: nobody would tell of it again."""
    await sales.seats(A, [70])
    await sales.seats(B, [60])
    await rolling.roll_ups.look()
    await sales.seats(A, [71])
    await rolling.roll_ups.fold()
    person = psycopg2.connect(**connect_arguments(store_url, "a person"))
    try:
        Rulings(person, aliases=aliases_with(), now=NOW).merge(A, B, by="Ada", why="")
        assert await rolling.roll_ups.refresh() == 0
        person.commit()
    finally:
        person.close()

    await rolling.roll_ups.refresh()
    assert ids(await rolling.listed()) == [(A, "USD", [A, B])]


async def test_whatever_was_said_in_between_the_list_is_as_if_made_anew(
    sales: Sales, rolling: Rolling, tables: Tables
) -> None:
    """Six events merged and parted by chance: no event is ever in two lines, or in none."""
    chance = Random(11)
    events = [f"source{each}-1" for each in range(6)]
    for event_id in events:
        prices = [chance.randrange(40, 60) for _ in range(chance.randrange(1, 4))]
        await sales.seats(event_id, prices, currency=chance.choice(("USD", "EUR")))
    for turn in range(12):
        one, other = chance.choice([*combinations(events, 2)])
        try:
            await (sales.merge(one, other) if chance.random() < 0.7 else sales.split(one))
        except (Contradicted, NotGrouped):
            await sales.keep_apart(one, other)
        if chance.random() < 0.5:
            await sales.seats(other, [chance.randrange(40, 60)])
        lines = await rolling.lines()

        groups = {frozenset(each.members) for each in lines}
        assert sorted(each for group in groups for each in group) == sorted(events)
        said = tables.run("SELECT array_agg(event_id) FROM event_match_members GROUP BY group_id")
        assert {each for each in groups if len(each) > 1} == {frozenset(each) for (each,) in said}
        if turn % 4 == 3:
            await rolling.make_anew()
            assert await rolling.listed() == lines
