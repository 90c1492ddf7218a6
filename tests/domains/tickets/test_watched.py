"""What a processed price tells a watch, from its bytes and from the columns of its row."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from conscope_app.alerting.watches.dry_run import DryRun
from conscope_app.alerting.watches.scope import scope_of
from conscope_app.alerting.watches.signals import Gone, Priced
from conscope_app.alerting.watches.silences import Silence
from conscope_app.domains.tickets.records import ProcessedPrice, encode
from conscope_app.domains.tickets.watched import (
    SPELLINGS,
    Offered,
    read_signal,
    signal_of,
    takes_place_at,
    zone_of,
)
from tests.alerting.watches.stories import a_watch
from tests.factories import NOON, a_price

NOW = datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC)


def a_processed(**fields: Any) -> ProcessedPrice:
    """A processed price that is the first of its seat."""
    moved = {"id": "raw_prices-0-7", "kind": "new", "old_price": None, "change": None}
    return ProcessedPrice(**{**a_price(), **moved, "change_percent": None, **fields})


def told(**fields: Any) -> Priced | Gone:
    """What its bytes tell."""
    return read_signal(encode(a_processed(**fields)), place=3, recorded_at=NOW)


def priced(**fields: Any) -> Priced:
    """The same, of an offer that there is."""
    signal = told(**fields)
    assert isinstance(signal, Priced)
    return signal


def test_a_price_is_told_with_everything_that_may_be_asked_for() -> None:
    signal = told(section="Lower 101", seat="8", total_price=Decimal("118.50"), quantity=1)

    assert signal == Priced(
        subject="concert-1",
        place=3,
        recorded_at=NOW,
        item='["concert-1","seatgeek","Lower 101","15","8"]',
        observed_at=NOON,
        prices={"all_in": Decimal("118.50"), "listed": Decimal("100.00")},
        currency="USD",
        labels={
            "section": "Lower 101",
            "zone": "Lower",
            "row": "15",
            "seat": "8",
            "source": "seatgeek",
            "delivery": "",
        },
        line="seatgeek\tLower 101\t15",
        first=8,
        last=8,
        takes_place_at=datetime(2027, 5, 15, 19, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="plain"),
        pytest.param({"fees": Decimal("12.345678901234567"), "seat": "12-13"}, id="fees"),
        pytest.param({"quantity": 0}, id="sold out"),
        pytest.param({"quantity": None, "delivery_method": "mobile"}, id="no quantity"),
        pytest.param({"event_date": None, "kind": "late", "quantity": 0}, id="late"),
    ],
)
def test_bytes_and_columns_tell_the_same(fields: dict[str, Any]) -> None:
    processed = a_processed(**fields)
    columns = {name: getattr(processed, name) for name in Offered.__struct_fields__}

    from_row = signal_of(Offered(**columns), place=3, recorded_at=NOW)

    assert from_row == told(**fields)


@pytest.mark.parametrize(
    ("amounts", "all_in"),
    [
        pytest.param({"total_price": Decimal(120), "fees": Decimal(5)}, Decimal(120), id="total"),
        pytest.param({"fees": Decimal("5.50")}, Decimal("105.50"), id="price and fees"),
        pytest.param({"fees": Decimal(0)}, Decimal("100.00"), id="no fees, it says"),
        pytest.param({"total_price": Decimal(0)}, None, id="a total that was not filled in"),
        pytest.param({}, None, id="nothing is known of fees"),
    ],
)
def test_all_in_is_what_is_paid_in_the_end(
    amounts: dict[str, Decimal], all_in: Decimal | None
) -> None:
    """Where that is not known, there is no such price, rather than one of another kind."""
    prices = priced(**amounts).prices

    assert prices.get("all_in") == all_in
    assert prices["listed"] == Decimal("100.00")


@pytest.mark.parametrize(
    ("seat", "quantity", "spots"),
    [
        pytest.param("8", 1, (8, 8), id="one"),
        pytest.param("12-13", 2, (12, 13), id="a pair"),
        pytest.param("12 – 13", None, (12, 13), id="with a dash"),
        pytest.param("13-12", 1, (12, 13), id="backwards, and nothing is said of the quantity"),
        pytest.param("1-20", 2, (None, None), id="two of twenty"),
        pytest.param("8", 4, (None, None), id="four, of which one is named"),
        pytest.param("GA", 1, (None, None), id="no number"),
        pytest.param("A8", 1, (None, None), id="a letter before it"),
        pytest.param("1234567", 1, (None, None), id="no seat has such a number"),
    ],
)
def test_neighbours_are_known_by_their_numbers(
    seat: str, quantity: int | None, spots: tuple[int | None, int | None]
) -> None:
    signal = priced(seat=seat, quantity=quantity)

    assert (signal.first, signal.last) == spots
    assert signal.units == (quantity or 1)


def test_only_seats_of_one_row_in_one_shop_are_neighbours() -> None:
    lines = {
        priced(**fields).line
        for fields in (
            {},
            {"row": "16"},
            {"section": "Floor 3"},
            {"source": "vivid"},
            {"seat": "9"},
        )
    }

    assert len(lines) == 4


def test_what_is_sold_out_is_gone() -> None:
    item = '["concert-1","seatgeek","Floor 2","15","8"]'

    assert told(quantity=0) == Gone(subject="concert-1", place=3, recorded_at=NOW, item=item)


def test_what_was_late_when_it_came_ends_no_offer() -> None:
    """The newer price that is held says more."""
    assert isinstance(told(quantity=0, kind="late"), Priced)


@pytest.mark.parametrize(
    ("section", "zone"),
    [
        ("Lower 101", "Lower"),
        ("Floor A", "Floor"),
        ("VIP 1", "VIP"),
        ("Upper Deck 12B", "Upper Deck"),
        ("101", "101"),
        ("Balcony Left", "Balcony Left"),
        ("", ""),
    ],
)
def test_a_zone_is_a_section_without_its_number(section: str, zone: str) -> None:
    assert zone_of(section) == zone


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-05-15T19:00:00Z", datetime(2027, 5, 15, 19, tzinfo=UTC)),
        ("2027-05-15T19:00:00+02:00", datetime(2027, 5, 15, 17, tzinfo=UTC)),
        ("2027-05-15 19:00", datetime(2027, 5, 15, 19, tzinfo=UTC)),
        ("2027-05-15", datetime(2027, 5, 15, tzinfo=UTC)),
        ("in May", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_when_it_takes_place_is_read_as_vendors_write_it(
    text: str, moment: datetime | None
) -> None:
    assert takes_place_at(text) == moment


def test_bytes_that_are_no_processed_price_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="event_id"):
        read_signal(b"{}", place=0, recorded_at=NOW)


PLACES = pytest.mark.parametrize(
    ("label", "asked", "offered", "is_meant"),
    [
        pytest.param("section", "101", {"section": "Sec 101"}, True, id="a number"),
        pytest.param("section", "SEC. 101", {"section": "101"}, True, id="the other way round"),
        pytest.param("section", "Lower Level 101", {"section": "LL101"}, True, id="a level"),
        pytest.param("section", "General Admission", {"section": "GA"}, True, id="admission"),
        pytest.param("section", "101", {"section": "101W"}, False, id="another section"),
        pytest.param("section", "101", {"section": "Club 101"}, False, id="another part"),
        pytest.param("section", "Sec 10*", {"section": "101"}, False, id="a star is as written"),
        pytest.param("section", "N/A", {"section": "Unknown"}, False, id="what is not known"),
        pytest.param("zone", "lower level", {"section": "LL101"}, True, id="a zone"),
        pytest.param("row", "Row 12", {"row": "R12"}, True, id="a row"),
        pytest.param("row", "12", {"row": "12A"}, False, id="another row"),
        pytest.param("seat", "Seat 8", {"seat": "8"}, False, id="a seat is as written"),
    ],
)


@PLACES
def test_a_watch_means_a_place_however_it_is_spelled(
    label: str, asked: str, offered: dict[str, str], is_meant: bool
) -> None:
    """Asked for and not wanted alike; what people wrote stays, and the series of prices too."""
    labels = priced(**offered).labels
    only, never = (a_watch(what={part: {label: [asked]}}) for part in ("only", "never"))

    assert (scope_of(only, SPELLINGS).mismatch(labels) == "") is is_meant
    assert (scope_of(never, SPELLINGS).mismatch(labels) == "") is not is_meant
    assert scope_of(only, SPELLINGS).key == scope_of(only).key


@PLACES
def test_a_silence_means_a_place_as_a_watch_does(
    label: str, asked: str, offered: dict[str, str], is_meant: bool
) -> None:
    """In a dry run; live it is the same plan."""
    silence = Silence(id="s", ends_at=NOW + timedelta(hours=1), labels={label: (asked,)})
    run = DryRun([a_watch()], silences=[silence], spellings=SPELLINGS)

    run.take(priced(total_price=Decimal(90), **offered))
    run.pass_time(NOW + timedelta(minutes=30))

    assert [each.reason for each in run.report.decisions] != []
    assert (not run.report.messages) is is_meant


def test_the_line_is_as_the_source_spells_it() -> None:
    """What is in the books stands on it: another spelling would part neighbours."""
    assert priced(section="SEC. 101", row="Row 12").line == "seatgeek\tSEC. 101\tRow 12"


@pytest.mark.parametrize(
    ("seat", "quantity", "line", "spots"),
    [
        pytest.param("1,3", 2, "odd", (1, 2), id="odd ones"),
        pytest.param("4", 1, "even", (2, 2), id="an even one"),
        pytest.param("1-2", 2, "odd", (None, None), id="across the house"),
        pytest.param("101", 1, "", (101, 101), id="the centre"),
    ],
)
def test_where_a_venue_numbers_by_twos(
    seat: str, quantity: int, line: str, spots: tuple[int | None, int | None]
) -> None:
    signal = priced(venue="Gershwin Theatre", section="Orchestra", seat=seat, quantity=quantity)

    assert signal.line == "seatgeek\tOrchestra\t15" + (f"\t{line}" if line else "")
    assert (signal.first, signal.last) == spots


def test_each_listing_of_general_admission_is_an_item() -> None:
    assert priced(seat="GA", listing_id="l-1").item == (
        '["concert-1","seatgeek","Floor 2","15","GA","l-1"]'
    )


def test_what_is_beside_a_cheaper_offer_is_told_as_older() -> None:
    """So that a watch keeps to the cheapest of a moment, as the table does."""
    beside = priced(seat="GA", kind="late")
    named = priced(seat="GA", listing_id="l-1", kind="late")

    assert beside.observed_at == NOON - timedelta(microseconds=1)
    assert named.observed_at == NOON
