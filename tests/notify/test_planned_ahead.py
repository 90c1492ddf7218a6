"""A plan serves the messages after its first for as long as it holds."""

import pytest

from conscope_app.notify.planned_ahead import PlannedAhead

MESSAGES = [("a", "b"), ("c",), ("d",)]


@pytest.mark.parametrize(
    ("took_s", "later_s", "first"),
    [
        pytest.param(0.5, 9.9, ("a", "b"), id="twenty times as long as it took"),
        pytest.param(0.5, 10.0, None, id="and no longer"),
        pytest.param(60.0, 29.9, ("a", "b"), id="half a minute at most"),
        pytest.param(60.0, 30.0, None, id="however long it took"),
        pytest.param(0.0, 0.0, None, id="not where it took no time"),
    ],
)
def test_how_long_a_plan_holds(
    took_s: float, later_s: float, first: tuple[str, ...] | None
) -> None:
    ahead = PlannedAhead()
    ahead.note(MESSAGES, took_s=took_s, monotonic=100.0)

    assert ahead.first(monotonic=100.0 + later_s) == first


def test_one_after_the_other() -> None:
    ahead = PlannedAhead()
    ahead.note(MESSAGES, took_s=1.0, monotonic=0.0)
    seen = []
    while (first := ahead.first(monotonic=1.0)) is not None:
        seen.append(first)
        assert ahead.first(monotonic=1.0) == first
        ahead.had()

    assert seen == MESSAGES


def test_what_is_forgotten_or_over_is_planned_anew() -> None:
    ahead = PlannedAhead()
    assert ahead.first(monotonic=0.0) is None

    ahead.note(MESSAGES, took_s=1.0, monotonic=0.0)
    ahead.forget()
    assert ahead.first(monotonic=1.0) is None

    ahead.note(MESSAGES, took_s=1.0, monotonic=0.0)
    assert ahead.first(monotonic=20.0) is None
    assert ahead.first(monotonic=1.0) is None
