from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.pricing import (
    LastSeen,
    Move,
    decode_last_seen,
    encode_last_seen,
    observe,
)
from tests.factories import NOON

HELD = LastSeen(Decimal("100.00"), "USD", NOON)
LATER = NOON + timedelta(seconds=1)
EARLIER = NOON - timedelta(seconds=1)
NOTHING = (None, None, None)


@pytest.mark.parametrize(
    ("price", "currency", "seen_at", "expected"),
    [
        pytest.param("80", "USD", LATER, ("drop", "100.00", "-20.00", "-20"), id="drop"),
        pytest.param("125", "USD", LATER, ("rise", "100.00", "25.00", "25"), id="rise"),
        pytest.param("100", "USD", LATER, ("same", "100.00", "0", "0"), id="same"),
        pytest.param("80", "USD", NOON, ("drop", "100.00", "-20.00", "-20"), id="same moment"),
        pytest.param("80", "USD", EARLIER, ("late", "100.00", "-20.00", "-20"), id="late"),
        pytest.param("80", "EUR", LATER, ("new", *NOTHING), id="another currency"),
        pytest.param("80", "EUR", EARLIER, ("late", *NOTHING), id="late in another currency"),
    ],
)
def test_a_price_moves_against_the_last_one_seen(
    price: str, currency: str, seen_at: object, expected: tuple[str, str, str, str]
) -> None:
    """Late comes before everything else; only like currencies compare."""
    kind, *amounts = expected
    move = observe(Decimal(price), currency, seen_at, HELD)  # type: ignore[arg-type]

    assert move == Move(kind, *(None if a is None else Decimal(a) for a in amounts))  # type: ignore[arg-type]


def test_a_seat_seen_first_is_new() -> None:
    """Nothing compares with the first price."""
    assert observe(Decimal(5), "USD", NOON, None) == Move("new", *NOTHING)


prices = st.decimals(min_value="0.01", max_value="1e12", places=2)


@given(prices, prices)
def test_a_move_says_what_happened(old: Decimal, new: Decimal) -> None:
    """The kind follows the sign of the change, which is exact."""
    move = observe(new, "USD", LATER, LastSeen(old, "USD", NOON))

    assert move.change == new - old
    assert move.kind == ("drop" if new < old else "rise" if new > old else "same")


@given(prices, st.datetimes())
def test_the_tables_bytes_read_back(price: Decimal, seen_at: object) -> None:
    """What the table holds is what was written, digit for digit."""
    last = LastSeen(price, "USD", NOON)

    assert decode_last_seen(encode_last_seen(last)) == last
