"""The pictures of the pages in `docs/images`: `python -m tests.browser.pages_pictures`.

It starts Kafka, Postgres and a worker, has the simulated market of `produce mock` tell a day of
prices within a minute, and goes on with it while the pictures are taken with Debian's chromium.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, expect

from conscope_app.core.clock import utc_now
from conscope_app.local.artifacts import prepare
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from conscope_app.sources.base import Source
from conscope_app.sources.publisher import Publisher
from conscope_app.sources.registry import SourceOptions, open_source
from tests.broker.losing import brokers
from tests.broker.opening import opened_pipeline
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.browser.chromium import NoChromium, started_chromium
from tests.browser.light_png import light_screenshot

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "images"

EVENTS, SEATS = 9, 70
ROUND = EVENTS * SEATS
STEPS = 288  # of the past day: each five minutes a part of the market is seen
SEEN_IN_A_STEP = ROUND // 12  # all of it each hour
LIVE_PER_S = 30
SWIFT = "test_taylor_swift_2025"

# Watches that this market raises within a minute or two.
WATCHES = f"""
watches:
  - id: eras-floor
    name: Eras Tour, a bargain on the floor
    what: {{subjects: [{SWIFT}], each: item, only: {{section: [Floor*, VIP*]}}}}
    when: {{drop: {{percent: 6, than: previous}}}}
  - id: weeknd-under-60
    name: The Weeknd under 60
    what: {{subjects: [test_the_weeknd_2025]}}
    when: {{target: {{at_most: 60}}, on_create: true}}
  - id: bunny-under-80
    name: Bad Bunny under 80
    what: {{subjects: [test_bad_bunny_2025]}}
    when: {{target: {{at_most: 80}}, on_create: true}}
"""
FOUND = 3
TALL = 1_850  # an event down to its seats
SLOW_MS = 30_000  # everything runs on one machine


async def a_day_of(source: Source, publisher: Publisher, begin: datetime) -> None:
    """What the source saw in the day from `begin` on, published at once."""
    for step in range(STEPS):
        at = begin + timedelta(days=1) * step / STEPS
        await publisher.publish(each.outgoing for each in source.take(SEEN_IN_A_STEP, at))
    await publisher.flush()


async def go_on(source: Source, publisher: Publisher) -> None:
    """The same market from now on, until it is cancelled."""
    while True:
        await publisher.publish(each.outgoing for each in source.take(LIVE_PER_S, utc_now()))
        await asyncio.sleep(1)


@asynccontextmanager
async def living(pipeline: Pipeline) -> AsyncIterator[Worker]:
    """A worker that shows a market with a day behind it."""
    worker = pipeline.worker("pictures").start()
    await asyncio.to_thread(
        eventually, lambda: worker.get("/health/ready"), within_s=180, what="a worker"
    )
    begin = utc_now() - timedelta(days=1)
    source = open_source("mock", SourceOptions(seed=11, events=EVENTS, seats=SEATS), begin)
    async with Publisher(brokers(pipeline), "raw_prices", client_id="pictures") as publisher:
        await a_day_of(source, publisher, begin)
        folded = "SELECT coalesce(sum(observations), 0)::int FROM event_sources"
        await asyncio.to_thread(
            eventually,
            lambda: pipeline.query(folded) == [(STEPS * SEEN_IN_A_STEP,)],
            within_s=300,
            what="the day in the roll-ups",
        )
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(WATCHES)
            file.flush()
            await asyncio.to_thread(pipeline.run, "watches", "apply", file.name)
        live = asyncio.create_task(go_on(source, publisher))
        try:
            await asyncio.to_thread(
                eventually,
                lambda: pipeline.count("watch_episodes") >= FOUND,
                within_s=180,
                what="what the watches found",
            )
            await asyncio.sleep(ROUND / LIVE_PER_S)  # every seat is seen once more
            yield worker
        finally:
            live.cancel()
            with suppress(asyncio.CancelledError):
                await live


async def picture(
    browser: Browser,
    url: str,
    *,
    width: int = 1440,
    tallest: int = 1_250,
    colours: Literal["light", "dark"] = "light",
) -> bytes:
    """The page at this address as it looks after it has gone live, its upper part, as a PNG."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=colours,
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url)
    await _settled(page)
    png = await light_screenshot(page, tallest=tallest)
    await context.close()
    return png


async def _settled(page: Page) -> None:
    """Live, where it is a live page; its chart drawn, where it has one."""
    if await page.locator("body[data-live]").count():
        state = page.locator("[data-live-state]")
        await expect(state).to_have_attribute("data-live-state", "live", timeout=SLOW_MS)
    for chart in await page.locator("[data-price-chart]").all():
        await expect(chart.locator("canvas")).to_be_visible(timeout=SLOW_MS)
    await page.evaluate("document.fonts.ready")


async def pictures(pipeline: Pipeline, keep: Callable[[str, bytes], None]) -> None:
    """Take all of them; `keep` gets each with the name of its file."""
    async with started_chromium() as browser, living(pipeline) as worker:
        url = f"http://127.0.0.1:{worker.port}"
        event = f"{url}/events/{SWIFT}"
        keep("overview.png", await picture(browser, f"{url}/"))
        keep("event.png", await picture(browser, event, tallest=TALL))
        keep("alerts.png", await picture(browser, f"{url}/alerts"))
        keep("operations.png", await picture(browser, f"{url}/operations"))
        keep("watch.png", await picture(browser, f"{url}/watches/eras-floor"))
        keep("event-phone.png", await picture(browser, event, width=390, tallest=TALL))
        keep("overview-dark.png", await picture(browser, f"{url}/", colours="dark"))
        keep("event-dark.png", await picture(browser, event, tallest=TALL, colours="dark"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.pages_pictures", description="The pictures of the pages."
    )
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)

    def keep(name: str, png: bytes) -> None:
        (folder / name).write_bytes(png)
        print(f"{folder / name}: {len(png):,} bytes", flush=True)

    artifacts = prepare(ROOT / ".conscope" / "artifacts", print)
    with tempfile.TemporaryDirectory(prefix="conscope-pictures-") as made:
        servers = Path(made)
        servers.chmod(0o755)  # root starts Postgres as another user
        with (
            KafkaServer(servers / "kafka", artifacts) as kafka,
            PostgresServer(servers / "postgres", artifacts) as postgres,
            opened_pipeline(servers, kafka, postgres, database="pictures") as pipeline,
        ):
            try:
                asyncio.run(pictures(pipeline, keep))
            except NoChromium as missing:
                parser.error(str(missing))
    return 0


if __name__ == "__main__":
    sys.exit(main())
