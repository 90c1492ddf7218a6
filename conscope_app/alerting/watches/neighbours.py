"""Neighbouring spots on one line, for those who want several together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple


class Offer(NamedTuple):
    """Spots that are sold together, from the first to the last one, and what each of them costs."""

    first: int
    last: int
    price: Decimal
    item: str

    @property
    def width(self) -> int:
        """How many spots they are."""
        return self.last - self.first + 1


class Lot(NamedTuple):
    """Whole offers beside each other; its price is that of the dearest."""

    price: Decimal
    items: tuple[str, ...]


def cheapest_lot(offers: Iterable[Offer], size: int) -> Lot | None:
    """The cheapest run of exactly so many spots that whole offers of one line make up.

    It depends on the offers alone, not on their order. Nothing that is sold as one is torn apart.
    """
    beginning: dict[int, list[Offer]] = defaultdict(list)
    for offer in sorted(offers):
        if offer.width <= size:
            beginning[offer.first].append(offer)
    known: dict[tuple[int, int], Lot | None] = {}
    lots = (_from(beginning, first, size, known) for first in sorted(beginning))
    return min((lot for lot in lots if lot is not None), default=None)


def _from(
    beginning: Mapping[int, Sequence[Offer]],
    first: int,
    spots: int,
    known: dict[tuple[int, int], Lot | None],
) -> Lot | None:
    """The cheapest way to fill so many spots from this one on; None: there is no way."""
    at = (first, spots)
    if at not in known:
        known[at] = min(_ways(beginning, first, spots, known), default=None)
    return known[at]


def _ways(
    beginning: Mapping[int, Sequence[Offer]],
    first: int,
    spots: int,
    known: dict[tuple[int, int], Lot | None],
) -> Iterable[Lot]:
    for offer in beginning.get(first, ()):
        if offer.width == spots:
            yield Lot(offer.price, (offer.item,))
        elif offer.width < spots:
            rest = _from(beginning, offer.last + 1, spots - offer.width, known)
            if rest is not None:
                yield Lot(max(offer.price, rest.price), (offer.item, *rest.items))
