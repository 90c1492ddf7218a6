"""The list of events, on a real Postgres."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg2 import extensions

from conscope_app.store.market import event_list
from conscope_app.store.market.event_list import EventList, Line, count_query, query, read_events
from conscope_app.store.market.event_list_find import COLUMNS, SORTS, Find, Position, conditions
from conscope_app.store.market.event_list_trends import read_trends
from conscope_app.store.url import connect_arguments
from tests.store.ledgers import Tables
from tests.store.market.listed import AT, HOUR, Listed, a_line

pytestmark = pytest.mark.postgres

MINUTE = timedelta(minutes=1)
WORDS = ("arctic", "arcade", "monkeys", "fire", "live", "2027")
PLACES = ("arena", "arcadia", "garden")


@pytest.fixture
def connection(store_url: str, tables: Tables) -> Iterator[extensions.connection]:
    """Another connection, as a page has one."""
    made = psycopg2.connect(**connect_arguments(store_url, "tests"))
    yield made
    made.close()


def read(connection: extensions.connection, now: datetime = AT, **asked: Any) -> EventList:
    """A page of the list, in a transaction of its own."""
    with connection:
        return read_events(connection, Find(**asked), now)


def names(found: EventList) -> list[str]:
    """What the lines are about."""
    return [each.event_id for each in found.lines]


def test_a_line_says_what_is_known_of_an_event(
    listed: Listed, connection: extensions.connection
) -> None:
    """With its hours, the oldest first, and every currency that it is sold in."""
    listed.line("a", sources=["one", "two"])
    listed.line("a", currency="EUR", lowest=None)
    listed.hours("a", ["95.00", None, "90.00"])

    (line,) = read(connection, currency="USD").lines

    assert (line.sources, line.currencies) == (["one", "two"], ["EUR", "USD"])
    assert (line.lowest, line.change_ratio) == (Decimal("90.00"), Decimal("-0.1"))
    hour = AT.replace(minute=0, second=0)
    assert [(each.at, str(each.lowest)) for each in line.trend] == [
        (hour - 2 * HOUR, "95.00"),
        (hour, "90.00"),
    ]
    assert read(connection, currency="EUR").lines[0].trend == []


def test_only_the_last_day_is_its_trend(listed: Listed, connection: extensions.connection) -> None:
    """The hours that began in it."""
    listed.line("a")
    listed.hours("a", [str(price) for price in range(1, 31)])

    (line,) = read(connection).lines

    assert [int(each.lowest) for each in line.trend] == [*range(7, 31)]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("rad", ["radiohead"], id="the beginning of a word"),
        pytest.param("MADISON Radio", ["radiohead"], id="name and venue, in any case"),
        pytest.param("head", [], id="not the middle of one"),
        pytest.param("o'bri", ["obrien"], id="a quote"),
        pytest.param("AC/DC: l'été \\ 100% & | ! :* ( <-> ö'", ["odd"], id="a whole odd name"),
        pytest.param("ac/d", ["odd"], id="its beginning"),
        pytest.param("ö", ["odd"], id="letters of other alphabets"),
        pytest.param("!!! 🎸", [], id="nothing that is a word"),
    ],
)
def test_searching_is_for_the_beginnings_of_words(
    listed: Listed, connection: extensions.connection, search: str, found: list[str]
) -> None:
    """As a person types them; what Postgres would take for an operator is none."""
    listed.line("radiohead")
    listed.line("obrien", event_name="Conan O'Brien", venue="Here")
    listed.line("odd", event_name="AC/DC: l'été \\ 100% & | ! :* ( <-> ö'", venue="There")

    assert names(read(connection, search=search)) == found


def test_a_venue_is_looked_for_in_venues_only(
    listed: Listed, connection: extensions.connection
) -> None:
    """A band may be called like one."""
    listed.line("here", venue="The Garden")
    listed.line("there", event_name="Garden", venue="Hall 1")

    assert names(read(connection, venue="gard")) == ["here"]
    assert names(read(connection, search="gard", sort="name", order="asc")) == ["there", "here"]


def test_days_are_whole_days(listed: Listed, connection: extensions.connection) -> None:
    """Whether the source names a time or not; an event without a date is on none."""
    for event_id, on in (
        ("before", "2026-04-30T23:59:59Z"),
        ("day", "2026-05-01"),
        ("evening", "2026-05-01T19:30:00+02:00"),
        ("blank", "2026-05-01 21:00"),
        ("after", "2026-05-02"),
        ("unknown", None),
    ):
        listed.line(event_id, event_date=on)
    day = date(2026, 5, 1)

    found = read(connection, date_from=day, date_to=day, sort="date", order="asc")

    assert names(found) == ["day", "blank", "evening"]


def test_what_is_not_known_comes_last_in_either_direction(
    listed: Listed, connection: extensions.connection
) -> None:
    """Whoever looks for the highest change does not want to read dashes first."""
    for event_id, change in (("none", None), ("up", "0.2"), ("down", "-0.2"), ("also", None)):
        listed.line(event_id, change_ratio=change)

    up = read(connection, sort="change", order="asc")
    down = read(connection, sort="change", order="desc")

    assert names(up) == ["down", "up", "none", "also"]
    assert names(down) == ["up", "down", "also", "none"]


def test_the_total_is_exact_up_to_a_bound(
    listed: Listed, connection: extensions.connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting a million lines for one number is not worth it."""
    monkeypatch.setattr(event_list, "COUNTED_UP_TO", 3)
    for number in range(4):
        listed.line(str(number), lowest=number)

    few, many = read(connection, price_to=Decimal(2)), read(connection)

    assert (few.total, few.is_total_exact) == (3, True)
    assert (many.total, many.is_total_exact) == (3, False)


