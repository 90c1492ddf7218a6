"""Runs of seats as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.domains.tickets.seating.seat_runs import (
    MOST_SEATS,
    numbered_by_twos,
    seats_of,
    side_of,
    spots,
)
from conscope_app.domains.tickets.seating.venue_habits import ByTwos

BROADWAY = ByTwos(frozenset(("orchestra",)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            pytest.param(text, (12, 13), id=text)
            for text in (
                *("12-13", "12 - 13", "12–13", "12—13", "13-12", "12,13", "12, 13", "13,12"),
                *("12 & 13", "12&13", "12 and 13", "12;13", "12/13", "12+13", "12 to 13"),
                *("12 thru 13", "Seats 12-13", "seat 12,13", "Seats: 12 & 13", "Sts. 12-13"),
                *("012-013", "#12-13"),
            )
        ),
        pytest.param("8", (8,), id="one"),
        pytest.param(" 8 ", (8,), id="spaces"),
        pytest.param("Seat 8", (8,), id="a word before it"),
        pytest.param("1,2,3", (1, 2, 3), id="a list"),
        pytest.param("1-4,7", (1, 2, 3, 4, 7), id="a range and one"),
        pytest.param("5, 1-3", (1, 2, 3, 5), id="out of order"),
        pytest.param("1,1", (), id="one twice"),
        pytest.param("1-3,2", (), id="one within a range"),
        pytest.param("1-100000", (), id="absurd"),
        pytest.param("1-60,101-160", (), id="absurd together"),
        pytest.param("1-2-3", (), id="a range of three"),
        pytest.param("-5", (), id="negative"),
        pytest.param("1,,2", (), id="nothing between"),
        pytest.param("12A", (), id="a letter"),
        pytest.param("1234567", (), id="seven digits"),
        pytest.param("²", (), id="no digit"),
        pytest.param("١٢", (), id="other digits"),
        pytest.param("", (), id="nothing"),
        pytest.param("GA", (), id="no number"),
    ],
)
def test_what_people_write(text: str, expected: tuple[int, ...]) -> None:
    assert seats_of(text) == expected


@given(st.sets(st.integers(0, 999_999), min_size=1, max_size=20))
def test_a_list_reads_back(seats: set[int]) -> None:
    assert seats_of(", ".join(map(str, seats))) == tuple(sorted(seats))


@given(st.integers(0, 900_000), st.integers(0, 300))
def test_a_range_reads_back_either_way(first: int, more: int) -> None:
    expected = tuple(range(first, first + more + 1)) if more < MOST_SEATS else ()

    assert seats_of(f"{first}-{first + more}") == seats_of(f"{first + more}-{first}") == expected


@given(st.text(alphabet="0123456789-,& –andto", max_size=250) | st.text(max_size=250))
def test_whatever_is_written_is_bounded(text: str) -> None:
    """Each seat once, rising, and never more than anybody sells at once."""
    seats = seats_of(text)

    assert len(seats) <= MOST_SEATS
    assert list(seats) == sorted(set(seats))


@pytest.mark.parametrize(
    ("seat", "quantity", "by_twos", "expected"),
    [
        pytest.param("12-13", 2, None, (12, 13), id="a pair"),
        pytest.param("12 & 13", None, None, (12, 13), id="nothing is said of how many"),
        pytest.param("12-13", 4, None, (None, None), id="another number"),
        pytest.param("1,3,5", 3, None, (None, None), id="not beside each other"),
        pytest.param("1,3,5", 3, BROADWAY, (1, 3), id="beside each other where it is by twos"),
        pytest.param("2,4", 2, BROADWAY, (1, 2), id="the even side"),
        pytest.param("1,2", 2, BROADWAY, (None, None), id="across the house"),
        pytest.param("1-5", 3, BROADWAY, (None, None), id="a range is doubtful there"),
        pytest.param("101-102", 2, BROADWAY, (101, 102), id="the centre is counted one by one"),
        pytest.param("99,101", 2, BROADWAY, (None, None), id="over the aisle"),
        pytest.param("7", 1, BROADWAY, (4, 4), id="one on the odd side"),
    ],
)
def test_seats_beside_each_other(
    seat: str,
    quantity: int | None,
    by_twos: ByTwos | None,
    expected: tuple[int | None, int | None],
) -> None:
    assert spots(seat, quantity, by_twos) == expected


def test_where_seats_are_numbered_by_twos() -> None:
    """Only in the areas of a venue whose line says so."""
    by_twos = numbered_by_twos("Orch Left", "Gershwin Theatre")

    assert by_twos is not None
    assert numbered_by_twos("Orch Left", "A Theatre") is None
    assert numbered_by_twos("Boxes", "Gershwin Theatre") is None
    assert [side_of(seat, by_twos) for seat in ("1", "2,4", "101", "x")] == ["odd", "even", "", ""]
    assert side_of("1", None) == ""
