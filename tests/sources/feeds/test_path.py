"""Paths into JSON: where they lead, and which texts are none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.sources.feeds.path import (
    BadPath,
    Found,
    Missing,
    find_items,
    parse_items,
    parse_path,
    whole,
)

ANSWER = {
    "meta": {"currency": "EUR"},
    "products": [
        {"title": "Kettle", "variants": [{"id": 1, "a.b": "x"}, {"id": 2, "bids": [9, 8, 7]}]},
        {"title": "Lamp", "variants": {"red": {"id": 3}}},
        {"title": "Nothing"},
    ],
}


def items(path: str, answer: object = ANSWER) -> list[Found | Missing]:
    return list(find_items(parse_items(path), whole(answer)))


def found(path: str) -> list[Found]:
    return [each for each in items(path) if isinstance(each, Found)]


def test_items_are_in_the_order_of_the_answer() -> None:
    """Elements of lists and members of objects; what has none says so in its place."""
    each = items("$.products[*].variants[*]")

    assert [str(one) if isinstance(one, Missing) else one.where for one in each] == [
        "$.products[0].variants[0]",
        "$.products[0].variants[1]",
        "$.products[1].variants.red",
        "there is no $.products[2].variants",
    ]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        pytest.param("id", [1, 2, 3], id="a member"),
        pytest.param("@.id", [1, 2, 3], id="the same, from the item on"),
        pytest.param("['a.b']", ["x", None, None], id="a name with a dot"),
        pytest.param("bids[0]", [None, 9, None], id="the first"),
        pytest.param("bids[-1]", [None, 7, None], id="the last"),
        pytest.param("bids[3]", [None, None, None], id="behind the last"),
        pytest.param("id.deeper", [None, None, None], id="below a number"),
        pytest.param("^.title", ["Kettle", "Kettle", "Lamp"], id="around the item"),
        pytest.param("^^.meta.currency", ["EUR"] * 3, id="around that"),
        pytest.param("^^^^.meta.currency", ["EUR"] * 3, id="further than there is"),
        pytest.param("$.meta.currency", ["EUR"] * 3, id="from the whole"),
        pytest.param("~", ["0", "1", "red"], id="its name or position"),
        pytest.param("^~", ["0", "0", "1"], id="the name of what is around it"),
    ],
)
def test_a_path_leads_from_an_item(path: str, values: list[object]) -> None:
    """Or nowhere: then there is nothing."""
    read = parse_path(path).read

    assert [read(item) for item in found("$.products[*].variants[*]")] == values


def test_what_is_behind_the_star_is_around_it_too() -> None:
    """`^` is the product, whatever of it the item is."""
    (offer,) = items("$.list[*].best", {"list": [{"best": 1, "of": 2}]})
    assert isinstance(offer, Found)

    assert parse_path("^.of").read(offer) == 2
    assert parse_path("~").read(offer) == "best"


def test_one_item_without_a_star() -> None:
    """An answer that is a single price."""
    (item,) = items("$.meta")
    assert isinstance(item, Found)

    assert parse_path("currency").read(item) == "EUR"
    assert parse_path("$.products[0].title").read(item) == "Kettle"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("$.nothing[*]", id="no list"),
        pytest.param("$.meta.currency[*]", id="a text"),
        pytest.param("$[0]", id="no element of an object"),
    ],
)
def test_an_answer_without_a_place_for_items(path: str) -> None:
    with pytest.raises(Missing):
        items(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a..b", id="a search"),
        pytest.param("a[?x]", id="a condition"),
        pytest.param("a[1:2]", id="a slice"),
        pytest.param("a b", id="a blank"),
        pytest.param("a.", id="an end that is open"),
        pytest.param("a[", id="a bracket"),
        pytest.param("a~", id="a name below something"),
        pytest.param("$.a[*]", id="many values"),
        pytest.param("x" * 501, id="too long"),
    ],
)
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(BadPath):
        parse_path(text)


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_none(text: str) -> None:
    """Nothing else is raised, and a path can be followed from anywhere."""
    try:
        path = parse_path(text)
    except BadPath:
        return
    path.read(found("$.products[*].variants[*]")[0])


ANSWERS = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(ANSWERS)
@settings(max_examples=40)
def test_items_are_no_more_than_values(answer: object) -> None:
    """The work is bounded by the answer."""

    def size(value: object) -> int:
        below = (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        )
        return 1 + sum(map(size, below))

    try:
        count = len(items("$.*.*", answer))
    except Missing:
        return
    assert count < size(answer)
