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
        pytest.param("0.000000000000000001", "ETH", "0.000000000000000001 ETH", id="a wei"),
        pytest.param("1.23456E-13", "ETH", "0.0000000000001235 ETH", id="never nothing"),
        pytest.param("0.1234567890123456", "ETH", "0.123456789012 ETH", id="twelve are enough"),
        pytest.param("0", "ETH", "0.00 ETH", id="nothing"),
        pytest.param("-0.004", "USD", "$-0.004", id="less than nothing"),
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


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 ms"),
        (0.0001, "under 1 ms"),
        (0.0124, "12 ms"),
        (0.9996, "1.0 s"),
        (59.9, "59.9 s"),
        (59.99, "1 min"),
        (90, "1.5 min"),
        (7_200, "2 h"),
        (200_000, "2.3 d"),
    ],
)
def test_how_long_something_takes_has_three_digits_at_most(seconds: float, shown: str) -> None:
    """Coarse enough to be read at a glance."""
    assert templating.lasting(seconds) == shown


@pytest.mark.parametrize(
    ("in_bytes", "shown"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_500, "1.5 kB"), (48 * 10**9, "48.0 GB")],
)
def test_sizes_are_in_powers_of_a_thousand(in_bytes: int, shown: str) -> None:
    """As disks are sold."""
    assert templating.size(in_bytes) == shown
