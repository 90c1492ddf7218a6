"""What can wait is late where something urgent is behind, and never given up."""

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.stream.giving_way import MOST_S, GivingWay

STEPS = st.lists(st.tuples(st.booleans(), st.floats(0.01, 2.0)), min_size=1, max_size=400)


def waits_of(urgent: list[bool], steps_s: list[float]) -> list[tuple[bool, float]]:
    """What was said at each step, and how long that step took then."""
    at_s, said, now = 100.0, list[tuple[bool, float]](), [False]
    giving_way = GivingWay(lambda: now[0])
    for is_urgent, step_s in zip(urgent, steps_s, strict=True):
        now[0] = is_urgent
        said.append((giving_way.waits(at_s), step_s))
        at_s += step_s
    return said


def test_it_waits_while_something_urgent_is_behind_and_no_longer() -> None:
    said = waits_of([False, True, True, False, True], [0.1] * 5)

    assert [waits for waits, _ in said] == [False, True, True, False, True]


def test_it_waits_for_half_a_minute_and_then_half_of_the_time() -> None:
    said = [waits for waits, _ in waits_of([True] * 2_000, [0.1] * 2_000)]

    assert all(said[: int(MOST_S * 10)])
    assert 0.4 < sum(said[300:]) / len(said[300:]) < 0.6


@given(STEPS)
def test_whatever_is_urgent_and_when_it_does_not_wait_for_long(
    steps: list[tuple[bool, float]],
) -> None:
    said = waits_of([urgent for urgent, _ in steps], [step_s for _, step_s in steps])

    waited = sum(step_s for waits, step_s in said if waits)
    worked = sum(step_s for waits, step_s in said if not waits)
    assert waited <= worked + MOST_S + 2.0