def test_an_empty_list_says_that_nothing_was_ever_refreshed(
    listed: Listed, connection: extensions.connection
) -> None:
    """Which is another thing than a filter that nothing meets."""
    empty = read(connection)
    listed.line()
    unmet = read(connection, currency="CHF")

    assert (empty.lines, empty.refreshed_at) == ([], None)
    assert (unmet.lines, unmet.total, unmet.next) == ([], 0, None)
    assert unmet.refreshed_at == AT - timedelta(seconds=1)


def some_lines() -> list[dict[str, Any]]:
    """Lines with few different values, so that many share one, and some have none."""
    random = Random(7)
    maybe = random.choice
    return [
        a_line(
            f"evt-{number // 2}",
            currency=("USD", "EUR")[number % 2],
            event_name=" ".join(random.choices(WORDS, k=2)),
            venue=maybe(PLACES),
            event_date=maybe((None, "2026-05-01", "2026-05-01T20:00", "2026-05-02", "2026-06-01")),
            sources=random.sample(("one", "two", "three"), k=random.randint(1, 3)),
            seats_on_sale=maybe((0, 1, 2)),
            lowest=maybe((None, "1.00", "1.5", "20.00")),
            change_ratio=maybe((None, "-0.5", "0", "0.125")),
            last_drop_at=maybe((None, *(AT - minutes * MINUTE for minutes in (1, 9, 11)))),
            last_seen_at=AT - maybe((1, 2, 3)) * MINUTE,
        )
        for number in range(80)
    ]


def meets(line: dict[str, Any], asked: Find) -> bool:
    """What the conditions say, without SQL."""

    def holds(text: str, words: str | None) -> bool:
        has = re.findall(r"\w+", text)
        return all(any(h.startswith(w) for h in has) for w in (words or "").split())

    day, lowest = (line["event_date"] or "")[:10], line["lowest"]
    return (
        holds(f"{line['event_name']} {line['venue']}", asked.search)
        and holds(line["venue"], asked.venue)
        and asked.source in (None, *line["sources"])
        and asked.currency in (None, line["currency"])
        and (asked.date_from is None or (day != "" and day >= asked.date_from.isoformat()))
        and (asked.date_to is None or (day != "" and day <= asked.date_to.isoformat()))
        and (asked.price_from is None or (lowest and Decimal(lowest) >= asked.price_from))
        and (asked.price_to is None or (lowest and Decimal(lowest) <= asked.price_to))
        and (not asked.is_dropping or (line["last_drop_at"] or AT - HOUR) > AT - 10 * MINUTE)
    )


def sorted_by(lines: list[tuple[int, dict[str, Any]]], asked: Find) -> list[int]:
    """The numbers of the lines in their order."""
    named = {"name": "event_name", "venue": "venue", "date": "event_date"}
    column = named.get(asked.sort, COLUMNS[asked.sort].name)

    def value(line: dict[str, Any]) -> Any:
        found = line[column]
        return Decimal(found) if column in ("lowest", "change_ratio") and found else found

    def key(each: tuple[int, dict[str, Any]]) -> Any:
        return (value(each[1]), each[0])

    backwards = asked.order == "desc"
    known = [each for each in lines if value(each[1]) is not None]
    unknown = [number for number, line in lines if value(line) is None]
    return [
        *(number for number, _ in sorted(known, key=key, reverse=backwards)),
        *sorted(unknown, reverse=backwards),
    ]


