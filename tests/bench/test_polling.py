"""A few days of polling, simulated: what holds for a month holds for them, whatever the seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.polling.run import OPEN_HANDED, TIGHT, Month, simulate
from bench.polling.vendor import Manner

DAYS = 3


def a_month(manner: Manner, seed: int, events: int = 200) -> Month:
    """Three days of a season of twelve, with a kill each quarter of a day."""
    return simulate(manner, events=events, days=DAYS, seed=seed, kills=12, season_days=12)


@pytest.mark.parametrize("manner", [OPEN_HANDED, TIGHT], ids=lambda manner: str(manner.name))
@settings(max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_no_promise_is_broken(manner: Manner, seed: int) -> None:
    """Budget, rate, milestones, and nothing invalid twice, as the vendor itself has seen it."""
    month = a_month(manner, seed)

    seen = month.vendor.seen
    assert (seen.over_day, seen.over_rate) == (0, 0)
    assert seen.repeated_invalid == 0
    assert month.kept.missed == []
    assert month.kept.met > 100
    assert "healthy" in month.states


@settings(max_examples=2)
@given(seed=st.integers(0, 2**32), per_day=st.integers(20, 120))
def test_a_budget_that_cannot_pay_for_all_is_spent_on_milestones(seed: int, per_day: int) -> None:
    """It is never exceeded, even by kills and by a day that begins when nobody knows."""
    month = a_month(OPEN_HANDED._replace(per_day=per_day, tells_allowance=False), seed)

    seen = month.vendor.seen
    assert seen.over_day == 0
    assert max(seen.by_day.values()) <= per_day
    assert seen.requests >= per_day
