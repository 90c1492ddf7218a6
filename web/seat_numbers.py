"""The seats of an alert as people write them: `seat 12`, `seats 11-12`, `seats A, 3-4`."""

from collections.abc import Iterable, Iterator

import msgspec

from conscope_app.domains.tickets.seat_key import parse_seat_key
from conscope_app.domains.tickets.seating.seat_runs import spots
from web.runs import in_runs

_NAMED = 8  # of those that have no number


def seats_in_words(items: Iterable[str], first_seat: str) -> str:
    """The seats that a watch found together; nothing where none of them has a name.

    `items` are their keys. Of items that are none, the seat that the first one says it is.
    """
    seats = [*dict.fromkeys(_seats(items))] or ([first_seat] if first_seat.strip() else [])
    numbered = [(seat, *spots(seat, None)) for seat in seats]
    spans = [(low, high) for _, low, high in numbered if low is not None and high is not None]
    others = [seat for seat, low, _ in numbered if low is None]
    if not seats:
        return ""
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    named = ", ".join([*others[:_NAMED], *more, *filter(None, [in_runs(spans)])])
    is_one = len(seats) == 1 and all(low == high for low, high in spans)
    return f"seat {named}" if is_one else f"seats {named}"


def _seats(items: Iterable[str]) -> Iterator[str]:
    for item in items:
        try:
            seat = parse_seat_key(item.encode()).seat
        except (msgspec.MsgspecError, UnicodeError):
            continue  # an item of another domain: nothing is known of it here
        if seat.strip():
            yield seat
