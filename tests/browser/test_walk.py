"""The walk of a person who has never seen the pages: from an event's name to the alert about it.

Everything is real: Kafka, Postgres, a worker in a process of its own, the browser. Only what a
person sees is used: words, labels, buttons and links. CONSCOPE_TEST_PICTURES names a folder for a
picture of each step.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from conscope_app.local.artifacts import Artifacts
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer
from tests.broker.opening import opened_pipeline
from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.broker.test_watches import a_seat, is_published, show, stored
from tests.browser.conftest import Watched

pytestmark = [
    pytest.mark.broker,
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
]

WITHIN_MS = 30_000  # a dry run begins in a process of its own; a killed worker starts anew
EVENT = {"event_id": "gala/2027", "event_name": "Nina & the Larks: Farewell Gala"}
PLACE = {"venue": "Town Hall", "source": "simulated-shop", "row": "7"}


@pytest.fixture
def pipeline(
    tmp_path: Path, artifacts: Artifacts, postgres_server: PostgresServer
) -> Iterator[Pipeline]:
    """On a Kafka of its own, since topics have fixed names."""
    with (
        KafkaServer(tmp_path / "kafka", artifacts) as kafka,
        opened_pipeline(tmp_path, kafka, postgres_server, database="walk") as opened,
    ):
        yield opened


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures of the steps are left."""
    asked = os.environ.get("CONSCOPE_TEST_PICTURES")  # noqa: TID251 the suite's own setting
    folder = Path(asked) if asked else tmp_path / "walk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Walk:
    """One person at one page; `worker` is who serves it."""

    def __init__(self, page: Page, pipeline: Pipeline, worker: Worker, pictures: Path) -> None:
        self.page = page
        self.pipeline = pipeline
        self.worker = worker
        self._pictures = pictures
        self._taken = 0

    async def seen(self, step: str) -> None:
        """Keep what is on the screen."""
        self._taken += 1
        await self.page.screenshot(path=self._pictures / f"{self._taken:02}-{step}.png")

    async def prices(self, *seats: tuple[str, str, object], **where: Any) -> None:
        """Have the source name these: section, seat, price."""
        prices = [
            a_seat(price, seat, price=price, section=section, **(EVENT | PLACE | where))
            for section, seat, price in seats
        ]
        await asyncio.to_thread(show, self.pipeline, *prices)

    async def find_the_event(self) -> None:
        """On the overview, by words of its name that are not all of it."""
        page = self.page
        await page.goto(f"http://127.0.0.1:{self.worker.port}/")
        await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
        await expect(page.get_by_role("link", name="Opera Night")).not_to_have_count(0)
        await self.seen("overview")
        await page.get_by_role("searchbox", name="Search").press_sequentially("farewell nina")
        events = page.get_by_role("region", name="Events")
        await expect(events.get_by_role("link", name="Opera Night")).to_have_count(0)
        found = events.get_by_role("link", name=EVENT["event_name"])
        await expect(found).to_have_count(1)
        await self.seen("found")
        await found.click()
        await expect(page.get_by_role("heading", name=EVENT["event_name"])).to_be_visible()

    async def read_the_pair(self) -> None:
        """What two together cost, whether that falls, and what is behind the numbers."""
        page = self.page
        await expect(page.get_by_text("It is getting cheaper")).to_be_visible()
        await expect(page.get_by_text("Simulated data")).to_be_visible()
        pair = self._pair()
        await expect(pair).to_contain_text("$190.00 each")
        await expect(pair).to_contain_text("Floor A")
        await expect(pair).to_contain_text("seats 11, 12")
        await expect(pair).to_contain_text("since first seen")
        await self.seen("event")

    async def begin_a_watch(self) -> None:
        """By the link beside the pair; the form holds what was looked at and is tried."""
        page = self.page
        await self._pair().get_by_role("link", name="Watch two together").click()
        await expect(page.get_by_role("heading", name="New watch")).to_be_visible()
        await expect(page.get_by_label("Events", exact=True)).to_have_value(EVENT["event_id"])
        await expect(page.get_by_label("Seats together")).to_have_value("2")
        at_most = page.get_by_role("textbox", name="At most", exact=True)
        await expect(at_most).to_have_value("180")
        trial = page.get_by_role("status").filter(has_text="It would have sent")
        await at_most.fill("195")
        await expect(trial).to_contain_text("1 message", timeout=WITHIN_MS)
        messages = page.get_by_role("list", name="Messages it would have sent")
        await expect(messages.get_by_role("listitem").first).to_contain_text("$190.00")
        await self.seen("watch-begun")
        await at_most.fill("188")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved as version 1.")).to_be_visible()
        await self.seen("watch-saved")

    async def hear_of_it(self) -> None:
        """The page of alerts shows it without being loaded again; Discord has it."""
        page = self.page
        await self.until(lambda: is_published(self.pipeline), what="the watch published")
        await page.get_by_role("link", name="Alerts", exact=True).click()
        await expect(page.get_by_text("Your watches have found nothing yet.")).to_be_visible()
        await page.evaluate("document.marked = true")
        await self.prices(("Floor A", "11", 171))
        found = page.get_by_role("region", name="What your watches found")
        alert = found.get_by_role("listitem").filter(has_text=EVENT["event_name"]).first
        await expect(alert).to_contain_text("$185.00", timeout=WITHIN_MS)
        await expect(alert).to_contain_text("raised")
        await expect(alert).to_contain_text("default: told", timeout=WITHIN_MS)
        assert await page.evaluate("document.marked"), "the page was loaded again"
        await self.seen("alert")
        shown = json.dumps(list(self.pipeline.discord.shown.values()))
        assert "185.00" in shown
        assert "2 together" in shown

    async def lose_the_worker(self) -> None:
        """The event's page says so, keeps what it showed, and comes back by itself."""
        page = self.page
        found = page.get_by_role("region", name="What your watches found")
        await found.get_by_role("link", name=EVENT["event_name"]).first.click()
        status = page.get_by_role("banner").get_by_role("status")
        await expect(status).to_have_text("Live")
        await expect(self._pair()).to_contain_text("$185.00 each")
        await page.evaluate("document.marked = true")
        await asyncio.to_thread(self.worker.kill)
        await expect(status).to_have_text("Worker away, last update", timeout=WITHIN_MS)
        await expect(self._pair()).to_contain_text("$185.00 each")
        await self.seen("worker-away")
        self.worker.start()
        await expect(status).to_have_text("Live", timeout=2 * WITHIN_MS)
        await self.prices(("Floor A", "12", 150))
        await expect(self._pair()).to_contain_text("$171.00 each", timeout=WITHIN_MS)
        assert await page.evaluate("document.marked"), "the page was loaded again"
        await self.seen("worker-back")

    async def until(self, ask: Callable[[], Any], *, what: str) -> None:
        """`eventually`, while the browser goes on."""
        await asyncio.to_thread(eventually, ask, what=what)

    def _pair(self) -> Any:
        together = self.page.get_by_role("region", name="Cheapest together")
        heading = self.page.get_by_role("heading", name="Two together")
        return together.get_by_role("listitem").filter(has=heading)


