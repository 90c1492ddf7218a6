"""The cheapest seats beside each other, of those that are on sale.

Which seats are neighbours, and what is sold as one, is what watches hold for it (`watched`), but
that a source may spell one row in several ways here: a page has no books to keep.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from conscope_app.alerting.watches.neighbours import Lot, Offer, cheapest_lot
from conscope_app.domains.tickets.seating.rows import row_of
from conscope_app.domains.tickets.seating.seat_runs import numbered_by_twos, side_of, spots
from conscope_app.domains.tickets.seating.sections import section_of


class Place(NamedTuple):
    """An offer: a seat, or seats that are sold together, and what each of them costs."""

    key: str
    source: str
    section: str
    row: str
    seat: str
    quantity: int | None
    price: Decimal
    total_price: Decimal | None
    first_price: Decimal
    first_seen_at: datetime
    listing_url: str | None


class Together(NamedTuple):
    """So many seats that can be bought beside each other; `price` is that of the dearest seat."""

    seats: int
    price: Decimal
    places: tuple[Place, ...]


class Row(NamedTuple):
    """What is on sale in one row of one source: by numbers, and what has none."""

    offers: list[Offer]
    whole: list[tuple[int, Lot]]  # so many seats, sold as one


def cheapest_together(
    places: Sequence[Place], sizes: Iterable[int], venue: str = ""
) -> dict[int, Together]:
    """By number of seats the cheapest that there are, for those numbers that can be had.

    Offers are taken whole. The price of a lot is that of its dearest seat, so that the best one of
    the cheapest offers is the best of all.
    """
    rows = _rows(places, venue)
    by_key = {place.key: place for place in places}
    found: dict[int, Together] = {}
    for size in sizes:
        lots = (lot for row in rows for lot in _lots(row, size))
        best = min(lots, default=None)
        if best is not None:
            items = tuple(by_key[key] for key in best.items)
            found[size] = Together(size, best.price, items)
    return found


def _rows(places: Iterable[Place], venue: str) -> list[Row]:
    rows: dict[tuple[str, ...], Row] = defaultdict(lambda: Row([], []))
    for place in places:
        by_twos = numbered_by_twos(place.section, venue)
        row = rows[_line(place, venue, side_of(place.seat, by_twos))]
        first, last = spots(place.seat, place.quantity, by_twos)
        if first is not None and last is not None:
            row.offers.append(Offer(first, last, place.price, place.key))
        else:
            row.whole.append((place.quantity or 1, Lot(place.price, (place.key,))))
    return list(rows.values())


def _line(place: Place, venue: str, side: str) -> tuple[str, ...]:
    """What is not known is only one with what is spelled the same."""
    section = str(section_of(place.section, venue)) or place.section
    return place.source, section, row_of(place.row) or place.row, side


def _lots(row: Row, size: int) -> Iterable[Lot]:
    lot = cheapest_lot(row.offers, size)
    if lot is not None:
        yield lot
    yield from (whole for seats, whole in row.whole if seats == size)
