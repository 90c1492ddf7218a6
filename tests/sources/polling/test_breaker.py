"""A source that fails is left alone, longer and longer, and tried with one request at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from conscope_app.sources.polling.answers import Failed, Trouble
from conscope_app.sources.polling.breaker import FAILURES_TO_OPEN, Breaker

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOWN = Failed(Trouble.SERVER, "answered with 503")


def failing(times: int, failed: Failed = DOWN) -> Breaker:
    """A breaker after so many failures in a row."""
    breaker = Breaker()
    for _ in range(times):
        breaker = breaker.failed(failed, NOON, 0.0)
    return breaker


def test_waits_double() -> None:
    """From two seconds on."""
    waits = [failing(times).waits_until(NOON) for times in (1, 2, 3)]

    assert waits == [NOON + timedelta(seconds=seconds) for seconds in (2, 4, 8)]


def test_it_opens_and_says_why() -> None:
    """With the fifth failure in a row, and not before."""
    assert failing(FAILURES_TO_OPEN - 1).state == "closed"
    opened = failing(FAILURES_TO_OPEN)

    assert (opened.state, opened.reason) == ("open", "answered with 503")
    assert opened.waits_until(NOON) == NOON + timedelta(seconds=30)


def test_one_request_tries_it_and_closes_or_opens_it_again() -> None:
    """Half-open: a failure of that one opens it for twice as long."""
    later = NOON + timedelta(seconds=30)
    trying = failing(FAILURES_TO_OPEN).trying(later)
    assert trying.state == "half-open"

    again = trying.failed(DOWN, later, 0.0)

    assert again.waits_until(later) == later + timedelta(seconds=60)
    assert trying.answered() == Breaker()


def test_it_is_never_left_alone_for_longer_than_five_minutes_unless_it_asks() -> None:
    """An hour before an event it must be looked at within that hour."""
    assert failing(50).waits_until(NOON) == NOON + timedelta(minutes=5)
    asked = DOWN._replace(not_before=NOON + timedelta(hours=2))
    assert failing(50, asked).waits_until(NOON) == asked.not_before


@pytest.mark.parametrize("random", [0.0, 0.5, 1.0])
def test_jitter_takes_off_up_to_half(random: float) -> None:
    """Many pollers do not come back at once."""
    breaker = Breaker().failed(DOWN, NOON, random)

    assert breaker.waits_until(NOON) == NOON + timedelta(seconds=2) * (1 - random / 2)
