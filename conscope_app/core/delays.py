"""How long things took, as counts in fixed buckets: cheap to note, and exact to add up.

A delay is counted in the bucket that it lies in; buckets grow by a fifth, so that a percentile read
from them is off by less than that, for milliseconds as for an hour. Counts of several workers are
added bucket by bucket, which loses nothing, as an average of percentiles would.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Protocol

import msgspec

from conscope_app.core.clock import monotonic_s

# Where each bucket ends, in milliseconds: a fifth further each time, from 1 ms to 70 minutes. Below
# the first edge is bucket 0, behind the last one the last bucket. Reports carry the buckets'
# numbers: other edges need another name there.
EDGES_MS = tuple(2 ** (step / 4) for step in range(4 * 22 + 1))

WINDOW_S = 10.0
WINDOWS = 6

_timestamp_of = attrgetter("timestamp")
_MS = timedelta(milliseconds=1)


class Stamped(Protocol):
    """A record with Kafka's own time of it, in milliseconds since 1970."""

    @property
    def timestamp(self) -> int: ...


class Delays(msgspec.Struct, frozen=True):
    """How many delays were noted in each bucket within the last `over_s` seconds."""

    over_s: float
    counts: dict[int, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def per_s(self) -> float:
        """How many there were a second."""
        return self.total / self.over_s if self.over_s else 0.0


def bucket_of(delay_ms: float) -> int:
    """The bucket of a delay. One below zero, of two clocks that disagree, counts as none."""
    return bisect_right(EDGES_MS, delay_ms)


def merged(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The counts of all of them, bucket by bucket."""
    total: Counter[int] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def percentile_s(counts: Mapping[int, int], share: float) -> float | None:
    """The delay that this share of all stayed below, in seconds; None where there was none.

    Within its bucket it is interpolated. Of what took longer than the last edge no more is known,
    so it is never said to have taken longer than that.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted, before = share * total, 0
    for bucket, count in sorted(counts.items()):
        if before + count >= wanted:
            low, high = _bounds_ms(bucket)
            return (low + (high - low) * (wanted - before) / count) / 1000
        before += count
    return EDGES_MS[-1] / 1000


def _bounds_ms(bucket: int) -> tuple[float, float]:
    at_least = EDGES_MS[min(bucket, len(EDGES_MS)) - 1] if bucket > 0 else 0.0
    return at_least, EDGES_MS[min(max(bucket, 0), len(EDGES_MS) - 1)]


class RecentDelays:
    """The delays of about the last minute, in windows of ten seconds that are dropped as a whole.

    To be used from one thread. Noting costs by the run of records, not by the record.
    """

    def __init__(self, monotonic: Callable[[], float] = monotonic_s) -> None:
        self._monotonic = monotonic
        self._began_s = monotonic()
        self._windows: dict[int, Counter[int]] = {}

    def note(self, delay_ms: float) -> None:
        """Note one delay."""
        self._window()[bucket_of(delay_ms)] += 1

    def note_since(self, moments: Iterable[datetime], now: datetime) -> None:
        """Note how long ago each of these moments was."""
        for moment in moments:
            self.note((now - moment) / _MS)

    def note_records(self, records: Sequence[Stamped], now_ms: int) -> None:
        """Note how long ago these records of one partition, in their order, were appended.

        A partition's append times do not go back (each batch has one, of the broker's clock), so
        that each bucket is a run of records, and its end is searched for. Should a broker's clock
        have been put back amid them, some are counted in a bucket beside their own; none is left
        out, and none counted twice.
        """
        if not records:
            return
        window, at, end = self._window(), 0, len(records)
        last = bucket_of(now_ms - records[-1].timestamp)
        while at < end:
            bucket = bucket_of(now_ms - records[at].timestamp)
            until = end
            if bucket != last and bucket:
                latest = now_ms - EDGES_MS[bucket - 1]
                until = max(at + 1, bisect_right(records, latest, at, key=_timestamp_of))
            window[bucket] += until - at
            at = until

    def report(self) -> Delays:
        """What was noted, and over how many seconds; no seconds where nothing was."""
        now_s = self._monotonic()
        oldest = self._forget(int(now_s // WINDOW_S))
        counts = merged(self._windows.values())
        over_s = round(now_s - max(self._began_s, oldest * WINDOW_S), 1)
        return Delays(over_s=max(over_s, 1.0) if counts else 0.0, counts=counts)

    def _window(self) -> Counter[int]:
        number = int(self._monotonic() // WINDOW_S)
        found = self._windows.get(number)
        if found is None:
            self._forget(number)
            found = self._windows[number] = Counter()
        return found

    def _forget(self, number: int) -> int:
        """Drop what is too old by now; the number of the oldest window that counts."""
        oldest = number - WINDOWS + 1
        for old in [each for each in self._windows if each < oldest]:
            del self._windows[old]
        return oldest


def added(reports: Iterable[Delays]) -> Delays:
    """What several workers noted, as if one had: their counts together, at all their rates."""
    every = [each for each in reports if each.counts]
    counts = merged(each.counts for each in every)
    per_s = sum(each.per_s for each in every)
    return Delays(over_s=sum(counts.values()) / per_s if per_s else 0.0, counts=counts)


def at_most_s(first: Mapping[int, int], then: Mapping[int, int], share: float) -> float | None:
    """What this share of all surely stays below on a way of two parts that are known one by one.

    What is too slow as a whole is too slow in one of its parts. So if no more than half of the
    rest exceeds its bound in either part, no more than the rest exceeds both bounds together,
    however the parts hang together. Percentiles themselves cannot be added.
    """
    stricter = (1 + share) / 2
    parts = percentile_s(first, stricter), percentile_s(then, stricter)
    return None if parts[0] is None or parts[1] is None else parts[0] + parts[1]
