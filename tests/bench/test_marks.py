"""Following a contestant: what is marked, when it is over, and when it has stalled."""

from collections.abc import Callable, Mapping

import pytest

from bench.marks import Mark, Stalled, at_commits, follow, timed


def placed(*states: Mapping[int, int]) -> Callable[[], Mapping[int, int]]:
    """Gives one after the other, and then the last one for ever."""
    left = list(states)

    def places() -> Mapping[int, int]:
        return left.pop(0) if len(left) > 1 else left[0]

    return places


def followed(*states: Mapping[int, int], until: int, alive: bool = True) -> list[int]:
    marks = follow(placed(*states), until=until, quiet_s=0.2, processes={}, alive=lambda: alive)
    return [mark.done for mark in marks]


def test_only_progress_is_marked() -> None:
    assert followed({0: 0}, {0: 0}, {0: 3, 1: 4}, {0: 3, 1: 4}, {0: 5, 1: 5}, until=10) == [
        0,
        7,
        10,
    ]


def test_what_comes_late_is_waited_for() -> None:
    """The last marker of a transaction stands behind the last record."""
    assert followed({0: 0}, {0: 10}, {0: 10}, {0: 11}, until=10) == [0, 10, 11]


def test_one_that_ends_before_its_work_has_stalled() -> None:
    with pytest.raises(Stalled, match="3 of 10"):
        followed({0: 3}, until=10, alive=False)


def marked(*moments: tuple[float, int]) -> list[Mark]:
    """By second and how much was done."""
    return [Mark(at_s, {0: done}, {}) for at_s, done in moments]


def test_what_is_timed_lies_in_the_midst_of_the_work() -> None:
    """From the first mark behind the warm-up to the first one behind most of it."""
    marks = marked((0, 0), (1, 4), (2, 8), (3, 9), (4, 10))

    assert [each.done for each in timed(marks, 2.5, 8.5)] == [4, 9]


def test_where_most_of_it_is_never_seen_the_last_mark_counts() -> None:
    assert [each.done for each in timed(marked((0, 0), (1, 4), (2, 8)), 2.5, 9)] == [4, 8]


@pytest.mark.parametrize("marks", [marked((0, 0), (1, 10)), marked((0, 0), (1, 2))])
def test_without_a_mark_behind_the_warm_up_nothing_can_be_timed(marks: list[Mark]) -> None:
    with pytest.raises(Stalled, match="warm-up"):
        timed(marks, 5, 9)


def test_the_last_of_rare_commits_does_not_count() -> None:
    """It comes when its five seconds are over, however early the work was done."""
    marks = marked((0, 0), (5, 40), (5.1, 50), (10, 90), (10.2, 100), (15, 101), (15.1, 103))

    assert [each.done for each in at_commits(marks)] == [0, 50, 100]
