"""How figures are written."""

from decimal import Decimal

import pytest

from web import templating


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        pytest.param("1234.5", "USD", "$1,234.50", id="dollars"),
        pytest.param("9", "EUR", "€9.00", id="whole euros"),
        pytest.param("1500", "JPY", "¥1,500", id="yen have no cents"),
        pytest.param("12.5", "CHF", "12.50 CHF", id="a currency without a sign"),
        pytest.param("0.000123", "BTC", "0.000123 BTC", id="as fine as it is"),
        pytest.param("100.500000", "USD", "$100.50", id="no zeros that say nothing"),
        pytest.param("1E+3", "USD", "$1,000.00", id="no exponent"),
        pytest.param("201.333333333333", "USD", "$201.3333", id="not finer than one can read"),
    ],
)
def test_money(amount: str, currency: str, text: str) -> None:
    """With its currency, always."""
    assert templating.money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(0.4, "now"), (3.9, "now"), (44, "44 s ago"), (150, "2 min ago"), (7300, "2 h ago")],
)
def test_ago(age_s: float, text: str) -> None:
    """Coarse, so that a page does not count 0, 1, 0, 1."""
    assert templating.ago(age_s) == text


@pytest.mark.parametrize(
    ("part", "whole", "length"), [(0, 10, "0"), (5, 10, "50.00"), (1, 9_999, "1.00"), (3, 0, "0")]
)
def test_share(part: float, whole: float, length: str) -> None:
    """Something is never drawn as nothing."""
    assert templating.share(part, whole) == length


@pytest.mark.parametrize(
    ("name", "shown"), [("box:6066", "box:6066"), ("conscope-worker-7f9:6066", "…rker-7f9:6066")]
)
def test_tail(name: str, shown: str) -> None:
    """The end of a long name, not longer than asked for."""
    assert templating.tail(name, 14) == shown
    assert len(shown) <= 14


def test_every_template_escapes() -> None:
    """Whatever its name ends in."""
    assert templating.environment().autoescape is True
