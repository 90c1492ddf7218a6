"""A day's requests: never more than that within any 24 hours, and first for what must be asked."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.sources.polling.budget import RESERVE_FACTOR, SPARE_SHARE, Budget, hour_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@given(
    steps=st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.booleans()), max_size=200),
    per_day=st.integers(1, 40),
)
def test_no_day_holds_more_whenever_it_begins(
    steps: list[tuple[int, bool, bool]], per_day: int
) -> None:
    """Restarts included: what was used by the hour is all that a new one is told."""
    now, sent, used = NOON, list[datetime](), dict[int, int]()
    budget = Budget(per_day, used, now)
    for minutes, at_will, restarts in steps:
        now += timedelta(minutes=minutes)
        if restarts:
            budget = Budget(per_day, used, now)
        if budget.affords_at_will(now) if at_will else budget.affords(now):
            used[hour_of(now)] = budget.spend(now, at_will=at_will)
            sent.append(now)

    assert all(sum(at <= each < at + DAY for each in sent) <= per_day for at in sent)


@given(
    needed=st.dictionaries(st.integers(0, 24), st.integers(1, 5), max_size=12),
    greed=st.integers(1, 30),
)
def test_what_must_be_asked_can_be_paid_for_whatever_is_asked_at_will(
    needed: dict[int, int], greed: int
) -> None:
    """As long as the budget can pay for it at all."""
    per_day = 1 + round(RESERVE_FACTOR * sum(needed.values()) / (1 - SPARE_SHARE))
    budget = Budget(per_day, {}, NOON)
    first = hour_of(NOON)
    budget.keep({first + hour: count for hour, count in needed.items()}, NOON)
    for hour in range(25):
        now = NOON + hour * HOUR
        for _ in range(greed):
            if budget.affords_at_will(now):
                budget.spend(now, at_will=True)
        for _ in range(needed.get(hour, 0)):
            assert budget.affords(now)
            budget.spend(now, at_will=False)


def test_what_may_be_asked_at_will_is_spread_over_the_day() -> None:
    """The first hour takes no more than one and a half times its share, without what is spare."""
    budget = Budget(2_400, {}, NOON)
    while budget.affords_at_will(NOON):
        budget.spend(NOON, at_will=True)

    assert budget.used(NOON) == 143
    assert budget.frees_at(NOON) == NOON + HOUR
    assert budget.affords_at_will(NOON + HOUR)


def test_what_the_vendor_says_counts_where_it_is_less() -> None:
    """Somebody else may use the same key."""
    budget = Budget(1_000, {}, NOON)
    budget.keep({hour_of(NOON) + 1: 4}, NOON)
    budget.hear(6, NOON + 2 * HOUR)
    budget.spend(NOON, at_will=True)

    assert not budget.affords_at_will(NOON)
    assert budget.affords_at_will(NOON + 3 * HOUR)


def test_without_a_limit_nothing_is_kept_back() -> None:
    """The rate alone counts then."""
    budget = Budget(None, {hour_of(NOON): 10**6}, NOON)

    assert budget.affords_at_will(NOON)
    assert budget.daily_at_will(NOON) is None
