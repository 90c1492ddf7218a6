"""The milestones of an event: which one is to be met next, as of any moment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.sources.polling.milestones import HOURS_BEFORE, milestones, next_milestone
from tests.sources.polling.adapters import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("left_h", "seen_h", "next_h"),
    [
        pytest.param(100, None, 72, id="ahead"),
        pytest.param(100, 101, 72, id="ahead, and seen"),
        pytest.param(70, 73, 72, id="due"),
        pytest.param(70, None, 72, id="due, and never seen"),
        pytest.param(70, 71, 48, id="met"),
        pytest.param(2, 30, 3, id="of those that were missed only the last can be met"),
        pytest.param(0.5, 2, 1, id="the last"),
        pytest.param(0.5, 0.9, None, id="all met"),
        pytest.param(-1, None, None, id="it has begun"),
    ],
)
def test_which_is_next(left_h: float, seen_h: float | None, next_h: int | None) -> None:
    """In hours before it begins."""
    starts_at = NOON + left_h * HOUR
    seen_at = None if seen_h is None else starts_at - seen_h * HOUR

    milestone = next_milestone(starts_at, seen_at, NOON)

    expected = None if next_h is None else starts_at - next_h * HOUR
    assert (None if milestone is None else milestone.due_at) == expected


@given(left_h=st.floats(-5, 200), seen_h=st.none() | st.floats(0, 200))
def test_it_is_the_first_that_can_still_be_met(left_h: float, seen_h: float | None) -> None:
    """That is: not over, and not met by the last look."""
    starts_at = NOON + left_h * HOUR
    seen_at = None if seen_h is None else NOON - seen_h * HOUR
    open_ = [
        each
        for each in milestones(starts_at)
        if each.ends_at > NOON and (seen_at is None or seen_at < each.due_at)
    ]

    expected = open_[0] if open_ and starts_at > NOON else None
    assert next_milestone(starts_at, seen_at, NOON) == expected


def test_they_follow_one_another() -> None:
    """Each ends where the next one is due, the last one as it begins."""
    all_of_it = milestones(NOON)

    assert [(NOON - each.due_at) / HOUR for each in all_of_it] == list(HOURS_BEFORE)
    ends = [each.ends_at for each in all_of_it]
    assert ends == [*(each.due_at for each in all_of_it[1:]), NOON]
    assert all(each.due_at < each.ripe_at < each.ends_at for each in all_of_it)
