"""Amounts are read as they are meant, or refused; never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.refusal import Reason, Refused
from conscope_app.sources.files.amounts import DecimalSign, is_blank, parse_amount
from conscope_app.sources.files.cells import JsonNumber
from conscope_app.sources.files.decimal_signs import AmountSurvey
from conscope_app.sources.files.errors import UnusableFileError


@pytest.mark.parametrize(
    ("text", "sign", "value", "currency"),
    [
        ("39.81", ".", "39.81", None),
        ("$1,234.50", ".", "1234.50", "USD"),
        ("1.234,50 €", ",", "1234.50", "EUR"),
        ("1,29", ",", "1.29", None),
        ("CHF 1'234.50", ".", "1234.50", "CHF"),
        ("1 234,50 EUR", ",", "1234.50", "EUR"),
        ("1\u202f234,5 €", ",", "1234.5", "EUR"),
        ("12,34,567.00", ".", "1234567.00", None),
        ("1,234,567", ".", "1234567", None),
        (".99", ".", "0.99", None),
        ("0.123", ".", "0.123", None),
        ("1.5e3", ".", "1500", None),
        ("-$5.00", ".", "-5.00", "USD"),
        ("$-5.00", ".", "-5.00", "USD"),
        ("¥1200", ".", "1200", ""),
        ("100 kr", ".", "100", ""),
        ("  7  ", ".", "7", None),
    ],
)
def test_amount_is_read(text: str, sign: DecimalSign, value: str, currency: str | None) -> None:
    """The value is exact and the currency is the one written beside it."""
    amount = parse_amount(text, sign)

    assert amount.value == Decimal(value)
    assert amount.currency == currency


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "12.50/kg", "from 12.50", "=1+1", '=HYPERLINK("http://x","1")', "1.2.3"),
        *("1,23.4", "12,3456", "$5 USD", "(5.00)", "1e", "٣", "１２", "5%", "--5", "NaN", "1e999"),
        *("9" * 5_000 + "x", "\x00", "1\x002"),
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Text that is no amount under the decimal point gives a reason, not a number."""
    with pytest.raises(Refused) as refused:
        parse_amount(text, ".")

    assert refused.value.reason is Reason.BAD_AMOUNT


@pytest.mark.parametrize("text", ["", "  ", "-", "N/A", "null", "None", "nan", "Sold out"])
def test_blank_is_no_amount(text: str) -> None:
    """No price is not the price 0."""
    assert is_blank(text)
    assert not is_blank("0")


def test_json_number_needs_no_decimal_sign() -> None:
    """In JSON 1.234 is one and a bit, even where the strings of the file have decimal commas."""
    assert parse_amount(JsonNumber("1.234"), ",").value == Decimal("1.234")


@given(cents=st.integers(0, 10**12), sign=st.sampled_from((".", ",")))
def test_grouped_amounts_come_back(cents: int, sign: DecimalSign) -> None:
    """Whatever is written with two decimals and grouped by thousands is read as it was."""
    written = f"{cents // 100:,}|{cents % 100:02}".replace(",", "'")
    group = "," if sign == "." else "."
    text = written.replace("'", group).replace("|", sign)

    assert parse_amount(text, sign).value == Decimal(cents).scaleb(-2)


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    """No text at all raises anything else."""
    try:
        parse_amount(text, ".")
    except Refused as refused:
        assert refused.reason is Reason.BAD_AMOUNT


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        pytest.param(["39.81", "40"], ".", id="a point before two digits"),
        pytest.param(["1,29", "2"], ",", id="a comma before two digits"),
        pytest.param(["1,234", "1,5"], ",", id="one clear comma settles the unclear ones"),
        pytest.param(["1,234", "5.5"], ".", id="one clear point settles the unclear ones"),
        pytest.param(["1.234,50"], ",", id="the last of two signs"),
        pytest.param(["1.234.567"], ",", id="a sign that comes twice groups"),
        pytest.param(["0,123"], ",", id="no thousands begin with 0"),
        pytest.param(["12345,678"], ",", id="no group has five digits"),
        pytest.param(["1.234"], ".", id="programs write fractions with a point"),
        pytest.param(["7", "", "n/a", "abc"], ".", id="nothing to tell by"),
        pytest.param([JsonNumber("1.5"), "1,5"], ",", id="a JSON number says nothing"),
    ],
)
def test_column_tells_its_decimal_sign(texts: list[str], sign: str) -> None:
    """One amount that can be read in one way only settles the column."""
    survey = AmountSurvey()
    for text in texts:
        survey.see(text)

    assert survey.decide() == sign


@pytest.mark.parametrize(
    ("texts", "problem"),
    [(["1,234", "5"], "may be thousands"), (["1.50", "1,50"], "has a decimal point and")],
)
def test_column_that_does_not_tell_is_not_guessed(texts: list[str], problem: str) -> None:
    """It names the amounts that it cannot read, and the option that settles it."""
    survey = AmountSurvey()
    for text in texts:
        survey.see(text)

    with pytest.raises(UnusableFileError, match=problem) as error:
        survey.decide()
    assert "--decimal" in str(error.value)
