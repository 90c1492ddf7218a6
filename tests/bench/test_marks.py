"""Following a contestant: what is marked, when it is over, and when it has stalled."""

from collections.abc import Callable, Mapping

import pytest

from bench.marks import Stalled, first_at, follow


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


def test_the_first_mark_behind_the_warm_up_is_found() -> None:
    marks = follow(
        placed({0: 0}, {0: 4}, {0: 9}, {0: 10}),
        until=10,
        quiet_s=0,
        processes={},
        alive=lambda: True,
    )
    assert first_at(marks, 2.5).done == 4
