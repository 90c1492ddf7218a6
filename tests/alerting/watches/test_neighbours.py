from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.watches.neighbours import Lot, Offer, cheapest_lot


def offer(first: int, last: int, price: int) -> Offer:
    return Offer(first, last, Decimal(price), f"{first}-{last} for {price}")


def test_two_single_seats_beside_each_other() -> None:
    """What a pair costs each is the dearer seat."""
    seats = [offer(11, 11, 40), offer(12, 12, 50), offer(13, 13, 60), offer(15, 15, 10)]

    assert cheapest_lot(seats, 2) == Lot(Decimal(50), ("11-11 for 40", "12-12 for 50"))


def test_a_pair_that_is_sold_as_one_is_not_torn_apart() -> None:
    pair, seat = offer(12, 13, 30), offer(14, 14, 20)

    assert cheapest_lot([pair, seat], 2) == Lot(Decimal(30), (pair.item,))
    assert cheapest_lot([pair, seat], 3) == Lot(Decimal(30), (pair.item, seat.item))
    assert cheapest_lot([pair], 1) is None


def test_of_two_offers_for_the_same_seat_the_cheaper_counts() -> None:
    seats = [offer(11, 11, 40), offer(11, 11, 35), offer(12, 12, 20)]

    assert cheapest_lot(seats, 2) == Lot(Decimal(35), ("11-11 for 35", "12-12 for 20"))


def test_a_gap_is_no_neighbour() -> None:
    assert cheapest_lot([offer(10, 10, 20), offer(12, 12, 20)], 2) is None


offers = st.builds(
    lambda first, width, price: offer(first, first + width - 1, price),
    st.integers(1, 8),
    st.integers(1, 3),
    st.integers(1, 9),
)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@given(st.lists(offers, max_size=7, unique=True), st.randoms(use_true_random=False))
def test_it_finds_what_trying_everything_finds(
    size: int, seats: list[Offer], chance: Random
) -> None:
    """The cheapest run of whole offers; the same one however they are ordered."""
    runs = [
        max(each.price for each in chosen)
        for count in range(1, len(seats) + 1)
        for chosen in combinations(sorted(seats), count)
        if _is_run(chosen, size)
    ]

    found = cheapest_lot(seats, size)
    shuffled = sorted(seats, key=lambda _: chance.random())

    assert (found and found.price) == min(runs, default=None)
    assert cheapest_lot(shuffled, size) == found
    if found is not None:
        chosen = [each for item in found.items for each in seats if each.item == item]
        assert _is_run(chosen, size)
        assert found.price == max(each.price for each in chosen)


def _is_run(whole: Sequence[Offer], size: int) -> bool:
    follows = all(b.first == a.last + 1 for a, b in pairwise(whole))
    return follows and sum(each.width for each in whole) == size
