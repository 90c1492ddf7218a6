"""Days and hours by the clocks of a zone. Whatever comes out is in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class NoSuchZone(ValueError):
    """A time zone that nobody knows."""


@lru_cache(maxsize=1_024)
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, `Europe/Berlin`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: the name of a folder
        raise NoSuchZone(f"there is no time zone {name!r}") from error


@lru_cache(maxsize=4_096)
def clock_time(text: str) -> time:
    """`22:00` as a time of day."""
    return time.fromisoformat(text)


def day_of(moment: datetime, zone: str) -> date:
    """The date that the zone's clocks show."""
    return moment.astimezone(zone_of(zone)).date()


def next_midnight(moment: datetime, zone: str) -> datetime:
    """When the zone's next day begins: where midnight is skipped, as the clocks go on."""
    return _at(day_of(moment, zone) + _DAY, time(0), zone)


def next_time_of_day(moment: datetime, at: time, zone: str) -> datetime:
    """The first moment from `moment` on at which the zone's clocks show this time.

    A time that comes twice is taken the first time; one that is skipped, as the clocks go on.
    """
    today = day_of(moment, zone)
    candidates = (_at(today + _DAY * ahead, at, zone) for ahead in (-1, 0, 1, 2))
    return next(each for each in candidates if each >= moment)


def _at(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, zone_of(zone)).astimezone(UTC)
