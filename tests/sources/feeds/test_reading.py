"""What the documented feeds make of their interfaces' answers: coins, a shop, flights."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.sources.adapter import Misread, Reading
from tests.sources.feeds.documented import (
    COINS,
    FLIGHTS,
    RECEIVED_AT,
    SHOP,
    answered,
    feed,
    first,
    reading,
)

ADAPTERS = {name: feed(name) for name in ("coins", "shop", "flights")}
PAYLOADS: dict[str, Any] = {"coins": json.loads(COINS), "shop": SHOP, "flights": FLIGHTS}


def test_a_ticker_of_coins() -> None:
    """The id is the member's name, amounts are exact, and no price is no price of 0."""
    read = reading(feed("coins"), COINS)

    assert [(price.event_id, price.price) for price in read.prices] == [
        ("pepe", Decimal("1.2345e-9")),
        ("bitcoin", Decimal("67187.3358936566")),
    ]
    assert read.prices[1].timestamp.isoformat() == "2026-11-23T03:59:57.250000+00:00"
    assert read.prices[1].event_name == "bitcoin in US dollars"
    assert read.refused == (("gone", "price", "$.gone: no price"),)


def test_products_of_a_shop() -> None:
    """What is around a variant, cents, a decimal comma; what is not available is left out."""
    (kettle,) = reading(feed("shop"), SHOP).prices

    assert kettle.event_id == "632910392/808950810"
    assert (kettle.event_name, kettle.venue, kettle.source) == ("Kettle, Red", "Brewers", "shop")
    assert (kettle.price, kettle.total_price, kettle.fees) == (
        Decimal("19.99"),
        Decimal("24.94"),
        Decimal(0),
    )
    assert (kettle.currency, kettle.quantity) == ("EUR", 3)
    assert kettle.timestamp.isoformat() == "2026-11-23T03:30:00+00:00"
    assert kettle.listing_url == "https://shop.example.com/products/kettle?variant=808950810"


def test_bad_items_are_refused_one_by_one() -> None:
    """Where they stand, and why; the good ones are taken."""
    assert reading(feed("shop"), SHOP).refused == (
        ("632910392/39072856", "price", "$.products[0].variants[2]: no amount"),
        (None, None, "there is no $.products[1].variants"),
    )


def test_fares_of_flights() -> None:
    """A constant where nothing tells; two of the same fare cannot both be so."""
    read = reading(feed("flights"), FLIGHTS)

    assert [(price.seat, price.price) for price in read.prices] == [
        ("light", Decimal("129.00")),
        ("standard", Decimal("179.5")),
    ]
    assert read.total == 41
    (refused,) = read.refused
    assert "another item has the same id, place and time" in refused.why


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("soon", "no number of seconds", id="no number"),
        pytest.param(1e300, "no number of seconds", id="far too large"),
        pytest.param(10**15, "not in our calendar", id="after the year 9999"),
        pytest.param(1795406400 + 600, "minutes ahead", id="in the future"),
        pytest.param(None, "no timestamp", id="nothing"),
        pytest.param([1], "a list where a text or a number belongs", id="a list"),
    ],
)
def test_moments_that_are_refused(value: object, said: str) -> None:
    read = reading(feed("coins"), {"btc": {"usd": 1, "last_updated_at": value}})

    assert said in read.refused[0].why


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(0, "not believable", id="nothing is for nothing"),
        pytest.param(-1, "not believable", id="below zero"),
        pytest.param(10**16, "not believable", id="beyond all money"),
        pytest.param("1.2.3", "no amount", id="no number"),
        pytest.param({"amount": 1}, "an object where", id="an object"),
        pytest.param("", "no price", id="empty"),
        pytest.param("9" * 5_000, "5,000 characters", id="endless"),
        pytest.param("9" * 101, "no amount: it has 101 characters", id="too long for an amount"),
    ],
)
def test_prices_that_are_refused(value: object, said: str) -> None:
    read = reading(feed("coins"), {"btc": {"usd": value, "last_updated_at": 1795406300}})

    assert said in read.refused[0].why


def test_a_price_that_is_not_a_number() -> None:
    """JSON has no infinity; some programs write it all the same."""
    read = reading(feed("coins"), b'{"btc":{"usd":Infinity,"last_updated_at":1795406300}}')

    assert "no amount: it is not finite" in read.refused[0].why


def test_the_time_of_the_answer_where_none_is_said() -> None:
    adapter = feed("coins", timestamp="&unused last_updated_at")

    assert reading(adapter, {"btc": {"usd": 1, "last_updated_at": "2026-11-23T04:00:00"}}).prices
    without_time = feed("shop", timestamp="$.nowhere")
    assert "no timestamp" in reading(without_time, SHOP).refused[0].why


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>Bad Gateway</html>", id="HTML"),
        pytest.param(b'{"btc":{"usd":1', id="half a body"),
        pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"null", id="nothing"),
    ],
)
def test_an_answer_of_another_shape(body: bytes) -> None:
    with pytest.raises(Misread):
        reading(feed("coins"), body)


def test_an_answer_too_large() -> None:
    with pytest.raises(Misread, match="16,777,217 bytes"):
        reading(feed("coins"), b" " * (16 * 1024 * 1024 + 1))


def test_a_list_that_is_missing_may_be_an_empty_one() -> None:
    """Where the file says so; else it is an answer of another shape."""
    assert reading(feed("shop"), {"shop": {}}) == Reading()
    with pytest.raises(Misread, match=r"there is no \$\.data"):
        reading(feed("flights"), {"meta": {}})


def test_so_many_items_and_no_more() -> None:
    """What is around them costs nothing for each of them, however long it is."""
    adapter = feed("shop", only="{}")
    long = {"id": " " * 1_000_000, "title": "x" * 1_000_000, "variants": [0] * 20_001}
    read = reading(adapter, {"shop": {}, "products": [long]})

    assert len(read.refused) == 20_001
    assert read.refused[0].why == "$.products[0].variants[0]: it has 1,000,000 characters"
    assert read.refused[-1].why == "over 20,000 items: those after them are not read"


# Whatever an interface answers

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)


def places(value: object) -> list[tuple[Any, Any]]:
    """Every place in a JSON value that can be changed: what holds it, and its name there."""
    within: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for name, below in pairs:
        within.append((value, name))
        if isinstance(below, dict | list):
            within += places(below)
    return within


@given(st.sampled_from(sorted(PAYLOADS)), st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_field_is_refused_or_misread(name: str, data: st.DataObject) -> None:
    """With anything in the place of anything, nothing else is raised, and prices are prices."""
    payload = copy.deepcopy(PAYLOADS[name])
    holder, place = data.draw(st.sampled_from(places(payload)))
    holder[place] = data.draw(ANYTHING)
    try:
        read = reading(ADAPTERS[name], payload)
    except Misread as misread:
        assert str(misread).isprintable()
        return
    assert all(price.price > 0 for price in read.prices)
    assert all(price.timestamp <= RECEIVED_AT.replace(minute=5) for price in read.prices)
    assert all(f"{each.event_id}{each.why}".isprintable() for each in read.refused)


@given(st.sampled_from(sorted(PAYLOADS)), st.integers(0, 2_000), st.binary(max_size=3))
@settings(max_examples=60, deadline=None)
def test_garbled_bytes_are_read_or_misread(name: str, at: int, garbage: bytes) -> None:
    body = json.dumps(PAYLOADS[name]).encode()
    at %= len(body)
    adapter = ADAPTERS[name]
    try:
        adapter.read(first(adapter), answered(body[:at] + garbage + body[at + 1 :]))
    except Misread as misread:
        assert str(misread).isprintable()
