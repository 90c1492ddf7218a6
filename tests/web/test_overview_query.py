"""What an address asks of the list of events."""

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec.structs import replace

from conscope_app.store.market.event_list_find import Find, Position
from web.cursors import cursor_of
from web.overview_query import address, asked_by, cursor_behind

EVERYTHING = {
    "search": "ar mon",
    "source": "seatgeek",
    "venue": "o2",
    "date_from": "2026-05-01",
    "date_to": "2026-05-01",
    "price_from": "10",
    "price_to": "99.50",
    "currency": "eur",
    "dropping": "true",
    "sort": "lowest",
    "order": "desc",
    "limit": "7",
}


def test_nothing_asked_is_everything_with_the_last_drop_first() -> None:
    """Fields that were sent empty, as a form does, ask for nothing."""
    assert asked_by({}) == asked_by(dict.fromkeys(EVERYTHING, " "))

    asked = asked_by({})
    assert asked.find == Find(sort="last_drop", order="desc", limit=50)
    assert (asked.words, asked.amiss, asked.is_filtered) == ({}, {}, False)


def test_every_field_is_understood() -> None:
    """And the words that it was said in are kept."""
    asked = asked_by(EVERYTHING)

    assert asked.find == Find(
        search="ar mon",
        source="seatgeek",
        venue="o2",
        date_from=date(2026, 5, 1),
        date_to=date(2026, 5, 1),
        price_from=Decimal(10),
        price_to=Decimal("99.50"),
        currency="EUR",
        is_dropping=True,
        sort="lowest",
        order="desc",
        limit=7,
    )
    assert (asked.words, asked.amiss, asked.is_filtered) == (EVERYTHING, {}, True)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("search", "!!!", "holds no word to look for"),
        ("search", "x" * 201, "has more than 200 characters"),
        ("search", "a\0b", "holds a character that is none"),
        ("venue", "\ud800a", "holds a character that is none"),
        ("source", "x" * 513, "has more than 512 characters"),
        ("date_from", "2026-02-30", "is not a day, such as 2027-01-31"),
        ("date_to", "20260501", "is not a day, such as 2027-01-31"),
        ("date_to", "٢٠٢٦-05-01", "is not a day, such as 2027-01-31"),
        ("price_from", "-1", "is not an amount, such as 12.50"),
        ("price_to", "1e9", "is not an amount, such as 12.50"),
        ("price_to", "NaN", "is not an amount, such as 12.50"),
        ("price_to", "9" * 17, "is not an amount, such as 12.50"),
        ("currency", "$", "is not a currency's code, such as USD"),
        ("dropping", "perhaps", "is true or false"),
        ("sort", "id", "is one of name, venue, date, lowest, change, seats, last_drop, last_seen"),
        ("order", "up", "is one of asc, desc"),
        ("limit", "0", "is not a whole number from 1 to 200"),
        ("limit", "201", "is not a whole number from 1 to 200"),
        ("after", "nonsense", "is not the `next` of this list in this order"),
    ],
)
def test_what_is_amiss_is_said_of_its_field_and_the_rest_is_understood(
    name: str, text: str, sentence: str
) -> None:
    """A page shows what it can."""
    asked = asked_by({"currency": "USD", "price_from": "1"} | {name: text})

    assert asked.amiss == {name: sentence}
    assert asked.find == Find(
        currency=None if name == "currency" else "USD",
        price_from=None if name == "price_from" else Decimal(1),
    )


def test_an_end_before_its_beginning_is_left_out() -> None:
    """The beginning holds."""
    asked = asked_by(
        {"date_from": "2026-05-02", "date_to": "2026-05-01", "price_from": "2", "price_to": "1"}
    )

    assert asked.amiss == {
        "date_to": "is before the first day",
        "price_to": "is below the other amount",
    }
    assert asked.find == Find(date_from=date(2026, 5, 2), price_from=Decimal(2))


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("name", "taylor swift"),
        ("date", None),
        ("lowest", Decimal("12.50")),
        ("change", Decimal("-0.3333333333333333333")),
        ("seats", 0),
        ("last_drop", datetime(2026, 3, 1, 12, 30, 0, 250_000, UTC)),
        ("last_drop", None),
    ],
)
def test_a_cursor_is_understood_in_its_own_order_only(sort: str, value: object) -> None:
    """In another one it would point anywhere."""
    position = Position(value, 7)  # type: ignore[arg-type]  # as the rows above say
    here = asked_by({"sort": sort, "order": "asc"}).find
    cursor = cursor_behind(here, position)

    assert asked_by({"sort": sort, "order": "asc", "after": cursor}).find.after == position
    for other in ({"sort": sort, "order": "desc"}, {"sort": "venue", "order": "asc"}):
        asked = asked_by({**other, "after": cursor})
        assert asked.find == replace(here, sort=other["sort"], order=other["order"])
        assert "after" in asked.amiss


@pytest.mark.parametrize(
    ("sort", "position"),
    [
        ("lowest", ("lowest", "asc", "1e999999", 7)),
        ("lowest", ("lowest", "asc", "1e-999999", 7)),
        ("lowest", ("lowest", "asc", "NaN", 7)),
        ("lowest", ("lowest", "asc", "1", 2**63)),
        ("lowest", ("lowest", "asc", "1", 0)),
        ("name", ("name", "asc", None, 7)),
        ("name", ("name", "asc", "a\0", 7)),
        ("seats", ("seats", "asc", 2**63, 7)),
        ("last_drop", ("last_drop", "asc", "2026-03-01T00:00:00", 7)),
        ("name", ("name", "asc", "x")),
        ("name", {"a": 1}),
    ],
)
def test_a_cursor_that_nobody_was_given_is_none(sort: str, position: object) -> None:
    """Whatever it holds, the database is not asked about it."""
    asked = asked_by({"sort": sort, "order": "asc", "after": cursor_of(position)})

    assert asked.amiss == {"after": "is not the `next` of this list in this order"}


def test_an_address_says_what_is_asked_and_no_more() -> None:
    """Changes included; whatever the words hold."""
    words = {"search": "a&b=ü/ %", "after": "x"}

    assert address({}) == "/"
    assert address(words, after=None, sort="name") == ("/?search=a%26b%3D%C3%BC%2F+%25&sort=name")
    assert address({"sort": "last_drop", "order": "desc", "limit": "7"}) == "/?limit=7"
    assert address({"sort": "name", "order": "desc"}) == "/?sort=name&order=desc"
    query = dict(parse_qsl(urlsplit(address(words)).query))
    assert asked_by(query).words == words
