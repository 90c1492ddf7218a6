"""A day's prices as a line so small that it has no axes, and the same in words. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from conscope_app.store.market.event_list_trends import TREND, Hour
from web.templating import money

WIDTH, HEIGHT = 112, 28
_EDGE = 3  # half a stroke and a little air, above and below


class Sparkline(NamedTuple):
    """An SVG path in a box of `WIDTH` by `HEIGHT`, whether it fell or rose, and what it says."""

    path: str
    kind: str
    words: str


def sparkline(hours: Sequence[Hour], currency: str, now: datetime) -> Sparkline | None:
    """The last day up to now; each price stands until the next one. None of nothing."""
    if not hours:
        return None
    first, last = hours[0].lowest, hours[-1].lowest
    lowest, highest = min(each.lowest for each in hours), max(each.lowest for each in hours)
    step = (HEIGHT - 2 * _EDGE) / float(highest - lowest) if highest > lowest else 0.0
    drawn = [
        (_x(each.at, now), HEIGHT - _EDGE - float(each.lowest - lowest) * step)
        if step
        else (_x(each.at, now), HEIGHT / 2)
        for each in hours
    ]
    path = f"M{drawn[0][0]:.1f} {drawn[0][1]:.1f}"
    path += "".join(f"H{x:.1f}V{y:.1f}" for x, y in drawn[1:]) + f"H{WIDTH}"
    words = (
        f"Lowest by the hour: {money(first, currency)} at {hours[0].at:%H:%M} UTC, "
        f"{money(last, currency)} last, between {money(lowest, currency)} "
        f"and {money(highest, currency)}"
    )
    return Sparkline(path, "drop" if last < first else "rise" if last > first else "same", words)


def _x(at: datetime, now: datetime) -> float:
    return min(max(1 - (now - at) / TREND, 0.0), 1.0) * WIDTH
