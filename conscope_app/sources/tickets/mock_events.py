"""The events that the mock source sells: the four well-known ones, and as many more as asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_NOT_SOONER_THAN = timedelta(days=7)


class MockEvent(NamedTuple):
    """A made-up concert; `event_id` ends in the year in which the series was first used."""

    event_id: str
    name: str
    venue: str
    month: int
    day: int
    hour: int
    minute: int

    def starts_at(self, now: datetime) -> datetime:
        """The first such day and hour that is at least a week ahead of `now`."""
        earliest = now + _NOT_SOONER_THAN
        this_year = datetime(
            earliest.year, self.month, self.day, self.hour, self.minute, tzinfo=UTC
        )
        return this_year if this_year >= earliest else this_year.replace(year=earliest.year + 1)


WELL_KNOWN = (
    MockEvent(
        "test_taylor_swift_2025",
        "Taylor Swift - The Eras Tour",
        "MetLife Stadium",
        *(5, 15, 19, 0),
    ),
    MockEvent(
        "test_olivia_rodrigo_2025",
        "Olivia Rodrigo - GUTS World Tour",
        "Madison Square Garden",
        *(6, 20, 20, 0),
    ),
    MockEvent(
        "test_the_weeknd_2025",
        "The Weeknd - After Hours Til Dawn",
        "Staples Center",
        *(7, 10, 19, 30),
    ),
    MockEvent(
        "test_bad_bunny_2025",
        "Bad Bunny - Most Wanted Tour",
        "Barclays Center",
        *(8, 5, 20, 0),
    ),
)
_VENUES = tuple(event.venue for event in WELL_KNOWN)


def mock_events(count: int) -> Iterator[MockEvent]:
    """The four well-known events first, then `test_event_0005`, `test_event_0006`, …"""
    yield from WELL_KNOWN[:count]
    for number in range(len(WELL_KNOWN) + 1, count + 1):
        yield MockEvent(
            event_id=f"test_event_{number:04}",
            name=f"Test Event {number}",
            venue=_VENUES[number % len(_VENUES)],
            month=number % 12 + 1,
            day=number % 28 + 1,
            hour=18 + number % 4,
            minute=30 * (number % 2),
        )
