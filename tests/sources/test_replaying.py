"""Replaying: the same records each time, in order, at the pace and with the times asked for."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conscope_app.core.refusal import Reason
from conscope_app.domains.tickets.market import decode_snapshot
from conscope_app.domains.tickets.validation import validate
from conscope_app.sources.adapter import Adapter
from conscope_app.sources.base import Outgoing
from conscope_app.sources.exchange import Exchange
from conscope_app.sources.recorded import Garbled, read_recordings
from conscope_app.sources.registry import adapter_names, open_adapter
from conscope_app.sources.replaying import Replay, ReplayTally
from tests.sources.feeds.documented import feed
from tests.sources.recorded_hour import BEGINS, KEY, RECORDINGS, exchanges, write

ADAPTERS: dict[str, Adapter] = {
    **{name: open_adapter(name) for name in adapter_names()},
    "coins": feed("coins"),
}
FILES = sorted(RECORDINGS.glob("*.gz"))
LATER = datetime(2027, 1, 1, tzinfo=UTC)


class Kept:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.flushed = 0

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.records.extend(records)

    async def flush(self) -> None:
        self.flushed = len(self.records)


class Clock:
    """A clock that moves on by as much as is waited for."""

    def __init__(self, begins: datetime) -> None:
        self.begins = begins
        self.passed_s = 0.0

    def now(self) -> datetime:
        return self.begins + timedelta(seconds=self.passed_s)

    def monotonic_s(self) -> float:
        return self.passed_s


async def replay(
    recorded: Iterable[Exchange | Garbled],
    *,
    now: datetime = LATER,
    sources: Iterable[str] = (),
    speed: float = 0,
    as_now: bool = False,
    stop_after: int | None = None,
    waits: list[float] | None = None,
) -> tuple[Kept, Kept, ReplayTally]:
    """What is published, and what is said of it."""
    stop = asyncio.Event()
    prices, markets, clock = Kept(), Kept(), Clock(now)

    def on_progress(tally: ReplayTally) -> None:
        if tally.answers == stop_after:
            stop.set()

    async def wait(_stop: asyncio.Event, seconds: float) -> None:
        clock.passed_s += seconds
        if waits is not None:
            waits.append(seconds)

    tally = await Replay(
        adapters=ADAPTERS, speed=speed, as_now=as_now, sources=frozenset(sources)
    ).run(
        recorded,
        prices,
        markets,
        stop=stop,
        clock=clock.now,
        monotonic_s=clock.monotonic_s,
        on_progress=on_progress,
        wait=wait,
    )
    return prices, markets, tally


def test_the_recorded_hour_is_the_one_of_its_script(tmp_path: Path) -> None:
    """What earlier versions recorded can still be read."""
    assert [path.name for path in FILES] == [path.name for path in write(tmp_path)]
    assert list(read_recordings(FILES)) == list(read_recordings(sorted(tmp_path.iterdir())))
    assert KEY.encode() not in b"".join(
        each.answer.body for each in read_recordings(FILES) if isinstance(each, Exchange)
    )


async def test_the_same_recording_gives_the_same_bytes() -> None:
    """Whenever it is replayed; and the same as the answers gave at first."""
    first = await replay(read_recordings(FILES))
    again = await replay(read_recordings(FILES[::-1]), now=LATER + timedelta(days=300))
    live = await replay(exchanges())

    assert first[0].records == again[0].records == live[0].records
    assert first[1].records == again[1].records == live[1].records
    assert len(first[0].records) == 20
    assert len(first[1].records) == 22


async def test_everything_keeps_the_time_at_which_it_was_seen() -> None:
    """In its order, over all files."""
    prices, markets, _ = await replay(read_recordings(FILES))
    seen = [decode_snapshot(record.value).observed_at for record in markets.records]
    observed = [validate(record.value, 2**41).timestamp for record in prices.records]

    assert seen == sorted(seen)
    assert observed == sorted(observed)
    assert (seen[0], observed[0]) == (
        BEGINS + timedelta(seconds=1),
        BEGINS + timedelta(seconds=1),
    )


async def test_what_cannot_be_replayed_is_counted_and_told() -> None:
    """Answers that were no good then, items without a price, sources that nobody knows."""
    unknown = exchanges()[0]._replace(source="nobody")
    garbled = Garbled(Path("a.gz"), 3, "it breaks off")
    _, _, tally = await replay([*read_recordings(FILES), unknown, garbled])

    assert dict(tally.passed_over) == {
        "of another shape": 1,
        "answered 429": 1,
        "refused by the adapter": 4,
        "source without an adapter": 1,
        "unreadable line": 1,
    }
    assert tally.told["unreadable line"] == ["a.gz, line 3: it breaks off"]
    assert tally.answers == 35


async def test_only_the_sources_that_were_asked_for() -> None:
    prices, markets, tally = await replay(read_recordings(FILES), sources=["coins"])

    assert (len(prices.records), len(markets.records), tally.answers) == (20, 0, 12)


async def test_a_clock_that_was_ahead_is_refused_now() -> None:
    """As the pipeline would; nothing older than that is."""
    prices, markets, tally = await replay(
        read_recordings(FILES), now=BEGINS + timedelta(minutes=26)
    )

    assert 0 < len(prices.records) < 20
    assert 0 < len(markets.records) < 22
    assert tally.passed_over[Reason.TIMESTAMP_IN_FUTURE] == 42 - len(
        [*prices.records, *markets.records]
    )


async def test_as_now_everything_is_seen_now() -> None:
    """A vendor's time that lay two seconds before its answer lies two seconds before now."""
    prices, markets, _ = await replay(read_recordings(FILES), as_now=True, speed=60)
    observed = [validate(record.value, 2**42).timestamp for record in prices.records]
    seen = [decode_snapshot(record.value).observed_at for record in markets.records]

    assert seen[0] == LATER
    assert observed[0] == LATER + timedelta(seconds=2 / 60 - 2)
    assert seen[-1] - seen[0] == timedelta(seconds=(55 * 60 + 1) / 60)
    assert observed[-1] - observed[0] == timedelta(minutes=55) / 60


async def test_it_takes_as_long_as_the_recording_divided_by_the_speed() -> None:
    """An hour at sixty times its speed: each answer at its moment."""
    waits: list[float] = []
    await replay(read_recordings(FILES), speed=60, waits=waits)

    assert sum(waits) == pytest.approx((55 * 60 + 2) / 60)
    assert max(waits) == pytest.approx((5 * 60 - 2) / 60)


async def test_it_ends_when_it_is_told_to() -> None:
    """What was published has arrived."""
    prices, markets, tally = await replay(read_recordings(FILES), stop_after=5)

    assert tally.answers == 5
    assert prices.flushed == len(prices.records) > 0
    assert markets.flushed == len(markets.records) > 0
