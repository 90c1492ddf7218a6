"""When an event begins, as far as a source says it, and whether two sources say the same."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from conscope_app.alerting.watches.local_time import NoSuchZone, zone_of
from conscope_app.domains.tickets.market import EventFacts

# Some vendors write when the doors open, others when the show begins.
NEAR_MINUTES = 60

_DAY_MINUTES = 1_440
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


class When(NamedTuple):
    """Day and minute by the venue's clocks, and the moment in minutes of UTC; None: not known."""

    day: int | None
    minute: int | None
    moment: int | None
    zone: str | None


class Timing(StrEnum):
    """How two events lie in time."""

    SAME_START = "same start"
    NEAR = "start within an hour"
    TIME_UNKNOWN = "same day, time unknown"
    UNCLEAR = "local time without a zone"
    OTHER_START = "other start"
    OTHER_DAY = "other day"


def when_of(facts: EventFacts) -> When:
    """What the facts say; what does not follow from them stays unknown."""
    day, minute = _day(facts.local_date), _minute(facts.local_time)
    zone = _known_zone(facts.venue.time_zone)
    starts_at = facts.starts_at
    moment = starts_at if starts_at and _FIRST < starts_at.date() < _LAST else None
    if day is None and moment is None:
        return When(None, None, None, zone)
    if moment is None:
        return _with_moment(When(day, minute, None, zone))
    found = When(day, minute, _minutes_of(moment), zone)
    return _with_local(found) if day is None else found


def when_of_text(text: str | None) -> When:
    """What a price event's `event_date` says: a day, a local time, or a moment with its offset.

    A moment with an offset of its own (`-07:00`) has the venue's clocks in it; one of UTC has not.
    """
    day = _day(text[:10]) if text else None
    if text is None or day is None:
        return When(None, None, None, None)
    if not _MOMENT.match(text):
        return When(day, None, None, None)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return When(day, None, None, None)
    minute = at.hour * 60 + at.minute
    if at.tzinfo is None:
        return When(day, minute, None, None)
    moment = _minutes_of(at)
    return When(day, minute, moment, None) if at.utcoffset() else When(None, None, moment, None)


def compare(one: When, other: When) -> Timing:
    """How two events lie in time, if they are at one venue: its zone is that of both."""
    zone = one.zone or other.zone
    if zone is not None:
        one, other = _completed(one, zone), _completed(other, zone)
    if one.moment is not None and one.moment == other.moment:
        return Timing.SAME_START
    if one.day is not None and other.day is not None:
        return _by_clocks(one, other)
    if one.moment is not None and other.moment is not None:
        return _apart(abs(one.moment - other.moment))
    return _unplaced(one, other)


def days_of(when: When) -> range:
    """The days on which it may be by the venue's clocks, which differ from UTC by up to 14 h."""
    if when.day is not None:
        return range(when.day, when.day + 1)
    if when.moment is None:
        return range(0)
    return range(
        (when.moment - 12 * 60) // _DAY_MINUTES, (when.moment + 14 * 60) // _DAY_MINUTES + 1
    )


def _by_clocks(one: When, other: When) -> Timing:
    if one.day != other.day:
        return Timing.OTHER_DAY
    if one.minute is None or other.minute is None:
        return Timing.TIME_UNKNOWN
    return _apart(abs(one.minute - other.minute))


def _apart(minutes: int) -> Timing:
    if not minutes:
        return Timing.SAME_START
    if minutes <= NEAR_MINUTES:
        return Timing.NEAR
    return Timing.OTHER_START if minutes < _DAY_MINUTES else Timing.OTHER_DAY


def _unplaced(one: When, other: When) -> Timing:
    if set(days_of(one)) & set(days_of(other)):
        return Timing.UNCLEAR
    return Timing.OTHER_DAY


def _completed(when: When, zone: str) -> When:
    found = when._replace(zone=zone)
    return _with_local(found) if when.day is None else _with_moment(found)


def _with_moment(when: When) -> When:
    if when.zone is None or when.day is None or when.minute is None or when.moment is not None:
        return when
    at = time(*divmod(when.minute, 60))
    local = datetime.combine(_EPOCH + timedelta(days=when.day), at, zone_of(when.zone))
    return when._replace(moment=_minutes_of(local))


def _with_local(when: When) -> When:
    if when.zone is None or when.moment is None or when.day is not None:
        return when
    local = (_EPOCH_AT + timedelta(minutes=when.moment)).astimezone(zone_of(when.zone))
    return when._replace(day=(local.date() - _EPOCH).days, minute=local.hour * 60 + local.minute)


_EPOCH = date(1970, 1, 1)
_EPOCH_AT = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = date(1971, 1, 1), date(2200, 1, 1)  # beyond that a date is a vendor's "not known"


def _day(text: str | None) -> int | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return (day - _EPOCH).days if _FIRST < day < _LAST else None


def _minute(text: str | None) -> int | None:
    try:
        at = time.fromisoformat(text or "")
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def _minutes_of(moment: datetime) -> int:
    return int((moment - _EPOCH_AT).total_seconds()) // 60


def _known_zone(name: str | None) -> str | None:
    try:
        return name if name and zone_of(name) else None
    except NoSuchZone:
        return None
