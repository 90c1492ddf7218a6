"""Runs of seats that people wrote: `8`, `12-13`, `1,2,3`, `1-4,7`, `Seats 12 & 13`."""

import re
from functools import lru_cache

from conscope_app.domains.tickets.seating.sections import section_of
from conscope_app.domains.tickets.seating.venue_habits import ByTwos, habits_of

# Longer texts and longer runs name no seats that anybody could buy together.
MOST_LETTERS = 200
MOST_SEATS = 100

_BEFORE = re.compile(r"\s*(?:seats?|sts?)?\s*[.:#]?\s*", re.ASCII | re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,|;|\+|/|&|\band\b)\s*", re.ASCII | re.IGNORECASE)
_PART = re.compile(
    r"\s*([0-9]{1,6})(?:\s*(?:[-–—]|\bto\b|\bthru\b|\bthrough\b)\s*([0-9]{1,6}))?\s*",
    re.IGNORECASE,
)


@lru_cache(maxsize=8_192)
def seats_of(text: str) -> tuple[int, ...]:
    """The numbers of the seats, rising; none where that is no list of numbers, or an absurd one.

    A range may be turned round (`13-12`). A seat that is named twice makes a list doubtful.
    """
    if len(text) > MOST_LETTERS:
        return ()
    begin = _BEFORE.match(text)
    found: list[int] = []
    for part in _BETWEEN.split(text[begin.end() if begin else 0 :]):
        numbers = _PART.fullmatch(part)
        if numbers is None:
            return ()
        first = int(numbers[1])
        last = int(numbers[2]) if numbers[2] else first
        first, last = min(first, last), max(first, last)
        if last - first >= MOST_SEATS - len(found):
            return ()
        found.extend(range(first, last + 1))
    seats = tuple(sorted(found))
    return seats if len(set(seats)) == len(seats) else ()


@lru_cache(maxsize=8_192)
def spots(
    seat: str, quantity: int | None, by_twos: ByTwos | None = None
) -> tuple[int | None, int | None]:
    """The first and the last of the seats that are sold together, where it is known.

    Where the number of seats and what is said of them differ ("1-20", of which two are sold), it is
    not, nor where they are not beside each other. A quantity of one is what an offer has that says
    nothing of it.

    Where seats are numbered by twos (`numbered_by_twos`) they are counted along their side: odd
    ones from 1 up, even ones from 1 up on a line of their own (`side_of`).
    """
    seats = seats_of(seat)
    if by_twos is not None:
        seats = _along_their_side(seats, by_twos.below)
    if not seats or seats[-1] - seats[0] != len(seats) - 1:
        return None, None
    if (quantity or 1) not in (1, len(seats)):
        return None, None
    return seats[0], seats[-1]


def numbered_by_twos(section: str, venue: str) -> ByTwos | None:
    """The habit of the venue, where that is to number the seats of this section by twos."""
    by_twos = habits_of(venue).by_twos
    if by_twos is None or section_of(section, venue).area.partition(" ")[0] not in by_twos.areas:
        return None
    return by_twos


def side_of(seat: str, by_twos: ByTwos | None) -> str:
    """On which side the seats are, where they are numbered by twos: else there is but one."""
    seats = seats_of(seat) if by_twos is not None else ()
    if by_twos is None or not seats or seats[-1] >= by_twos.below:
        return ""
    return "odd" if seats[0] % 2 else "even"


def _along_their_side(seats: tuple[int, ...], below: int) -> tuple[int, ...]:
    """Their places along the side; none where they are on both. A range leaves out every other.

    `1-5` is what shops write for 1, 3, 5 where the numbers between them are across the house, and
    for five seats where they are not: it is not known.
    """
    if not seats or seats[0] >= below:
        return seats
    if seats[-1] >= below or len({seat % 2 for seat in seats}) > 1:
        return ()
    return tuple((seat + 1) // 2 for seat in seats)
