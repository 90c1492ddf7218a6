"""A production publishes what its source sees, until it is over, told to stop, or fails."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import pytest

from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.sources.base import Observation, Outgoing
from conscope_app.sources.production import Extent, Tally, run_production
from conscope_app.sources.publisher import PublishFailedError
from conscope_app.sources.registry import SourceOptions, open_source


class RecordedPublisher:
    """The publisher's twin: keeps what was published; `fails_after` records it fails."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.records: list[Outgoing] = []
        self.flushed = 0
        self._fails_after = fails_after

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.records.extend(records)
        if self._fails_after is not None and len(self.records) >= self._fails_after:
            raise PublishFailedError("the broker is gone")

    async def flush(self) -> None:
        self.flushed = len(self.records)


async def produce(
    publisher: RecordedPublisher,
    *,
    rate: float = 0,
    extent: Extent,
    stop: asyncio.Event | None = None,
    progress: list[int] | None = None,
) -> Tally:
    options = SourceOptions(seed=1, events=4, seats=25)

    def on_progress(tally: Tally) -> None:
        if progress is not None:
            progress.append(tally.records)
        if stop is not None:
            stop.set()

    return await run_production(
        open_source("mock", options, utc_now()),
        publisher,
        rate=rate,
        extent=extent,
        stop=stop or asyncio.Event(),
        clock=utc_now,
        monotonic_s=monotonic_s,
        on_progress=on_progress,
    )


@pytest.mark.parametrize(("rate", "count"), [(0, 1), (0, 2_345), (20_000, 777)])
async def test_count_is_exact(rate: float, count: int) -> None:
    """Exactly as many records as asked go out, are flushed, and are counted by their moves."""
    publisher = RecordedPublisher()
    progress: list[int] = []
    tally = await produce(publisher, rate=rate, extent=Extent(records=count), progress=progress)

    assert len(publisher.records) == publisher.flushed == tally.records == count
    assert progress[-1] == count
    assert tally.moves["new"] == min(count, 100)


async def test_extent_in_seconds_ends_it() -> None:
    """A production for a tenth of a second at 1,000/s sends about a hundred records."""
    publisher = RecordedPublisher()
    tally = await produce(publisher, rate=1_000, extent=Extent(seconds=0.1))

    assert 0.1 <= tally.seconds < 5
    assert 50 <= len(publisher.records) <= tally.seconds * 1_000


async def test_stop_flushes() -> None:
    """Told to stop, it ends after the batch in hand, and flushes."""
    publisher = RecordedPublisher()
    tally = await produce(publisher, extent=Extent(), stop=asyncio.Event())

    assert tally.records == publisher.flushed == 1_000


async def test_failure_surfaces() -> None:
    """A publisher that fails ends the production with its error."""
    with pytest.raises(PublishFailedError, match="the broker is gone"):
        await produce(RecordedPublisher(fails_after=1_500), extent=Extent())


class ThreePrices:
    """A source that is over after three observations."""

    def __init__(self) -> None:
        self._left = [Observation(Outgoing(b"key", b"%d" % number), "new") for number in range(3)]

    def take(self, count: int, now: datetime) -> list[Observation]:
        taken, self._left = self._left[:count], self._left[count:]
        return taken


async def test_source_that_is_over_ends_it() -> None:
    """Where a source has no more, the production ends."""
    publisher = RecordedPublisher()
    tally = await run_production(
        ThreePrices(),
        publisher,
        rate=0,
        extent=Extent(),
        stop=asyncio.Event(),
        clock=utc_now,
        monotonic_s=monotonic_s,
        on_progress=lambda _tally: None,
    )

    assert tally.records == publisher.flushed == 3
    assert str(tally).startswith("3 records in ")


def test_unknown_source_is_named_with_those_that_exist() -> None:
    """A typing mistake shows what could have been meant."""
    with pytest.raises(LookupError, match="no source 'mok'; there is mock"):
        open_source("mok", SourceOptions(seed=1, events=1, seats=1), utc_now())
