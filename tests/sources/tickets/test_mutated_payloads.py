"""Whatever a vendor answers, it is a reading or a misread, and one bad event costs itself alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from conscope_app.sources.adapter import Adapter, Misread, Reading
from conscope_app.sources.tickets.seatgeek import SeatGeek
from conscope_app.sources.tickets.ticketmaster import Ticketmaster
from tests.sources.tickets.answers import PAYLOADS, as_read, payload, read

ADAPTERS: dict[str, Adapter] = {"seatgeek": SeatGeek(), "ticketmaster": Ticketmaster()}
NAMES = sorted(
    path.stem for path in PAYLOADS.glob("*.json") if not path.stem.endswith(("401", "429"))
)

each_adapter = pytest.mark.parametrize("vendor", ADAPTERS)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["\x00", "NaN", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+14:00"])
    | st.sampled_from(["x" * 600, "javascript:alert(1)", "2027-02-30", "24:00:00", "1e400", "US$"])
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=2), max_leaves=3) | (
    st.dictionaries(st.sampled_from(["id", "name", "type", "lat"]), scalars, max_size=3)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a payload that could be changed."""
    within = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, one in within for place in places(one, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """A payload with up to three places changed or taken out."""
    name = draw(st.sampled_from(NAMES))
    page = payload(name)
    for _ in range(draw(st.integers(1, 3))):
        *steps, last = draw(st.sampled_from(places(page)[1:]))
        holder = page
        for step in steps:
            holder = holder[step]
        if draw(st.booleans()):
            holder[last] = draw(values)
        else:
            del holder[last]
        if not page:
            break
    return name.partition("-")[0], page


def reading_of(vendor: str, body: Any) -> Reading | None:
    """What is read, once it was seen to be fit for the topic; None for a misread."""
    try:
        reading = read(ADAPTERS[vendor], body)
    except Misread:
        return None
    for market in reading.markets:
        assert as_read(market) == market
        for amount in (market.lowest, market.median, market.average, market.highest):
            assert amount is None or amount is UNSET or amount > 0
    return reading


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_a_changed_payload_is_a_reading_or_a_misread(case: tuple[str, Any]) -> None:
    reading_of(*case)


@each_adapter
@settings(max_examples=50, deadline=None)
@given(body=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
@example(body=b"")
@example(body=b"<html>Access to this page has been denied</html>")
@example(body=b"[" * 100_000)
@example(body=b'{"events":' + b"[" * 100_000)
def test_whatever_else_comes_is_a_misread(vendor: str, body: bytes) -> None:
    assert reading_of(vendor, body) is None


@each_adapter
def test_half_a_body_is_a_misread(vendor: str) -> None:
    whole = (PAYLOADS / f"{vendor}-page-of-many.json").read_bytes()

    assert reading_of(vendor, whole[: len(whole) // 2]) is None


def events_of(vendor: str, page: Any) -> list[Any]:
    """The list of events in a payload, to be changed."""
    events: list[Any] = page["events"] if vendor == "seatgeek" else page["_embedded"]["events"]
    return events


def two_hundred(vendor: str, spoil: Callable[[dict[str, Any]], Any]) -> Any:
    """A page of 200 events, of which the hundredth is spoiled."""
    page = payload(f"{vendor}-page-of-many")
    first = events_of(vendor, page)[0]
    many = [first | {"id": 1_000 + n if vendor == "seatgeek" else f"G{n}"} for n in range(200)]
    many[99] = spoil(many[99])
    events_of(vendor, page)[:] = many
    return page


@each_adapter
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: None, id="null"),
        pytest.param(lambda _: "an event", id="a text"),
        pytest.param(lambda event: event | {"id": {"v": 1}}, id="an id of another type"),
        pytest.param(lambda event: event | {"title": " \n", "name": " \n"}, id="no name"),
        pytest.param(lambda event: event | {"title": "x" * 600, "name": "x" * 600}, id="too long"),
    ],
)
def test_one_bad_event_of_200_costs_itself(
    vendor: str, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    reading = read(ADAPTERS[vendor], two_hundred(vendor, spoil))

    assert len(reading.markets) == 199
    assert [refusal.field for refusal in reading.refused] == [None]


@pytest.mark.parametrize(
    ("vendor", "field", "changed", "named"),
    [
        ("seatgeek", "stats", {"lowest_price": {"amount": 5}, "median_price": 7}, "lowest_price"),
        ("seatgeek", "stats", [1], "stats"),
        ("seatgeek", "datetime_utc", 1_805_000_000_000, "datetime_utc"),
        ("seatgeek", "performers", [{"name": "A"}, {"name": 5}], "performers[1].name"),
        ("seatgeek", "performers", ["A", "B", "C", "D", "E"] * 20, "performers"),
        ("seatgeek", "url", "javascript:alert(1)", "url"),
        ("ticketmaster", "priceRanges", {"min": 5}, "priceRanges"),
        ("ticketmaster", "dates", {"start": {"localDate": "soon"}}, "localDate"),
        ("ticketmaster", "sales", "on sale", "sales"),
    ],
)
def test_a_field_of_another_type_costs_that_field(
    vendor: str, field: str, changed: Any, named: str
) -> None:
    """It is named, and the rest of the event is read: also where all events are like that."""
    page = two_hundred(vendor, lambda event: event)
    for event in events_of(vendor, page):
        event[field] = changed
    reading = read(ADAPTERS[vendor], page)

    assert len(reading.markets) == 200
    assert {named in (refusal.field or "") for refusal in reading.refused} == {True}
    assert reading.markets[0].lowest is UNSET or field not in ("stats", "priceRanges")
    assert reading.markets[0].facts.url is None or field != "url"


@each_adapter
def test_where_no_event_can_be_read_it_is_a_misread(vendor: str) -> None:
    page = two_hundred(vendor, lambda event: event)
    for event in events_of(vendor, page):
        event["id"] = ["?"]

    with pytest.raises(Misread, match="none of 200"):
        read(ADAPTERS[vendor], page)


@each_adapter
@pytest.mark.parametrize(
    ("number", "total", "events"),
    [
        pytest.param(3, 500, True, id="another page than was asked for"),
        pytest.param(None, 500, False, id="a list that is not there"),
    ],
)
def test_an_answer_that_contradicts_itself_is_a_misread(
    vendor: str, number: int | None, total: int, events: bool
) -> None:
    page = payload(f"{vendor}-page-of-many")
    paging = page["meta" if vendor == "seatgeek" else "page"]
    if number is not None:
        paging["page" if vendor == "seatgeek" else "number"] = number
    paging["total" if vendor == "seatgeek" else "totalElements"] = total
    if not events:
        events_of(vendor, page).clear()

    with pytest.raises(Misread):
        read(ADAPTERS[vendor], page)
