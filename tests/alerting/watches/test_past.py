from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches.past import MOST_RECENT, Past, look, remember
from conscope_app.alerting.watches.watch import LONGEST_WINDOW_DAYS, MOST_LOWS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOON.date()

# Hours since the last observation (a few come late), and the price.
observations = st.lists(
    st.tuples(st.integers(-30, 200), st.integers(1, 12).map(Decimal)), min_size=1, max_size=60
)


def lived(history: list[tuple[int, Decimal]]) -> tuple[Past, list[tuple[datetime, Decimal]]]:
    past, seen, now = None, [], NOON
    for hours, price in history:
        now += timedelta(hours=hours)
        past = remember(past, price, now)
        seen.append((now, price))
    assert past is not None
    return past, seen


@given(observations)
def test_what_is_remembered_is_what_a_look_at_everything_finds(
    history: list[tuple[int, Decimal]],
) -> None:
    """Previous price, lows, and for each window its low: however late some observations come."""
    past, seen = lived(history)
    newest = max(at for at, _ in seen).date()
    first = newest - timedelta(days=LONGEST_WINDOW_DAYS)

    assert past.at == max(at for at, _ in seen)
    assert past.lows == tuple(sorted({price for _, price in seen})[:MOST_LOWS])
    for days in (0, 1, 7, LONGEST_WINDOW_DAYS):
        since = newest - timedelta(days=days)
        prices = [price for at, price in seen if at.date() >= max(since, first)]
        assert past.low_since(since) == min(prices, default=None)


@given(observations.filter(lambda history: all(hours >= 0 for hours, _ in history)))
def test_the_median_is_that_of_the_days_last_prices(history: list[tuple[int, Decimal]]) -> None:
    past, seen = lived(history)
    lasts = {at.date(): price for at, price in seen}
    newest = past.at.date()

    for days in (0, 7, 30):
        since = newest - timedelta(days=days)
        chosen = [price for day, price in lasts.items() if day >= since]
        assert past.median_since(since) == median(chosen)


@given(observations)
def test_it_is_bounded_and_comes_back_as_it_was(history: list[tuple[int, Decimal]]) -> None:
    past, _ = lived(history)

    assert len(past.days) <= LONGEST_WINDOW_DAYS + 1
    assert len(past.lows) <= MOST_LOWS
    assert len(past.recent) <= MOST_RECENT
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(past), type=Past) == past


def test_a_late_observation_is_not_the_price_now() -> None:
    """It is the low of its day, and what the day ended with stays."""
    past = remember(remember(None, Decimal(50), NOON), Decimal(40), NOON - timedelta(hours=1))

    assert (past.previous, past.at) == (Decimal(50), NOON)
    assert past.low_since(TODAY) == Decimal(40)
    assert past.median_since(TODAY) == Decimal(50)


def test_without_an_observation_in_the_window_there_is_neither_low_nor_median() -> None:
    past = remember(None, Decimal(50), NOON)

    assert past.low_since(date(2026, 11, 23)) is None
    assert past.median_since(date(2026, 11, 23)) is None


def usual(*prices: int) -> Past:
    """A past of prices, one an hour."""
    past = None
    for hour, price in enumerate(prices):
        past = remember(past, Decimal(price), NOON + timedelta(hours=hour))
    assert past is not None
    return past


@pytest.mark.parametrize(
    ("prices", "price", "doubtful"),
    [
        pytest.param((100,) * 5, 17, True, id="far under"),
        pytest.param((100,) * 5, 400, True, id="far over"),
        pytest.param((100,) * 5, 71, False, id="a sale"),
        pytest.param((100,) * 4, 17, False, id="too little known"),
        pytest.param((100, 20, 100, 20, 100, 20), 50, False, id="it always jumps"),
    ],
)
def test_a_jump_is_doubted(prices: tuple[int, ...], price: int, doubtful: bool) -> None:
    past = usual(*prices)

    found = look(past, Decimal(price), NOON + timedelta(days=1))

    assert found.doubtful is doubtful
    if doubtful:
        assert (found.after.previous, found.after.lows) == (past.previous, past.lows)


def test_a_jump_that_is_seen_twice_is_believed() -> None:
    past = usual(*(100,) * 5)
    once = look(past, Decimal(17), NOON + timedelta(days=1))
    twice = look(once.after, Decimal(18), NOON + timedelta(days=2))
    stays = look(twice.after, Decimal(18), NOON + timedelta(days=3))

    assert (once.doubtful, twice.doubtful, stays.doubtful) == (True, False, False)
    assert (twice.after.previous, twice.after.doubted) == (Decimal(18), None)


def test_up_and_down_do_not_confirm_each_other() -> None:
    past = usual(*(100,) * 5)
    up = look(past, Decimal(900), NOON + timedelta(days=1))

    assert look(up.after, Decimal(9), NOON + timedelta(days=2)).doubtful
