"""Rows in one spelling, and in order."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seating.rows import row_of, row_order
from conscope_app.domains.tickets.seating.venue_habits import HABITS, Habits
from tests.domains.tickets.seating.spellings import ROWS

texts = st.text(alphabet="ABRZaz01920 .-*é日²", max_size=8) | st.text(max_size=30)


@pytest.mark.parametrize("line", ROWS, ids=lambda line: line[0] or "unknown")
def test_spellings_of_one_row_are_one(line: tuple[str, ...]) -> None:
    assert {spelling: row_of(spelling) for spelling in line} == dict.fromkeys(line, row_of(line[0]))


def test_rows_that_differ_stay_apart() -> None:
    found = {line[0]: row_of(line[0]) for line in ROWS}

    assert [pair for pair in combinations(found, 2) if found[pair[0]] == found[pair[1]]] == []


def test_rows_stand_in_order() -> None:
    """Letters, doubled letters, numbers, numbers with a letter, words, and what has none."""
    expected = [
        *("A", "Row B", "Z", "AA", "BB", "ZZ", "AAA", "1", "R2", "Row 12", "100", "12A", "13A"),
        *("A2", "A12", "VIP 1", "VIP 2", "VIP 10", "", "GA"),
    ]
    shuffled = Random(7).sample(expected, len(expected))

    assert sorted(shuffled, key=row_order) == expected


def test_a_venue_may_have_doubled_letters_in_front(monkeypatch: pytest.MonkeyPatch) -> None:
    habits = {**HABITS, "an odd house": Habits(doubled_in_front=True)}
    monkeypatch.setattr("conscope_app.domains.tickets.seating.venue_habits.HABITS", habits)

    rows = sorted(["A", "BB", "1", "AA"], key=lambda row: row_order(row, "The Odd House of None"))
    doubled = sorted(["A", "BB", "1", "AA"], key=lambda row: row_order(row, "An Odd House"))

    assert (rows, doubled) == (["A", "AA", "BB", "1"], ["AA", "BB", "A", "1"])


@given(st.lists(texts, max_size=8, unique=True), st.randoms(use_true_random=False))
def test_the_order_is_total(rows: list[str], dice: Random) -> None:
    """However they come, there is one order; spellings of one row stand beside each other."""
    ordered = sorted(rows, key=row_order)
    dice.shuffle(rows)

    assert sorted(rows, key=row_order) == ordered
    spelled = [row_of(row) for row in ordered]
    assert len([at for at in range(1, len(spelled)) if spelled[at] != spelled[at - 1]]) == max(
        len(set(spelled)) - 1, 0
    )


@given(texts)
def test_one_spelling_is_read_as_itself(text: str) -> None:
    assert row_of(row_of(text)) == row_of(text)


@pytest.mark.parametrize("text", ["9" * 512, "A" * 512, "Row " * 128, "1A" * 256])
def test_a_hostile_row_has_a_place(text: str) -> None:
    assert row_order(text) > row_order("Z")
