"""Two vendors that misbehave, polled by a real worker: all they have is there, through a kill."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from conscope_app.core.clock import utc_now
from conscope_app.local.standins.market import Market
from conscope_app.local.standins.misbehaviour import Kind
from conscope_app.local.standins.server import serving
from conscope_app.local.standins.standin import KEY, StandIns
from conscope_app.sources.exchange import Exchange
from conscope_app.sources.recorded import read_recordings
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.local.standins.asking import Client

pytestmark = pytest.mark.broker

AGENTS = "poll_sources,track_markets,store_markets"
VENDORS = ("seatgeek", "ticketmaster")
FAULTS: dict[str, tuple[Kind | None, ...]] = {
    "seatgeek": (None, None, "error", None, "half", None, None, "page"),
    # Three in a row: it is said to be failing, until it answers again.
    "ticketmaster": (*[None] * 6, "error", "half", "page", None, "renamed list"),
}


@contextmanager
def served(standins: StandIns) -> Iterator[str]:
    """Their address, while a thread serves them."""
    ended, begun = asyncio.Event(), threading.Event()
    addresses: list[str] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(standins) as url:
            addresses.append(url)
            begun.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    assert begun.wait(10)
    try:
        yield addresses[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def existing(market: Market) -> set[str]:
    """Every event that either says it has, asked by somebody else, under our ids of it."""
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    found: set[str] = set()
    for name in VENDORS:
        client = Client(StandIns(market), name)
        client.now = utc_now()
        events = client.catalogue(today, today + timedelta(days=300))
        found |= {f"simulated-{event_id}" for event_id in events}
    return found


def a_worker(pipeline: Pipeline, url: str, recordings: Path) -> Worker:
    """One that polls both."""
    return pipeline.worker(
        "polls",
        CONSCOPE_AGENTS=AGENTS,
        CONSCOPE_SOURCES=",".join(VENDORS),
        CONSCOPE_SEATGEEK_CLIENT_ID=KEY,
        CONSCOPE_SEATGEEK_URL=url,
        CONSCOPE_TICKETMASTER_API_KEY=KEY,
        CONSCOPE_TICKETMASTER_URL=url,
        CONSCOPE_RECORDINGS_DIR=str(recordings),
    )


def stored(pipeline: Pipeline) -> set[str]:
    return {event_id for (event_id,) in pipeline.query("SELECT event_id FROM market_now")}


def test_all_that_vendors_have_is_there_through_a_kill(pipeline: Pipeline, tmp_path: Path) -> None:
    """Within the vendors' limits, with nothing invalid asked, and said to be simulated."""
    opened_at = utc_now().replace(minute=0, second=0, microsecond=0)
    market = Market(seed=5, events=150, opened_at=opened_at, days=90)
    standins = StandIns(market)
    for name, kinds in FAULTS.items():
        standins.by_name[name].misbehaviour.then(*kinds)
    before = existing(market)
    recordings = tmp_path / "recordings"
    states: set[tuple[str, str]] = set()

    def look() -> set[str]:
        states.update(pipeline.query("SELECT source, health FROM sources"))
        return before - stored(pipeline)

    with served(standins) as url:
        worker = a_worker(pipeline, url, recordings).start()
        eventually(lambda: len(before - look()) > 5, what="the first events")
        worker.kill()
        assert look(), "nothing was left to find when the worker was killed"
        worker.start()
        eventually(lambda: not look(), what="every event of both")
        eventually(lambda: not look() and both_are(pipeline, "healthy"), what="both healthy")
        assert worker.stop() == 0

    assert before & existing(market) <= stored(pipeline)
    assert ("simulated-ticketmaster", "failing") in states
    for name, report in standins.report().items():
        kept = ("over_a_second", "over_a_day", "unsigned", "invalid", "invalid_again")
        assert {each: report[each] for each in kept} == dict.fromkeys(kept, 0), name
        (counted,) = pipeline.query(
            f"SELECT sum(requests) FROM source_usage WHERE source = 'simulated-{name}'"
        )
        assert counted[0] >= report["asked"]
    assert {source for (source,) in pipeline.query("SELECT source FROM market_now")} == {
        f"simulated-{name}" for name in VENDORS
    }
    exchanges = list(read_recordings(sorted(recordings.iterdir())))
    asked = sum(report["asked"] for report in standins.report().values())
    assert len([each for each in exchanges if isinstance(each, Exchange)]) >= asked * 0.7
    assert KEY not in repr(exchanges)
    assert KEY not in worker.log


def both_are(pipeline: Pipeline, health: str) -> bool:
    found = pipeline.query("SELECT health FROM sources")
    return found == [(health,)] * len(VENDORS)
