from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.budget import MINUTE, NOTHING_SPENT, Budget, Spent
from tests.notify.alerts import NOON


def moments_of(budget: Budget, pauses: list[timedelta]) -> list[float]:
    """When messages go out, if one is wanted after each pause, and at once where it may be."""
    spent, now, sent = NOTHING_SPENT, NOON, []
    for pause in pauses:
        now = budget.next_place_at(spent, now + pause)
        spent = budget.spend(spent, now)
        sent.append((now - NOON).total_seconds())
    return sent


@given(
    per_minute=st.integers(1, 400),
    pauses=st.lists(
        st.sampled_from([timedelta(0)] * 20 + [timedelta(seconds=1), timedelta(seconds=50)]),
        max_size=500,
    ),
)
def test_no_sixty_seconds_ever_hold_more_than_the_budget(
    per_minute: int, pauses: list[timedelta]
) -> None:
    """Wherever the window is laid, and however the messages come."""
    sent = moments_of(Budget(per_minute), pauses)

    for first, later in zip(sent, sent[per_minute:], strict=False):
        assert later - first >= MINUTE.total_seconds() - 1e-6


def test_a_busy_channel_gets_all_of_its_budget() -> None:
    """Thirty in a minute means thirty, not twenty-nine."""
    sent = moments_of(Budget(30), [timedelta(0)] * 40)

    assert sum(moment < 60 for moment in sent) == 30


def test_five_messages_go_out_at_once_and_the_others_follow_evenly() -> None:
    """With the default of thirty, nobody waits longer than 2.4 seconds for a place."""
    sent = moments_of(Budget(30), [timedelta(0)] * 8)

    assert sent[:5] == [0] * 5
    assert all(2.3 < later - first < 2.4 for first, later in pairwise(sent[4:]))


def test_one_message_a_minute_is_one_a_minute() -> None:
    """The smallest budget has a burst of one."""
    assert moments_of(Budget(1), [timedelta(0)] * 3) == [0, 60, 120]


def test_places_left_come_back_with_time() -> None:
    """A quiet minute gives all of them back."""
    budget = Budget(30)
    spent = NOTHING_SPENT
    for _ in range(5):
        spent = budget.spend(spent, NOON)

    assert budget.places_left(spent, NOON) == 0
    assert budget.places_left(spent, NOON + budget.gap) == 1
    assert budget.places_left(spent, NOON + MINUTE) == 5


def test_a_clock_that_goes_backwards_gives_nothing_back() -> None:
    """The budget is kept, at the price of a pause."""
    budget = Budget(30)

    assert budget.places_left(Spent(5, NOON), NOON - MINUTE) == 0
    assert budget.next_place_at(Spent(5, NOON), NOON - MINUTE) == NOON + budget.gap


def test_a_smaller_budget_than_was_spent_is_waited_for() -> None:
    """The setting may be lowered while places are taken."""
    budget = Budget(1)

    assert budget.places_left(Spent(5, NOON), NOON) == 0
    assert budget.next_place_at(Spent(5, NOON), NOON) == NOON + 5 * MINUTE
