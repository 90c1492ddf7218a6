from decimal import Decimal
from typing import Any

import pytest

from conscope_app.notify.wording import amount, drop, percent, place, plain
from tests.notify.alerts import an_alert


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        pytest.param("80", "USD", "$80.00", id="dollars have cents"),
        pytest.param("1234567.5", "USD", "$1,234,567.50", id="thousands"),
        pytest.param("80.000000", "USD", "$80.00", id="the database's zeros"),
        pytest.param("0.0042", "USD", "$0.0042", id="finer than a cent"),
        pytest.param("12000", "JPY", "12,000 JPY", id="a currency without cents"),
        pytest.param("12.5", "EUR", "12.50 EUR", id="euros and cents"),
        pytest.param("0.000000000000000001", "ETH", "0.000000000000000001 ETH", id="one wei"),
        pytest.param("1E+3", "JPY", "1,000 JPY", id="an exponent"),
        pytest.param("999999999999999.99", "USD", "$999,999,999,999,999.99", id="the largest"),
    ],
)
def test_amounts_read_as_money(value: str, currency: str, expected: str) -> None:
    """With the currency, and with all the digits that there are."""
    assert amount(Decimal(value), currency) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("20.0000", "20.0%", id="one decimal place"),
        pytest.param("12.2500", "12.3%", id="half up"),
        pytest.param("0.0400", "<0.1%", id="small, but a drop"),
        pytest.param("0", "0.0%", id="none"),
    ],
)
def test_percentages_have_one_decimal_place(value: str, expected: str) -> None:
    """The seed's `y.y%`."""
    assert percent(Decimal(value)) == expected


def test_a_drop_is_told_in_money_and_percent() -> None:
    """Both, as one person thinks in money and another in percent."""
    assert drop(an_alert()) == "$20.00 (20.0%)"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        pytest.param({}, "Floor A Row 5 Seat 1", id="all known"),
        pytest.param({"row": "", "seat": " "}, "Floor A", id="the section alone"),
        pytest.param({"section": "", "row": "", "seat": ""}, "–", id="nothing known"),
    ],
)
def test_a_place_names_only_what_is_known(overrides: dict[str, Any], expected: str) -> None:
    """No `Row  Seat ` with nothing behind it."""
    assert place(an_alert(**overrides)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("  a \n\t b ", "a b", id="lines and tabs"),
        pytest.param("safe\u202egnp.exe", "safegnp.exe", id="turned reading direction"),
        pytest.param("\x1b[31mred", "[31mred", id="a terminal's colour"),
        pytest.param("👩\u200d👧", "👩\u200d👧", id="an emoji of two"),
        pytest.param("\u200d \u200b", "–", id="nothing that can be seen"),
        pytest.param("", "–", id="nothing"),
    ],
)
def test_names_are_shown_on_one_line_and_visible(text: str, expected: str) -> None:
    """A name cannot move the cursor, pass for another, or be nothing."""
    assert plain(text) == expected