def beginnings(words: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    """Nothing, or one or two words of which the end is missing."""
    cut = st.builds(lambda word, length: word[:length], st.sampled_from(words), st.integers(1, 7))
    return st.none() | st.lists(cut, min_size=1, max_size=2).map(" ".join)


days = st.none() | st.sampled_from([date(2026, 5, 1), date(2026, 5, 2), date(2026, 7, 1)])
prices = st.none() | st.sampled_from([Decimal(0), Decimal("1.50"), Decimal(20)])
questions = st.builds(
    Find,
    search=st.none() | beginnings((*WORDS, *PLACES)),
    venue=st.none() | beginnings(PLACES),
    source=st.sampled_from([None, None, "one", "three", "four"]),
    currency=st.sampled_from([None, None, "USD", "CHF"]),
    date_from=days,
    date_to=days,
    price_from=prices,
    price_to=prices,
    is_dropping=st.booleans(),
    sort=st.sampled_from(SORTS),
    order=st.sampled_from(["asc", "desc"]),
    limit=st.integers(1, 30),
)


def test_paging_gives_each_line_once_and_in_order(
    listed: Listed, connection: extensions.connection
) -> None:
    """By any order, with any filter, in pages of any size."""
    lines = some_lines()
    for line in lines:
        listed.line(**line)

    def paged(asked: Find) -> Iterator[Line]:
        while True:
            with connection:
                page = read_events(connection, asked, AT)
            assert len(page.lines) <= asked.limit
            yield from page.lines
            if page.next is None:
                return
            asked = replace(asked, after=page.next)

    @settings(max_examples=80)
    @given(asked=questions)
    def holds(asked: Find) -> None:
        found = [(each.event_id, each.currency) for each in paged(asked)]

        met = [(number, line) for number, line in enumerate(lines) if meets(line, asked)]
        expected = [lines[number] for number in sorted_by(met, asked)]
        assert found == [(each["event_id"], each["currency"]) for each in expected]

    holds()


def test_a_line_that_moves_meanwhile_is_neither_lost_nor_shown_twice_by_others(
    listed: Listed, connection: extensions.connection
) -> None:
    """The list goes on from a place in the order, not from a number of lines."""
    for price in range(10):
        listed.line(str(price), lowest=price)
    first = read(connection, sort="lowest", order="asc", limit=4)
    listed.line("new", lowest="0.5")

    rest = read(connection, sort="lowest", order="asc", after=first.next)

    assert names(first) + names(rest) == [str(price) for price in range(10)]


AFTERS = {
    "text": Position("band 7", 5),
    "numeric": Position(Decimal("0.1"), 5),
    "bigint": Position(20, 5),
    "timestamptz": Position(AT - 90 * MINUTE, 5),
}
ASKED = {
    "all": Find(),
    "search": Find(search="band 4"),
    "source": Find(source="source-3"),
    "venue": Find(venue="hall 9"),
    "dates": Find(date_from=date(2026, 6, 1), date_to=date(2026, 6, 30)),
    "prices": Find(price_from=Decimal(10), price_to=Decimal(20)),
    "currency": Find(currency="USD"),
    "dropping": Find(is_dropping=True),
}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_no_page_of_the_list_is_read_without_an_index(
    listed: Listed, tables: Tables, connection: extensions.connection, order: Any
) -> None:
    """By any order, with each filter, from the beginning, the middle, and among the unknown."""
    listed.many(3_000)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sort, column in COLUMNS.items():
            for asked, find in ASKED.items():
                find = replace(find, sort=sort, order=order)
                met = conditions(cursor, find, AT)
                assert "Seq Scan" not in plan_of(cursor, *count_query(find, met))
                for after in (None, AFTERS[column.type], Position(None, 5)):
                    for part in event_list._parts(replace(find, after=after)):
                        plan = plan_of(cursor, *query(find, [*met, part], 50))
                        assert "Seq Scan" not in plan, plan
                        assert "market_now_pkey" in plan, plan
                        if asked == "all":  # nothing is sorted: the order is the index's own
                            assert f"event_markets_{column.name}" in plan, plan
                            assert f"Sort Key: m.{column.name}" not in plan, plan


def test_trends_are_read_by_their_indexes(
    listed: Listed, connection: extensions.connection
) -> None:
    """The series by its key, its hours by the primary key."""
    listed.line()
    listed.hours("evt-1", ["1"] * 24)

    class Explaining:
        """A cursor that has its statement explained."""

        def __init__(self, cursor: extensions.cursor) -> None:
            self._cursor = cursor
            self.plan = ""

        def execute(self, statement: str, values: Any) -> None:
            self.plan = plan_of(self._cursor, statement, values)

        def fetchall(self) -> list[Any]:
            return []

    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        explaining = Explaining(cursor)
        read_trends(explaining, [(["evt-1"], "USD")], AT)  # type: ignore[arg-type]  # what it uses
    assert "price_series_key" in explaining.plan
    assert "price_spans_pkey" in explaining.plan


def plan_of(cursor: extensions.cursor, statement: str, values: Any) -> str:
    """What Postgres would do."""
    cursor.execute(f"EXPLAIN {statement}", values)
    return "\n".join(line for (line,) in cursor.fetchall())
