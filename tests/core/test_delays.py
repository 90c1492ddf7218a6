"""Delays as counts in buckets: what is read from them, and how cheaply they are noted."""

from dataclasses import dataclass
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.core.delays import (
    EDGES_MS,
    WINDOW_S,
    WINDOWS,
    Delays,
    RecentDelays,
    added,
    at_most_s,
    bucket_of,
    merged,
    percentile_s,
)

NOW_MS = 1_700_000_000_000
SHARES = (0.0, 0.5, 0.95, 0.99, 1.0)
delays = st.lists(st.integers(-50, 6_000_000), min_size=1, max_size=200)


@dataclass
class Stamped:
    """A record of which only the time counts."""

    timestamp: int


class Minute:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def counted(values: list[int]) -> dict[int, int]:
    """Each delay noted alone."""
    recent = RecentDelays(Minute())
    for value in values:
        recent.note(value)
    return recent.report().counts


@given(delays, st.sampled_from(SHARES))
def test_a_percentile_lies_in_the_bucket_of_the_delay_that_it_stands_for(
    values: list[int], share: float
) -> None:
    """That of the sorted list: off by less than a fifth, or a millisecond, or beyond the edges."""
    exact = sorted(values)[max(0, ceil(share * len(values)) - 1)]

    read = percentile_s(counted(values), share)

    assert read is not None
    if exact >= EDGES_MS[-1]:
        assert read == EDGES_MS[-1] / 1000
    elif exact < 1:
        assert 0 <= read <= 0.001
    else:
        low, high = EDGES_MS[bucket_of(exact) - 1], EDGES_MS[bucket_of(exact)]
        assert low / 1000 <= read <= high / 1000


@given(st.lists(delays, max_size=5))
def test_added_up_they_are_as_if_one_had_counted_all(parts: list[list[int]]) -> None:
    """No matter who noted what."""
    whole = counted([value for part in parts for value in part])

    assert merged(counted(part) for part in parts) == whole


@given(delays)
def test_a_run_of_records_is_noted_as_each_of_them_alone(values: list[int]) -> None:
    """Append times do not go back within a partition."""
    recent = RecentDelays(Minute())
    records = [Stamped(NOW_MS - value) for value in sorted(values, reverse=True)]

    recent.note_records(records, NOW_MS)

    assert recent.report().counts == counted(values)


@given(delays)
def test_of_records_out_of_order_none_is_lost(values: list[int]) -> None:
    """A broker's clock was put back: some are in another bucket, and the number is right."""
    recent = RecentDelays(Minute())

    recent.note_records([Stamped(NOW_MS - value) for value in values], NOW_MS)

    assert recent.report().total == len(values)


def test_of_nothing_nothing_is_known() -> None:
    """None, and no seconds that would make a rate of it."""
    recent = RecentDelays(Minute())
    recent.note_records([], NOW_MS)

    assert recent.report() == Delays(0.0, {})
    assert percentile_s({}, 0.5) is None
    assert added([]).per_s == 0


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    """Window by window, and the rate is of the time that is remembered."""
    clock = Minute()
    recent = RecentDelays(clock)
    for _ in range(2 * WINDOWS):
        recent.note(100)
        clock.now_s += WINDOW_S

    report = recent.report()
    assert report.total == WINDOWS - 1  # one window has just begun
    assert report.per_s == pytest.approx(1 / WINDOW_S)

    clock.now_s += WINDOWS * WINDOW_S
    assert recent.report() == Delays(0.0, {})


def test_workers_rates_are_added() -> None:
    """Also where one of them began later."""
    both = added([Delays(60.0, {10: 600}), Delays(5.0, {10: 100}), Delays(0.0, {})])

    assert both.total == 700
    assert both.per_s == pytest.approx(30)


@given(st.lists(st.tuples(st.integers(1, 100_000), st.integers(1, 100_000)), min_size=1))
def test_a_way_of_two_parts_is_never_longer_than_its_bound(parts: list[tuple[int, int]]) -> None:
    """However the two hang together; but for what interpolation within a bucket gives away."""
    first, then = counted([each for each, _ in parts]), counted([each for _, each in parts])
    a_bucket = EDGES_MS[1]
    for share in (0.5, 0.95, 0.99):
        whole = sorted(sum(each) for each in parts)[ceil(share * len(parts)) - 1]

        bound = at_most_s(first, then, share)

        assert bound is not None
        assert whole <= bound * 1000 * a_bucket


def test_a_bound_needs_both_parts() -> None:
    """Of a part that nobody measured nothing follows."""
    assert at_most_s({10: 1}, {}, 0.5) is None
    assert at_most_s({}, {10: 1}, 0.5) is None


def test_bounds_hold_for_reports_of_other_versions() -> None:
    """A bucket that there is not is one of the ends."""
    assert percentile_s({10_000: 1}, 0.5) == EDGES_MS[-1] / 1000
    assert percentile_s({-3: 1}, 0.5) == pytest.approx(0.0005)
