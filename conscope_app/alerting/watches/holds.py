"""What holds an announcement back, until when, and why. It is evaluated all the same."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from conscope_app.alerting.watches.local_time import next_midnight, zone_of
from conscope_app.alerting.watches.quiet_hours import quiet_until
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import Watch

IsFull = Callable[[Watch, datetime], bool]  # whether a watch has had its messages of the day


class Freedom(NamedTuple):
    """When an announcement may be made, and what held it back until then."""

    at: datetime
    reason: str = ""


class _Hold(NamedTuple):
    until: datetime
    reason: str


def free_from(
    watch: Watch, silences: Sequence[Silence], moment: datetime, is_full: IsFull | None = None
) -> Freedom:
    """The first moment from this one on at which nothing holds it.

    The silences are those that fit. Without `is_full` the day's number does not count.
    """
    reason = ""
    while True:
        holds = tuple(_holds(watch, silences, moment, is_full))
        if not holds:
            return Freedom(moment, reason)
        until, reason = max(holds)
        moment = until.astimezone(UTC)


def _holds(
    watch: Watch, silences: Sequence[Silence], moment: datetime, is_full: IsFull | None
) -> Iterable[_Hold]:
    often, zone = watch.often, watch.often.zone
    if often.quiet is not None:
        until = quiet_until(often.quiet, zone, moment)
        if until is not None:
            yield _Hold(until, f"held: quiet hours until {_clock(until, zone)}")
    snoozed = watch.to.snoozed_until
    if snoozed is not None and moment < snoozed:
        yield _Hold(snoozed, f"held: snoozed until {_clock(snoozed, zone)}")
    for silence in silences:
        ends = silence.ends_after(moment)
        if ends is not None:
            yield _Hold(ends, f"held: silence {silence.id} until {_clock(ends, zone)}")
    if is_full is not None and is_full(watch, moment):
        until = next_midnight(moment, zone)
        times = f"{often.at_most_a_day} a day are enough"
        yield _Hold(until, f"held: {times}, until {_clock(until, zone)}")


def _clock(moment: datetime, zone: str) -> str:
    return moment.astimezone(zone_of(zone)).strftime("%d %b %H:%M")
