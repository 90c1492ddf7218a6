"""Sections in one spelling, by a table of what sources write and by what must hold of any text."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seating.sections import Section, section_of, zone_spelling
from conscope_app.domains.tickets.seating.venue_habits import HABITS, Habits, habits_of, venue_name
from conscope_app.domains.tickets.seating.words import MOST_LETTERS
from tests.domains.tickets.seating.spellings import SECTIONS

words = st.sampled_from(
    (
        *(
            "A",
            "B",
            "W",
            "Sec",
            "Section",
            "Lower",
            "Level",
            "LL",
            "Club",
            "Floor",
            "GA",
            "General",
        ),
        *("Pit", "Admission", "Standing", "Room", "Only", "101", "007", "1", "-", ".", "*", "日"),
    )
)
texts = st.lists(words, max_size=6).map(" ".join) | st.text(max_size=40)


def test_the_table_is_as_large_as_it_has_to_be() -> None:
    """Spellings, each of them once."""
    every = [spelling for line in SECTIONS for spelling in line]

    assert len(every) == len(set(every)) >= 120


@pytest.mark.parametrize("line", SECTIONS, ids=lambda line: line[0] or "unknown")
def test_spellings_of_one_section_are_one(line: tuple[str, ...]) -> None:
    assert {spelling: section_of(spelling) for spelling in line} == dict.fromkeys(
        line, section_of(line[0])
    )


def test_sections_that_differ_stay_apart() -> None:
    """No two lines of the table come to the same."""
    found = {line[0]: section_of(line[0]) for line in SECTIONS}

    assert [pair for pair in combinations(found, 2) if found[pair[0]] == found[pair[1]]] == []


@given(texts)
def test_one_spelling_is_read_as_itself(text: str) -> None:
    section = section_of(text)

    assert section_of(str(section)) == section


@given(texts)
def test_case_and_spaces_make_no_difference(text: str) -> None:
    """Of ASCII: elsewhere upper case may be another letter."""
    if text.isascii():
        assert section_of(f"  {text.upper()} ") == section_of(text)


@given(st.integers(1, 999), st.integers(1, 999), texts)
def test_numbers_that_differ_are_never_one(one: int, other: int, around: str) -> None:
    """Whatever stands before them."""
    left, right = section_of(f"{around} {one}"), section_of(f"{around} {other}")

    assert (left == right) == (one == other)


@pytest.mark.parametrize("text", ["9" * 512, "(" * 512, "GA " * 170, "ﷺ" * 512, "\u0301" * 512])
def test_a_hostile_name_is_compared_as_it_is(text: str) -> None:
    """It is not taken apart, and is no other section's."""
    assert len(text) > MOST_LETTERS
    assert section_of(text).area == ""
    assert section_of(text) != section_of(text[:-3])


@pytest.mark.parametrize(
    ("venue", "text", "expected"),
    [
        pytest.param("Madison Square Garden", "Lower Level 101", Section("", "101"), id="needless"),
        pytest.param("The MetLife Stadium", "UL 301", Section("", "301"), id="with an article"),
        pytest.param("Madison Square Garden", "Club 101", Section("club", "101"), id="club stays"),
        pytest.param("Madison Square Garden", "Lower", Section("lower", ""), id="no number"),
        pytest.param("Another Garden", "Lower 101", Section("lower", "101"), id="another venue"),
    ],
)
def test_a_venues_own_habits(venue: str, text: str, expected: Section) -> None:
    assert section_of(text, venue) == expected


def test_habits_are_found_by_the_names_they_stand_under() -> None:
    """Who adds a venue writes its name as it is looked up, and areas as they are spelled."""
    for name, habits in HABITS.items():
        assert venue_name(name) == name
        areas = habits.needless | (habits.by_twos.areas if habits.by_twos else frozenset())
        assert {section_of(area) for area in areas} == {Section(area, "") for area in areas}
        for spelling, section in habits.spellings.items():
            assert (str(section_of(spelling)), str(section_of(section))) == (spelling, section)
    assert habits_of("") == habits_of("Nowhere") == Habits()
    assert venue_name("The Gershwin Theatre") == "gershwin theater"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Lower Level", "lower", id="a level"),
        pytest.param("LL101", "lower", id="with its number"),
        pytest.param("Floor A", "floor", id="with a letter"),
        pytest.param("Club Lounge", "club lounge", id="another name"),
        pytest.param("VIP", "vip", id="no area that is known"),
        pytest.param("Sec 101", "101", id="a number alone"),
    ],
)
def test_zones(text: str, expected: str) -> None:
    assert zone_spelling(text) == expected
