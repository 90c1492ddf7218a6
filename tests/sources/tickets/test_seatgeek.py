"""SeatGeek's answers: what they say, what they leave out, and what no answer may do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from conscope_app.domains.tickets.market import Venue
from conscope_app.sources.adapter import Allowance, Misread
from conscope_app.sources.tickets.seatgeek import SeatGeek
from tests.sources.tickets.answers import NOON, answer, only, payload, read

SEATGEEK = SeatGeek()


def changed(name: str = "seatgeek-filled", **fields: Any) -> Any:
    """The payload with other fields in its first event."""
    page = payload(name)
    page["events"][0] |= fields
    return page


def test_filled_stats_are_prices_with_fees_in_dollars() -> None:
    market = only(read(SEATGEEK, payload("seatgeek-filled")))

    assert (market.event_id, market.source) == ("seatgeek-5791168", "seatgeek")
    assert (market.lowest, market.median) == (Decimal(187), Decimal("311.5"))
    assert (market.average, market.highest) == (Decimal(360), Decimal(619))
    assert (market.currency, market.basis, market.listing_count) == ("USD", "all_in", 6)
    assert market.observed_at == NOON


def test_null_stats_say_that_there_is_none() -> None:
    market = only(read(SEATGEEK, payload("seatgeek-nulls")))

    assert (market.lowest, market.median, market.listing_count) == (None, None, None)
    assert (market.currency, market.basis) == (None, None)


@pytest.mark.parametrize("stats", [{}, None], ids=["empty", "null"])
def test_stats_without_fields_say_nothing(stats: Any) -> None:
    """What is absent is not null, and neither is a price of 0."""
    market = only(read(SEATGEEK, changed(stats=stats)))

    assert {market.lowest, market.average, market.listing_count} == {UNSET}
    assert market.currency is None


@pytest.mark.parametrize("nothing", [0, 0.0, -5, "NaN", "Infinity", 1e300])
def test_what_nobody_can_pay_is_no_price(nothing: Any) -> None:
    market = only(read(SEATGEEK, changed(stats={"lowest_price": nothing, "listing_count": 0})))

    assert market.lowest is None
    assert (market.currency, market.listing_count) == (None, 0)


def test_the_facts_are_the_vendors() -> None:
    facts = only(read(SEATGEEK, payload("seatgeek-filled"))).facts

    assert (facts.name, facts.performers) == ("India Shawn", ("India Shawn",))
    assert facts.starts_at == datetime(2027, 9, 29, 23, 30, tzinfo=UTC)
    assert (facts.local_date, facts.local_time) == ("2027-09-29", "19:30")
    assert facts.status == "scheduled"
    assert facts.url == "https://seatgeek.com/india-shawn-tickets/concert/5791168"
    assert facts.venue == Venue(
        name="SOB's",
        vendor_id="2370",
        city="New York",
        region="NY",
        country="US",
        time_zone="America/New_York",
        latitude=40.7285,
        longitude=-74.0051,
    )


def test_a_placeholder_is_no_time() -> None:
    """03:30 at the venue stands for "not known yet"."""
    late, undated = read(SEATGEEK, payload("seatgeek-to-be-determined")).markets

    assert (late.facts.starts_at, late.facts.local_date) == (None, "2027-09-29")
    assert late.facts.local_time is None
    assert (undated.facts.starts_at, undated.facts.local_date) == (None, None)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [("postponed", "postponed"), ("Canceled", "cancelled"), ("contingent", None), (None, None)],
)
def test_a_status_that_nobody_documented_is_null(status: str | None, meaning: str | None) -> None:
    assert only(read(SEATGEEK, changed(status=status))).facts.status == meaning


def test_pages_begin_at_one_and_the_vendor_says_how_long_they_are() -> None:
    """It is asked for 50 to a page; where it gives 3, the second page is still the next."""
    first = SEATGEEK.catalogue(NOON, NOON + timedelta(days=1, microseconds=1))
    page = payload("seatgeek-page-of-many")
    page["meta"] |= {"per_page": 3, "total": 9}
    second = read(SEATGEEK, page, first).further
    assert second is not None
    page["meta"] |= {"page": 2}
    third = read(SEATGEEK, page, second).further
    assert third is not None
    page["meta"] |= {"page": 3}
    last = read(SEATGEEK, page, third)

    assert dict(first.query) == {
        "datetime_utc.gte": "2027-03-01T12:00:00",
        "datetime_utc.lt": "2027-03-02T12:00:01",
        "sort": "id.asc",
        "per_page": "50",
        "page": "1",
    }
    assert [dict(each.query)["page"] for each in (second, third)] == ["2", "3"]
    assert (last.further, last.total, last.is_cut) == (None, 9, False)


def test_more_than_paging_reaches_is_cut() -> None:
    reading = read(SEATGEEK, payload("seatgeek-page-of-many"))

    assert (reading.total, reading.is_cut) == (88_411, True)


def test_an_empty_list_is_a_reading() -> None:
    reading = read(SEATGEEK, payload("seatgeek-no-events"))

    assert (reading.markets, reading.total, reading.further) == ([], 0, None)


def test_several_events_are_asked_for_by_either_id() -> None:
    request = SEATGEEK.events(["seatgeek-5791168", "2"])

    assert request.path == "/2/events"
    assert dict(request.query)["id"] == "5791168,2"
    assert request.event_ids == ("seatgeek-5791168", "2")


@pytest.mark.parametrize(
    "event_ids",
    [[], ["1"] * 51, ["1,2"], ["1&client_id=x"], ["1\n"], [""]],
    ids=["none", "too many", "two in one", "a parameter", "a line break", "blank"],
)
def test_what_is_no_id_is_not_asked_for(event_ids: list[str]) -> None:
    with pytest.raises(ValueError, match="seatgeek"):
        SEATGEEK.events(event_ids)


def test_the_answer_to_another_request_is_a_misread() -> None:
    """Else the events that were asked for would look cancelled (api-support#162)."""
    with pytest.raises(Misread, match="asked for"):
        read(SEATGEEK, payload("seatgeek-filled"), SEATGEEK.events(["17"]))


def test_an_event_that_was_not_asked_for_is_refused() -> None:
    asked = SEATGEEK.events(["5791168", "5791169"])
    reading = read(SEATGEEK, payload("seatgeek-page-of-many"), asked)

    assert [market.event_id for market in reading.markets] == [
        "seatgeek-5791168",
        "seatgeek-5791169",
    ]
    assert [refusal.event_id for refusal in reading.refused] == ["seatgeek-5791170"]


@pytest.mark.parametrize("headers", [{}, {"retry-after": "soon"}, {"retry-after": "9" * 5_000}])
def test_headers_that_say_nothing_allow_nothing(headers: dict[str, str]) -> None:
    assert SEATGEEK.allowance(answer({}, 429, headers)) is None


@pytest.mark.parametrize("said", ["30", "Mon, 01 Mar 2027 12:00:30 GMT"])
def test_retry_after_is_honoured(said: str) -> None:
    allowance = SEATGEEK.allowance(answer({}, 429, {"retry-after": said}))

    assert allowance == Allowance(0, NOON + timedelta(seconds=30))


def test_a_key_is_sent_and_never_shown() -> None:
    signed = SEATGEEK.signed(SEATGEEK.events(["1"]), "a-key-of-nobody")

    assert dict(signed.query)["client_id"] == "a-key-of-nobody"
    assert "nobody" not in f"{signed!r} {signed} {[signed]}"


def test_the_next_page_of_a_signed_request_holds_no_key() -> None:
    signed = SEATGEEK.signed(SEATGEEK.catalogue(NOON, NOON), "a-key-of-nobody")
    page = payload("seatgeek-page-of-many")

    further = read(SEATGEEK, page, signed).further

    assert further is not None
    assert "client_id" not in dict(further.query)
