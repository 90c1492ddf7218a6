"""How what sources say of an event is put for people. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from msgspec import UNSET

from conscope_app.alerting.watches.local_time import NoSuchZone, zone_of
from conscope_app.domains.tickets.market import EventFacts, PriceBasis
from web.event_markets_schema import MarketShown
from web.overview_rows import SUMS_STALE_AFTER_S

FRESH_S = 3_600.0  # of what is asked for a few times a day

BASIS_WORDS: dict[PriceBasis, str] = {
    "all_in": "all that is paid, with fees",
    "listed": "as listed, before fees",
    "face_value": "face value, as the organiser asks",
}
STATUS_WORDS = {
    "scheduled": ("quiet", "Scheduled"),
    "on_sale": ("good", "On sale"),
    "off_sale": ("quiet", "Not on sale"),
    "postponed": ("wait", "Postponed"),
    "rescheduled": ("wait", "Rescheduled"),
    "cancelled": ("bad", "Cancelled"),
}
AVAILABILITY_WORDS = {
    "available": ("good", "Available"),
    "few_left": ("wait", "Few left"),
    "none_left": ("bad", "Sold out"),
}
_FIGURES = {
    "lowest": "the lowest price",
    "median": "the median",
    "average": "the average",
    "highest": "the highest price",
    "listing_count": "the number of listings",
    "availability": "how many are left",
}


BASIS_SHORT: dict[PriceBasis, str] = {
    "all_in": "with fees",
    "listed": "before fees",
    "face_value": "face value",
}


class Moment(NamedTuple):
    """A time by the venue's clocks, and as a moment where that is known."""

    words: str
    at: datetime | None


def freshness(age_s: float) -> str:
    """The kind of state that an age is."""
    return "good" if age_s < FRESH_S else "wait" if age_s < SUMS_STALE_AFTER_S else "bad"


def begins(facts: EventFacts) -> Moment | None:
    """When it begins; None: nobody says."""
    if facts.local_date is not None:
        day = _day_in_words(facts.local_date)
        words = f"{day}, {facts.local_time}" if facts.local_time else f"{day}, no time announced"
        return Moment(words, facts.starts_at)
    return None if facts.starts_at is None else there(facts.starts_at, facts)


def there(at: datetime, facts: EventFacts) -> Moment:
    """A moment by the venue's clocks; by UTC where its zone is not known."""
    try:
        zone = None if facts.venue.time_zone is None else zone_of(facts.venue.time_zone)
        shown = at if zone is None else at.astimezone(zone)
    except (NoSuchZone, OverflowError):
        zone, shown = None, at
    words = f"{_day(shown)}, {shown:%H:%M}"
    return Moment(words if zone is not None else f"{words} UTC", at)


def silent_of(market: MarketShown) -> list[str]:
    """What a source does not speak of at all."""
    return [words for name, words in _FIGURES.items() if getattr(market, name) is UNSET]


def _day_in_words(text: str) -> str:
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return text


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b} {day.year}"


# By the names that the templates know them by.
WORDS: Mapping[str, object] = {
    "basis_words": BASIS_WORDS,
    "basis_short": BASIS_SHORT,
    "status_words": STATUS_WORDS,
    "availability_words": AVAILABILITY_WORDS,
    "freshness": freshness,
    "begins": begins,
    "there": there,
    "silent_of": silent_of,
}
