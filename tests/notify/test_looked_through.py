"""A queue that is slow to look through is not looked through at each change."""

from datetime import timedelta

from conscope_app.alerting.outbox import Target
from conscope_app.alerting.watches.telling import Look, Turn
from conscope_app.notify.looked_through import LookedThrough
from tests.notify.alerts import NOON

SLOW_S, QUICK_S = 0.5, 0.05


def looked(*took_s: float) -> LookedThrough:
    """Looked through at 100 s on our clock, and found to have something in an hour."""
    through = LookedThrough()
    target = Target(now=NOON)
    for each_s in took_s:
        turn = Turn(target=target, revision=1, next_at=NOON + timedelta(hours=1))
        through.note(turn, took_s=each_s, monotonic=100.0)
    return through


def is_read_again(through: LookedThrough, after_s: float, revision: int) -> bool:
    look = Look(now=NOON, revision=revision, waits=True, is_leased_to_us=False)
    return not through.knows(look, monotonic=100.0 + after_s)


def test_what_changed_in_a_queue_that_is_slow_each_time_waits_a_little() -> None:
    through = looked(SLOW_S, SLOW_S)

    assert not is_read_again(through, 2.4, revision=2)
    assert is_read_again(through, 2.5, revision=2)


def test_one_slow_look_says_nothing_of_the_queue() -> None:
    for took_s in [(SLOW_S,), (QUICK_S, SLOW_S), (SLOW_S, QUICK_S)]:
        assert is_read_again(looked(*took_s), 0.0, revision=2)


def test_what_did_not_change_is_left_for_twenty_times_as_long_as_it_took() -> None:
    through = looked(SLOW_S)

    assert not is_read_again(through, 9.9, revision=1)
    assert is_read_again(through, 10.0, revision=1)
