"""How far a contestant is, and what it and the servers have used up to then, moment by moment."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bench.usage import usage_of

_LOOK_EVERY_S = 0.1
_STALLED_AFTER_S = 90.0


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
    marks = [_mark(places(), processes)]
    while True:
        time.sleep(_LOOK_EVERY_S)
        now = _mark(places(), processes)
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


def first_at(marks: list[Mark], done: float) -> Mark:
    """The first mark at which so much was done."""
    return next(mark for mark in marks if mark.done >= done)


def _mark(places: Mapping[int, int], processes: Mapping[str, Sequence[int]]) -> Mark:
    at_s = time.monotonic()
    cpu_s = {name: sum(usage_of(pid).cpu_s for pid in pids) for name, pids in processes.items()}
    return Mark(at_s, places, cpu_s)
