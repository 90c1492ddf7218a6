"""Seats and numbers as people write several of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seat_key import seat_key
from web.runs import in_runs, one_by_one
from web.seat_numbers import seats_in_words


def items(*seats: str) -> list[str]:
    """The keys of these seats of a row."""
    return [seat_key("e", "seatgeek", "102", "B", seat).decode() for seat in seats]


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        pytest.param(["12"], "seat 12", id="one"),
        pytest.param(["11", "12"], "seats 11-12", id="a pair"),
        pytest.param(["12", "11", "14"], "seats 11-12, 14", id="in order"),
        pytest.param(["11-12"], "seats 11-12", id="a pair that is sold as one"),
        pytest.param(["11-12", "13"], "seats 11-13", id="and one beside it"),
        pytest.param(["GA", "3", "4"], "seats GA, 3-4", id="one without a number"),
        pytest.param(["A"], "seat A", id="none with a number"),
        pytest.param(["", ""], "", id="without a name"),
        pytest.param([f"x{n}x" for n in range(10)], None, id="very many"),
    ],
)
def test_seats_in_words(seats: list[str], words: str | None) -> None:
    """By their numbers, next to each other as a run."""
    found = seats_in_words(items(*seats), "")

    assert found == words or (words is None and found.endswith("x7x, 2 more"))


def test_of_items_that_are_no_seats_the_first_says_what_it_is() -> None:
    """Where it says something."""
    assert seats_in_words(["other", "\ud800"], "7") == "seat 7"
    assert seats_in_words([], "") == ""


@given(st.lists(st.integers(0, 99)))
def test_runs_hold_each_number_once(numbers: list[int]) -> None:
    """And nothing else."""
    said = in_runs(one_by_one(numbers))
    runs = [[int(end) for end in run.split("-")] for run in said.split(", ") if run]

    assert [n for run in runs for n in range(run[0], run[-1] + 1)] == sorted(set(numbers))
