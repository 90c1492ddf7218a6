"""What an address asks, read by the fields of a struct."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request
from faust.web import Request
from msgspec import Meta, inspect

from web.problems import Problem
from web.queries import kind_in_words, must_be_known, query_of


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of each kind."""

    name: str
    short: Annotated[str, Meta(min_length=1, max_length=3)] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 20
    ratio: Annotated[float, Meta(ge=0, le=1)] | None = None
    at_most: Decimal | None = None
    since: datetime | None = msgspec.field(name="from", default=None)
    day: date | None = None
    is_new: bool = False
    order: Literal["up", "down"] = "up"
    source: list[Annotated[str, Meta(max_length=9)]] = []


def request_for(query: str) -> Request:
    """A request with that query."""
    return cast("Request", make_mocked_request("GET", f"/?{query}"))


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        pytest.param("", "limit", 20, id="what is left out"),
        pytest.param("limit=007", "limit", 7, id="digits"),
        pytest.param("short=abc", "short", "abc", id="a text"),
        pytest.param("short=%F0%9F%8E%AB%20", "short", "🎫 ", id="as it stands"),
        pytest.param("ratio=0.5", "ratio", 0.5, id="a number"),
        pytest.param("at_most=12.50", "at_most", Decimal("12.50"), id="an amount"),
        pytest.param("day=2027-01-31", "day", date(2027, 1, 31), id="a day"),
        pytest.param("is_new=true", "is_new", True, id="a flag"),
        pytest.param("order=down", "order", "down", id="a choice"),
        pytest.param("source=a&source=b", "source", ["a", "b"], id="a list"),
        pytest.param("source=a", "source", ["a"], id="a list of one"),
        pytest.param("from=2027-01-31T12:00:00", "since", datetime(2027, 1, 31, 12, tzinfo=UTC)),
        pytest.param(
            "from=2027-01-31T12:00:00+01:00", "since", datetime(2027, 1, 31, 11, tzinfo=UTC)
        ),
    ],
)
def test_a_parameter_is_read_as_what_it_is(query: str, field: str, value: Any) -> None:
    """Whether it is an int, a moment (in UTC where it does not say), a list, or left out."""
    assert getattr(query_of(request_for(f"name=null&{query}"), Asked), field) == value


def test_a_text_is_never_anything_else() -> None:
    """The word null is a word."""
    assert query_of(request_for("name=null&short=1"), Asked) == Asked(name="null", short="1")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "limit is a whole number from 1 to 500."),
        ("limit=+1", "limit is a whole number from 1 to 500."),
        ("limit=1.0", "limit is a whole number from 1 to 500."),
        (f"limit={'9' * 5_000}", "limit is a whole number from 1 to 500."),
        ("ratio=nan", "ratio is a number from 0 to 1."),
        ("ratio=2", "ratio is a number from 0 to 1."),
        ("at_most=Infinity", "at_most is a number."),
        ("at_most=1e9", "at_most is a number."),
        ("short=abcd", "short is one text from 1 to 3 letters long."),
        ("from=yesterday", "from is a moment: 2027-01-31T12:00:00Z."),
        ("from=0001-01-01T00:00:00Z", "from is a moment: 2027-01-31T12:00:00Z."),
        ("from=9999-12-31T23:59:59Z", "from is a moment: 2027-01-31T12:00:00Z."),
        ("day=2027-02-31", "day is a day: 2027-01-31."),
        ("is_new=yes", "is_new is true or false."),
        ("order=left", "order is down or up."),
        (
            "source=a&source=abcdefghij",
            "source is one text from 0 to 9 letters long, as often as it is given.",
        ),
        ("limit=1&limit=2", "limit can be given once."),
        ("Limit=1", "There is no parameter Limit; did you mean limit?"),
    ],
)
def test_what_cannot_be_read_is_refused(query: str, sentence: str) -> None:
    """By its name, in a sentence that says what can."""
    with pytest.raises(Problem) as refused:
        query_of(request_for(f"name=x&{query}"), Asked)

    assert [each.detail for each in refused.value.errors] == [sentence]


def test_what_has_to_be_given_is_missed() -> None:
    """Beside all else that is wrong."""
    with pytest.raises(Problem) as refused:
        query_of(request_for("limit=0"), Asked)

    assert {each.field for each in refused.value.errors} == {"name", "limit"}


@pytest.mark.parametrize(
    ("query", "amiss"),
    [
        pytest.param("limit=&order=left", set(), id="values are the page's affair"),
        pytest.param("source=a&source=b", set(), id="a list"),
        pytest.param("limt=1", {"limt"}, id="a slip"),
        pytest.param("limit=1&limit=2&x", {"limit", "x"}, id="twice"),
    ],
)
def test_a_page_that_reads_its_query_has_the_names_checked(query: str, amiss: set[str]) -> None:
    """What there is no parameter for, and what is given too often."""
    try:
        must_be_known(request_for(query), Asked)
    except Problem as problem:
        assert {each.field for each in problem.errors} == amiss
    else:
        assert amiss == set()


def test_what_no_address_can_say_cannot_be_declared() -> None:
    """A mistake of ours, which the document's test finds."""
    with pytest.raises(TypeError, match="no parameter can be"):
        kind_in_words(inspect.type_info(dict[str, int]))
