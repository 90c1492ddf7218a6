"""The order of sections and rows, and the texts that stand for it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seating.orders import (
    natural,
    place_of_row,
    place_of_section,
    section_order,
)
from conscope_app.domains.tickets.seating.rows import row_order

# What names are made of, what places are, and whatever else there is; Postgres takes no NUL.
texts = st.text(alphabet="ABZab01920 .-*é\x01\x02日²", max_size=8) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30
)


def test_people_count_in_this_order() -> None:
    """By the number, whatever the word for a section is; then what is called by words."""
    names = ["Sektor 9", "10", "Section 99", "sec. 101", "101W", "Club 2", "Club 10", "Lower 1"]

    shuffled = Random(3).sample(names, len(names))
    assert sorted(shuffled, key=section_order) == names
    assert sorted(shuffled, key=place_of_section) == names


@given(st.lists(texts))
def test_any_names_have_an_order(names: list[str]) -> None:
    """Whatever they are made of."""
    assert len(sorted(names, key=natural)) == len(names)


@pytest.mark.parametrize("venue", ["", "Madison Square Garden"])
@given(seats=st.lists(st.tuples(texts, texts), max_size=8))
def test_as_texts_seats_have_the_same_order(seats: list[tuple[str, str]], venue: str) -> None:
    """By section, then by row: put behind each other, the two places do not run into one."""

    def by_order(seat: tuple[str, str]) -> object:
        return section_order(seat[0], venue), row_order(seat[1], venue)

    def by_place(seat: tuple[str, str]) -> str:
        return place_of_section(seat[0], venue) + place_of_row(seat[1], venue)

    assert sorted(seats, key=by_place) == sorted(seats, key=by_order)  # type: ignore[arg-type,return-value]  # tuples of one shape


def test_the_longest_number_has_a_place() -> None:
    """A name may be nothing but digits."""
    longest, shorter = "9" * 512, "9" * 511

    assert place_of_section(shorter) < place_of_section(longest) < place_of_section("Pit")
