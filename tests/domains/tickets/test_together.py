"""The cheapest seats beside each other."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.domains.tickets.together import Place, cheapest_together


def a_place(seat: str, price: str, **fields: Any) -> Place:
    """A seat of one row of one shop."""
    values: dict[str, Any] = {
        "key": f"{fields.get('source', 's')}/{fields.get('row', 'B')}/{seat}",
        "source": "s",
        "section": "102",
        "row": "B",
        "seat": seat,
        "quantity": 1,
        "price": Decimal(price),
        "total_price": None,
        "first_price": Decimal(price),
        "first_seen_at": datetime(2026, 3, 1, tzinfo=UTC),
        "listing_url": None,
    }
    return Place(**{**values, **fields})


def seats(places: list[Place], size: int) -> list[str]:
    """Which seats are the cheapest of that number."""
    found = cheapest_together(places, [size]).get(size)
    return [] if found is None else [each.seat for each in found.places]


@pytest.mark.parametrize(
    ("places", "size", "expected"),
    [
        pytest.param([a_place("1", "9"), a_place("2", "8")], 1, ["2"], id="one seat"),
        pytest.param([a_place("1", "9"), a_place("2", "8")], 2, ["1", "2"], id="two neighbours"),
        pytest.param([a_place("1", "9"), a_place("3", "8")], 2, [], id="a seat between them"),
        pytest.param([a_place("1", "9"), a_place("2", "8", row="C")], 2, [], id="another row"),
        pytest.param([a_place("1", "9"), a_place("2", "8", source="t")], 2, [], id="another shop"),
        pytest.param([a_place("12-13", "9", quantity=2)], 2, ["12-13"], id="sold as a pair"),
        pytest.param([a_place("12-13", "9", quantity=2)], 1, [], id="a pair is not torn apart"),
        pytest.param(
            [a_place("12-13", "9", quantity=2), a_place("14", "8")], 3, ["12-13", "14"],
            id="a pair and its neighbour",
        ),
        pytest.param([a_place("GA", "9", quantity=4)], 4, ["GA"], id="four without numbers"),
        pytest.param([a_place("GA", "9", quantity=4)], 2, [], id="sold as four only"),
        pytest.param([a_place("GA", "9", quantity=None)], 1, ["GA"], id="nothing is said of it"),
    ],
)  # fmt: skip
def test_neighbours_are_taken_whole(places: list[Place], size: int, expected: list[str]) -> None:
    """Of one row of one shop, exactly so many."""
    assert seats(places, size) == expected


def test_what_the_dearest_seat_costs_decides() -> None:
    """As for watches: of two pairs the one whose dearer seat is cheaper."""
    places = [a_place("1", "10"), a_place("2", "90"), a_place("5", "60"), a_place("6", "60")]
    found = cheapest_together(places, [1, 2, 3])

    assert found.keys() == {1, 2}
    assert found[2].price == Decimal(60)
    assert [each.seat for each in found[2].places] == ["5", "6"]


def test_a_row_that_is_spelled_in_two_ways_is_one() -> None:
    places = [
        a_place("1", "9", section="Sec 102", row="R12"),
        a_place("2", "8", section="102", row="Row 12"),
        a_place("3", "1", section="102W", row="12"),
    ]

    assert seats(places, 2) == ["1", "2"]
    assert seats(places, 3) == []


def test_by_twos_the_odd_ones_are_neighbours() -> None:
    """At the venue that says so, and nowhere else."""
    places = [a_place(seat, "9", section="Orch Left") for seat in ("1", "2", "3")]

    found = cheapest_together(places, [2], "Gershwin Theatre")

    assert [each.seat for each in found[2].places] == ["1", "3"]
    assert seats(places, 2) == ["1", "2"]
