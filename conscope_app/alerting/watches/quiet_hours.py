"""The hours of a day in which nobody is to be disturbed."""

from datetime import UTC, date, datetime, time, timedelta

from conscope_app.alerting.watches.local_time import clock_time, day_of, zone_of
from conscope_app.alerting.watches.watch import Quiet

_DAY = timedelta(days=1)


def quiet_until(quiet: Quiet, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` falls into, in UTC; None where it falls into none.

    `until` is on the next day where it is earlier than `begin`. A night in which the clocks are
    changed is an hour longer or shorter. An hour that comes twice is quiet both times.
    """
    begin, until = clock_time(quiet.begin), clock_time(quiet.until)
    today = day_of(now, zone)
    # What began the day before may last; what begins today may not have begun.
    for day in (today - _DAY, today):
        first, end = _span(begin, until, zone, day)
        if first <= now < end:
            following, later = _span(begin, until, zone, day + _DAY)
            # Where an hour comes twice, all but the whole day may run into the next one.
            return later if following <= end else end
    return None


def _span(begin: time, until: time, zone: str, day: date) -> tuple[datetime, datetime]:
    last = day if begin < until else day + _DAY
    first = datetime.combine(day, begin, zone_of(zone)).replace(fold=0)
    end = datetime.combine(last, until, zone_of(zone)).replace(fold=1)
    return first.astimezone(UTC), end.astimezone(UTC)
