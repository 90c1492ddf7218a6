"""How far a contestant is, and what it and the servers have used up to then, moment by moment."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bench.usage import usage_of

_LOOK_EVERY_S = 0.1
_STALLED_AFTER_S = 90.0
_COMMIT_TAKES_S = 1.0


class Mark(NamedTuple):
    """A moment in which there was progress.

    Seconds, how far each partition was, and the CPU seconds of processes by name.
    """

    at_s: float
    places: Mapping[int, int]
    cpu_s: Mapping[str, float]

    @property
    def done(self) -> int:
        return sum(self.places.values())


class Stalled(Exception):
    """Nothing moved for too long, or the contestant ended before its work did."""


def follow(
    places: Callable[[], Mapping[int, int]],
    *,
    until: int,
    quiet_s: float,
    processes: Mapping[str, Sequence[int]],
    alive: Callable[[], bool],
) -> list[Mark]:
    """Mark each progress until `until` is reached and nothing has moved for `quiet_s` since.

    `processes` are the process ids whose CPU time is marked, by name.
    """
    marks = [mark(places(), processes)]
    while True:
        time.sleep(_LOOK_EVERY_S)
        now = mark(places(), processes)
        if now.places != marks[-1].places:
            marks.append(now)
            continue
        still_s = now.at_s - marks[-1].at_s
        if marks[-1].done >= until and still_s >= quiet_s:
            return marks
        if not alive():
            raise Stalled(f"it ended at {marks[-1].done} of {until}")
        if still_s > _STALLED_AFTER_S:
            raise Stalled(f"nothing moved for {still_s:.0f} s at {marks[-1].done} of {until}")


def timed(marks: Sequence[Mark], begin: float, end: float) -> tuple[Mark, Mark]:
    """The first marks at which so much was done, at the begin and at the end of what is timed.

    Both lie in the midst of the work. A contestant that has a lot in hand has done a part of it
    before the begin, and as much for what comes after the end; and no partition is finished before
    the others. Raises `Stalled` where there is nothing between them.
    """
    first = next((each for each in marks if each.done >= begin), None)
    last = next((each for each in marks if each.done >= end), marks[-1])
    if first is None or first.at_s >= last.at_s:
        raise Stalled("all was done before the warm-up was seen to be over")
    return first, last


def at_commits(marks: list[Mark]) -> list[Mark]:
    """Where each commit was whole, of one that commits every few seconds: without the last commit.

    That one waits for its turn although the work is done, and would make it slower than it is.
    """
    return [each for each, after in pairwise(marks) if after.at_s - each.at_s > _COMMIT_TAKES_S]


def mark(places: Mapping[int, int], processes: Mapping[str, Sequence[int]]) -> Mark:
    """How far it is now."""
    at_s = time.monotonic()
    cpu_s = {name: sum(usage_of(pid).cpu_s for pid in pids) for name, pids in processes.items()}
    return Mark(at_s, places, cpu_s)