async def test_the_walk(pipeline: Pipeline, watched: Watched, pictures: Path) -> None:
    """Overview, event, pair, watch, alert; then the worker is killed, and a new one comes."""
    worker = pipeline.worker("w1").start()
    await asyncio.to_thread(worker.until_ready)
    walk = Walk(watched.page, pipeline, worker, pictures)
    await walk.prices(("Floor A", "11", 210), ("Floor A", "12", 205), ("Upper", "3", 240))
    await walk.prices(("Stalls", "1", 90), event_id="opera", event_name="Opera Night")
    await walk.prices(("Floor A", "11", 190), ("Floor A", "12", 185))
    await asyncio.to_thread(stored, pipeline, 6)
    folded = "SELECT coalesce(sum(observations), 0)::int FROM event_sources"
    await walk.until(lambda: pipeline.query(folded) == [(6,)], what="the roll-ups")
    listed = "SELECT count(*)::int FROM event_markets WHERE lowest IS NOT NULL"
    await walk.until(lambda: pipeline.query(listed) == [(2,)], what="both lines")

    await walk.find_the_event()
    await walk.read_the_pair()
    await walk.begin_a_watch()
    await walk.hear_of_it()
    assert watched.complaints == []
    await walk.lose_the_worker()
    away = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET")
    assert [each for each in watched.complaints if not any(word in each for word in away)] == []
