from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.money import (
    MAX_AMOUNT,
    difference,
    is_believable,
    is_currency,
    percent_of,
)

amounts = st.integers(1, int(MAX_AMOUNT) * 10**18).map(lambda units: Decimal(units).scaleb(-18))


@pytest.mark.parametrize(
    ("amount", "believed"),
    [
        pytest.param("0.01", True, id="a cent"),
        pytest.param("0", True, id="nothing"),
        pytest.param("-0.01", False, id="less than nothing"),
        pytest.param("-0.001", False, id="less than nothing, and finer than a cent"),
        pytest.param("1000000000000000", True, id="the largest"),
        pytest.param("1000000000000001", False, id="over the largest"),
        pytest.param("1e-18", True, id="the finest"),
        pytest.param("1e-19", False, id="finer than any currency"),
        pytest.param("NaN", False, id="not a number"),
        pytest.param("-Infinity", False, id="infinite"),
    ],
)
def test_an_amount_is_believed_within_bounds(amount: str, believed: bool) -> None:
    """Only amounts of a size and fineness that exist are believed, and no debts."""
    assert is_believable(Decimal(amount)) is believed


@pytest.mark.parametrize(
    ("code", "known"), [("USD", True), ("usd", False), ("", False), ("U$", False)]
)
def test_a_currency_is_letters(code: str, known: bool) -> None:
    """A currency code is three to eight capital letters."""
    assert is_currency(code) is known


@given(amounts, amounts)
def test_a_difference_is_exact(new: Decimal, old: Decimal) -> None:
    """No believable pair loses a digit: adding the old amount gives the new one back."""
    change = difference(new, old)

    assert difference(change, old.copy_negate()) == new


@given(amounts, amounts)
def test_a_percentage_never_fails_and_keeps_the_sign(part: Decimal, whole: Decimal) -> None:
    """A share of any believable pair has four places and is not negative."""
    percent = percent_of(part, whole)

    assert percent.as_tuple().exponent == -4
    assert percent >= 0
