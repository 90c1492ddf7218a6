"""Records go out evenly, and what a stall held back is made up for gently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.sources.pacing import BURST_S, Pace, parse_duration


@given(
    rate=st.floats(0.5, 5_000),
    steps=st.lists(st.floats(0.001, 0.02), min_size=200, max_size=300),
)
def test_rate_holds_and_no_burst_exceeds_50_ms(rate: float, steps: list[float]) -> None:
    """Asked at least every 20 ms, the pace is never more than one record behind its rate."""
    pace = Pace(rate, 0.0)
    now_s, released = 0.0, 0
    for step in steps:
        now_s += step
        due = pace.due(now_s)
        released += due

        assert due <= max(1, rate * BURST_S)
        assert rate * now_s - 1 - 1e-6 <= released <= rate * now_s + 1e-6


def test_short_stall_is_made_up_for() -> None:
    """After a second of silence the average is reached again, 50 ms' worth at a time."""
    pace = Pace(1_000, 0.0)
    released = [pace.due(1.0 + tick / 100) for tick in range(40)]

    assert released[0] == 50
    assert max(released) == 50
    assert sum(released) == 1_390


def test_long_stall_is_let_go() -> None:
    """What is more than five seconds back is not made up for: nobody wants it any more."""
    pace = Pace(1_000, 0.0)
    released = [pace.due(60.0 + tick / 100) for tick in range(1_000)]

    assert sum(released) == pytest.approx(5_000 + 9_990, abs=2)


def test_rate_0_is_as_fast_as_possible() -> None:
    """Without a rate there is always a batch due, and nothing to wait for."""
    pace = Pace(0, 0.0)

    assert [pace.due(0.0), pace.due(0.0)] == [1_000, 1_000]
    assert pace.wait_s(0.0) == 0


def test_slow_rate_does_not_ask_all_the_time() -> None:
    """At a record a minute it is asked once a second, so that a stop is heard in time."""
    pace = Pace(1 / 60, 0.0)

    assert pace.wait_s(0.0) == 1.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("2m", 120), ("1h", 3_600), ("1.5m", 90), ("2M", 120)],
)
def test_duration_is_read(text: str, seconds: float) -> None:
    """A bare number is seconds; s, m and h are units."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-1", "1w", "1e3", "1..2", ".", "ten", "٣", "nan"])
def test_other_durations_are_refused(text: str) -> None:
    """What is no duration is said to be none."""
    with pytest.raises(ValueError, match="no duration"):
        parse_duration(text)
