"""A production: a source published at a pace until it is over, with a count of what went out."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from conscope_app.core.clock import Clock
from conscope_app.sources.base import Publishing, Source
from conscope_app.sources.pacing import Pace


@dataclass(slots=True)
class Tally:
    """What has been published so far, by how it moved, and how long that took."""

    moves: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def records(self) -> int:
        return self.moves.total()

    @property
    def rate(self) -> float:
        """Records a second, on average."""
        return self.records / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        moves = ", ".join(
            f"{self.moves[kind]:,} {kind}" for kind in ("new", "drop", "rise", "same")
        )
        return f"{self.records:,} records in {self.seconds:.1f} s ({self.rate:,.0f}/s): {moves}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """When a production ends: after so many records, so many seconds, or neither."""

    records: int | None = None
    seconds: float | None = None

    def left(self, tally: Tally, due: int) -> int:
        """How many of the due records still belong to it."""
        return due if self.records is None else min(due, self.records - tally.records)

    def is_over(self, tally: Tally) -> bool:
        return (self.records is not None and tally.records >= self.records) or (
            self.seconds is not None and tally.seconds >= self.seconds
        )


async def run_production(
    source: Source,
    publisher: Publishing,
    *,
    rate: float,
    extent: Extent,
    stop: asyncio.Event,
    clock: Clock,
    monotonic_s: Callable[[], float],
    on_progress: Callable[[Tally], None],
) -> Tally:
    """Publish until the extent is reached or `stop` is set, then flush.

    The tally counts records that Kafka has acknowledged once this has returned; while it runs, it
    counts those that are on their way.
    """
    started_s = monotonic_s()
    pace = Pace(rate, started_s)
    tally = Tally()
    while not stop.is_set() and not extent.is_over(tally):
        due = extent.left(tally, pace.due(monotonic_s()))
        if due:
            observations = source.take(due, clock())
            await publisher.publish(observation.outgoing for observation in observations)
            tally.moves.update(observation.move for observation in observations)
            if not observations:
                break
        tally.seconds = monotonic_s() - started_s
        on_progress(tally)
        await pause(stop, pace.wait_s(monotonic_s()))
    await publisher.flush()
    tally.seconds = monotonic_s() - started_s
    return tally


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    if seconds == 0:
        await asyncio.sleep(0)  # signals and acknowledgements get their turn
        return
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass  # nobody asked to stop: on with it
