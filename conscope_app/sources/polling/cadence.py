"""How often an event is looked at where requests cost nothing; the budget stretches all alike."""

from datetime import datetime, timedelta

# Of an event so far away, a look each so often. Prices move in its last days most.
_BANDS = (
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(days=3), timedelta(minutes=30)),
    (timedelta(days=7), timedelta(hours=2)),
    (timedelta(days=30), timedelta(hours=8)),
)
_FURTHEST = timedelta(days=1)

WATCHED_FACTOR = 0.25
LIVELY_FACTOR = 0.5
STILL_FACTOR = 2.0

# Measured in what its distance alone would give: lively is what changed within four looks, still
# what has not changed within a day of them.
_LIVELY_LOOKS = 4
_STILL_LOOKS = 24

# A fifth about the interval, so that what came together does not stay together.
JITTER = 0.2

# What is not in answers any more is asked for at longer and longer intervals.
_MOST_DOUBLINGS = 6
_FIRST_RETRY = timedelta(minutes=2)
_LONGEST_RETRY = timedelta(hours=2)


def interval(
    starts_at: datetime | None, changed_at: datetime | None, now: datetime, *, watched: bool
) -> timedelta:
    """How long after a look the next one is due."""
    base = _FURTHEST if starts_at is None else _by_distance(starts_at - now)
    factor = WATCHED_FACTOR if watched else 1.0
    if changed_at is not None:
        looks = (now - changed_at) / base
        if looks < _LIVELY_LOOKS:
            factor *= LIVELY_FACTOR
        elif looks > _STILL_LOOKS:
            factor *= STILL_FACTOR
    return base * factor


def jittered(span: timedelta, random: float) -> timedelta:
    """The span, up to a tenth shorter or longer; `random` is from 0 to 1."""
    return span * (1 + JITTER * (random - 0.5))


def retry_after(misses: int) -> timedelta:
    """How long to leave an event alone that was asked for in vain so many times in a row."""
    doublings: int = min(max(misses, 1) - 1, _MOST_DOUBLINGS)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)


def _by_distance(left: timedelta) -> timedelta:
    for distance, every in _BANDS:
        if left <= distance:
            return every
    return _FURTHEST
