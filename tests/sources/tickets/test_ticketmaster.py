"""Ticketmaster's answers: the sale calendar, the status, and prices that are mostly not there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from conscope_app.domains.tickets.market import Presale, Venue
from conscope_app.sources.adapter import Allowance, Misread
from conscope_app.sources.tickets.ticketmaster import Ticketmaster
from tests.sources.tickets.answers import NOON, answer, only, payload, read

TICKETMASTER = Ticketmaster()


def changed(**fields: Any) -> Any:
    """A page of one event with other fields."""
    page = payload("ticketmaster-priced")
    page["_embedded"]["events"][0] |= fields
    return page


def ranged(*ranges: dict[str, Any]) -> Any:
    """A page of one event with these price ranges."""
    return changed(priceRanges=list(ranges))


def test_a_price_range_is_face_value_and_has_no_middle() -> None:
    market = only(read(TICKETMASTER, payload("ticketmaster-priced")))

    assert (market.event_id, market.source) == ("ticketmaster-G5diZfkn0B-bh", "ticketmaster")
    assert (market.lowest, market.highest) == (Decimal(80), Decimal("149.5"))
    assert (market.currency, market.basis) == ("USD", "face_value")
    assert {market.median, market.average, market.listing_count} == {UNSET}


def test_missing_null_and_empty_ranges_are_all_normal() -> None:
    """A range that is not there is not spoken of; null and an empty list say that there is none."""
    missing, null, empty = read(TICKETMASTER, payload("ticketmaster-unpriced")).markets

    assert (missing.lowest, missing.highest) == (UNSET, UNSET)
    assert (null.lowest, null.highest, empty.lowest, empty.highest) == (None, None, None, None)
    assert {each.currency for each in (missing, null, empty)} == {None}


@pytest.mark.parametrize(
    "without",
    [
        pytest.param({"currency": "USD", "min": 0, "max": 0}, id="nothing"),
        pytest.param({"currency": "USD", "min": -1, "max": "NaN"}, id="less than nothing"),
        pytest.param({"currency": "US$", "min": 20, "max": 30}, id="no currency"),
        pytest.param({"min": 20, "max": 30}, id="currency missing"),
        pytest.param({"currency": "USD", "min": 90, "max": 30}, id="upside down"),
        pytest.param({"currency": "USD", "min": 20, "type": "resale"}, id="not the event's own"),
    ],
)
def test_what_is_no_price_is_none(without: dict[str, Any]) -> None:
    market = only(read(TICKETMASTER, ranged(without)))

    assert (market.lowest, market.highest, market.currency) == (None, None, None)


def test_ranges_of_one_kind_and_currency_are_taken_together() -> None:
    market = only(
        read(
            TICKETMASTER,
            ranged(
                {"type": "standard including fees", "currency": "USD", "min": 99, "max": 199},
                {"type": "standard", "currency": "USD", "min": 80, "max": 120},
                {"type": "standard", "currency": "USD", "min": 60, "max": 0},
                {"type": "standard", "currency": "EUR", "min": 1, "max": 999},
            ),
        )
    )

    assert (market.lowest, market.highest, market.basis) == (60, 120, "face_value")


def test_a_range_with_fees_is_not_face_value() -> None:
    fees = {"type": "standard including fees", "currency": "EUR", "min": 50, "max": 70}

    assert only(read(TICKETMASTER, ranged(fees))).basis == "all_in"


def test_the_facts_are_the_vendors() -> None:
    facts = only(read(TICKETMASTER, payload("ticketmaster-priced"))).facts

    assert (facts.name, facts.performers, facts.status) == ("Radiohead", ("Radiohead",), "on_sale")
    assert facts.starts_at == datetime(2027, 7, 27, 23, 30, tzinfo=UTC)
    assert (facts.local_date, facts.local_time) == ("2027-07-27", "19:30")
    assert facts.on_sale_at == datetime(2027, 3, 18, 14, tzinfo=UTC)
    assert facts.off_sale_at == datetime(2027, 7, 27, 21, 30, tzinfo=UTC)
    assert facts.presales == (
        Presale(
            name="Official Platinum",
            starts_at=datetime(2027, 3, 16, 14, tzinfo=UTC),
            ends_at=datetime(2027, 3, 18, 13, tzinfo=UTC),
        ),
    )
    assert facts.venue == Venue(
        name="Madison Square Garden",
        vendor_id="KovZpZA7AAEA",
        city="New York",
        region="NY",
        country="US",
        time_zone="America/New_York",
        latitude=40.7497062,
        longitude=-73.9916006,
    )


def test_sentinels_and_flags_say_that_it_is_not_known() -> None:
    """The years 9999 and 1900, and dates that are to be announced."""
    far, early, open_, all_day = (
        market.facts for market in read(TICKETMASTER, payload("ticketmaster-not-known")).markets
    )

    assert (far.on_sale_at, far.off_sale_at, early.on_sale_at) == (None, None, None)
    assert (open_.starts_at, open_.local_date, open_.local_time) == (None, None, None)
    assert (open_.status, open_.on_sale_at) == ("postponed", None)
    assert (all_day.starts_at, all_day.local_date, all_day.local_time) == (None, "2027-07-27", None)
    assert all_day.status == "off_sale"


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("onsale", "on_sale"),
        ("offsale", "off_sale"),
        ("cancelled", "cancelled"),
        ("canceled", "cancelled"),
        ("postponed", "postponed"),
        ("rescheduled", "rescheduled"),
        ("moved", None),
        (None, None),
    ],
)
def test_a_code_that_nobody_documented_is_null(code: str | None, meaning: str | None) -> None:
    market = only(read(TICKETMASTER, changed(dates={"status": {"code": code}})))

    assert market.facts.status == meaning


@pytest.mark.parametrize("latitude", ["", "north", "91", "NaN", None])
def test_a_place_outside_of_the_globe_is_none(latitude: Any) -> None:
    venue = {"name": "Nowhere", "location": {"latitude": latitude, "longitude": "-73.9"}}
    facts = only(read(TICKETMASTER, changed(_embedded={"venues": [venue]}))).facts

    assert (facts.venue.latitude, facts.venue.longitude) == (None, -73.9)


def test_an_event_without_a_venue_is_still_one() -> None:
    assert only(read(TICKETMASTER, changed(_embedded=None))).facts.venue == Venue(
        name="", time_zone="America/New_York"
    )


def test_a_test_event_is_nobodys_business() -> None:
    reading = read(TICKETMASTER, changed(test=True))

    assert (reading.markets, reading.refused) == ([], [])


def test_nothing_embedded_is_an_empty_list() -> None:
    reading = read(TICKETMASTER, payload("ticketmaster-no-events"))

    assert (reading.markets, reading.total, reading.further) == ([], 0, None)


def test_pages_begin_at_zero_and_end_before_the_thousandth_event() -> None:
    request = TICKETMASTER.catalogue(NOON, NOON + timedelta(days=1))
    page = payload("ticketmaster-page-of-many")
    asked = []
    further = request
    while further is not None:
        asked.append(dict(further.query))
        page["page"]["number"] = int(asked[-1]["page"])
        reading = read(TICKETMASTER, page, further)
        assert reading.is_cut
        further = reading.further

    assert [int(each["page"]) for each in asked] == [0, 1, 2, 3, 4, 5]
    assert max(int(each["page"]) * int(each["size"]) for each in asked) < 1_000
    # Both ends are included, so the last second before the end is the end.
    assert asked[5]["startDateTime"] == "2027-03-01T12:00:00Z"
    assert asked[5]["endDateTime"] == "2027-03-02T11:59:59Z"


def test_what_paging_reaches_is_not_cut() -> None:
    page = payload("ticketmaster-page-of-many")
    page["page"]["totalElements"] = 6 * 199

    assert not read(TICKETMASTER, page).is_cut


def test_several_events_are_asked_for_by_either_id() -> None:
    request = TICKETMASTER.events(["ticketmaster-G5many0", "G5many1"])

    assert dict(request.query)["id"] == "G5many0,G5many1"
    assert len(read(TICKETMASTER, payload("ticketmaster-page-of-many"), request).markets) == 2


def test_the_rate_limit_headers_are_read_in_milliseconds() -> None:
    headers = {
        "rate-limit": "5000",
        "rate-limit-available": "1654",
        "rate-limit-over": "0",
        "rate-limit-reset": str(int((NOON + timedelta(hours=3)).timestamp()) * 1_000),
    }

    assert TICKETMASTER.allowance(answer({}, 200, headers)) == Allowance(
        1_654, NOON + timedelta(hours=3)
    )


@pytest.mark.parametrize("reset", ["", "soon", "9" * 17, "9" * 5_000, "1803902400"])
def test_a_reset_that_cannot_be_is_not_known(reset: str) -> None:
    """Seconds instead of milliseconds would be a day in 1970."""
    headers = {"rate-limit-available": "0", "rate-limit-reset": reset}

    assert TICKETMASTER.allowance(answer({}, 429, headers)) == Allowance(0, None)


@pytest.mark.parametrize("name", ["ticketmaster-401", "ticketmaster-429"])
def test_an_error_without_headers_says_nothing_of_an_allowance(name: str) -> None:
    assert TICKETMASTER.allowance(answer(payload(name), 429)) is None


@pytest.mark.parametrize("name", ["ticketmaster-401", "ticketmaster-429"])
def test_an_error_under_status_200_is_a_misread_that_tells_no_key(name: str) -> None:
    """The vendor's 429 repeats the key."""
    with pytest.raises(Misread) as error:
        read(TICKETMASTER, payload(name))

    assert "nobody" not in f"{error.value!r} {error.value.__cause__} {error.value.__context__}"


def test_a_key_is_sent_and_never_shown() -> None:
    signed = TICKETMASTER.signed(TICKETMASTER.events(["G5"]), "a-key-of-nobody")

    assert dict(signed.query)["apikey"] == "a-key-of-nobody"
    assert "nobody" not in f"{signed!r} {signed} {[signed]}"
