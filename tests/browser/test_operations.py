"""The operations page and the dead letters in a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, Route, expect

from conscope_app.core.delays import Delays, bucket_of
from conscope_app.core.ids import RecordId
from conscope_app.core.refusal import Reason
from conscope_app.stream.cluster import Restore, TableSize, Warned, WorkerErrors, WorkerFigures
from conscope_app.stream.dead_letters import DeadLetter
from conscope_app.stream.letter_replay import Left, Replayed
from conscope_app.stream.newest_letters import Glimpse
from tests.browser.conftest import Watched
from tests.store.ledgers import Tables
from tests.web.reports import NOW, a_partition, a_worker
from tests.web.rows import Rows
from tests.web.site import Site
from web import dead_letter_reading
from web.operations_schema import Letters

pytestmark = [
    pytest.mark.browser,
    pytest.mark.postgres,
    pytest.mark.asyncio(loop_scope="session"),
]

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e"
NEWS_MS = 20_000  # the slower the machine, the more rarely a page's news are put together
LONG = "A-name-without-a-single-space-that-no-line-can-hold-" * 6


@pytest.fixture
def sources(database_url: str) -> Iterator[Tables]:
    """Two sources, one of them silent for long."""
    with Tables(database_url) as tables:
        tables.run("DELETE FROM event_sources")
        for key, (name, silent) in enumerate((("seatgeek", 2), (HOSTILE + LONG, 50_000))):
            tables.run(
                "INSERT INTO event_sources VALUES (%s, 'e', %s, 120000, %s, %s)",
                str(key).encode(),
                name,
                NOW - timedelta(days=9),
                NOW - timedelta(seconds=silent),
            )
        yield tables
        tables.run("DELETE FROM event_sources")


def figures(worker: str = "worker-1") -> WorkerFigures:
    """A minute of a busy worker."""
    delays = {
        "track_prices": {35: 8_000, 120: 20_000, 400: 300},
        "store_prices": {280: 20_000, 900: 8_000},
        "store_alerts": {90: 300},
        "deliver_alerts": {640: 40, 2_300: 3},
    }
    return WorkerFigures(
        worker=worker,
        at=NOW,
        delays={
            agent: Delays(60.0, {bucket_of(ms): count for ms, count in found.items()})
            for agent, found in delays.items()
        },
        tables=[
            TableSize("last_seen_prices", 8, 201_344, 48_000_000),
            TableSize("watch_books", 8, 12_000, 3_100_000),
        ],
    )


def much_amiss(site: Site, rows: Rows) -> None:
    """All that can be wrong at once, under names that no line can hold."""
    rows.target("telegram", disabled_at=NOW, disabled_reason=f"f1n9er it answered 404 {LONG}")
    warned = [
        Warned(NOW - timedelta(seconds=9 * n), level, f"conscope_app.{LONG}", HOSTILE + LONG, n)
        for n, level in enumerate(("error", "warning", "warning"), start=1)
    ]
    site.show(
        partitions=[
            a_partition(1, end=90_100),
            a_partition(2, state="opening", position=None, restore=Restore(700, 1_000)),
            a_partition(3, trouble=LONG),
            a_partition(4, at=NOW - timedelta(minutes=3), worker=LONG),
            a_partition(5, counts={f"dead:{HOSTILE}": 12}),
        ],
        workers=[
            a_worker(LONG, ready=False, reasons=[HOSTILE], version="1.0", agents=["track_prices"]),
            a_worker("b", at=NOW - timedelta(seconds=30)),
        ],
        records_per_s=None,
        errors=[WorkerErrors(LONG, NOW, warned)],
    )


@pytest.mark.parametrize(
    ("width", "colours", "well"),
    [
        (1440, "light", True),
        (1440, "dark", False),
        (390, "light", False),
        (390, "dark", True),
    ],
)
async def test_it_is_readable_everywhere(
    site: Site,
    rows: Rows,
    sources: Tables,
    browser: Browser,
    width: int,
    colours: Any,
    well: bool,
) -> None:
    """No complaint in the console, nothing to scroll sideways, nothing that axe objects to."""
    site.show(figures=[figures()])
    if not well:
        much_amiss(site, rows)
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours, reduced_motion="reduce"
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(f"{site.url}/operations")
    await expect(page.get_by_role("status")).to_have_text("Live")
    await expect(page.get_by_role("heading", name="Tables")).to_be_visible()

    assert watched.complaints == []  # before axe, which brings complaints of its own
    await expect(page.locator("main img, main script")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()


async def test_it_moves_by_itself_and_says_what_goes_wrong(
    site: Site, rows: Rows, watched: Watched
) -> None:
    """A worker falls silent and comes back; the document stays the same."""
    page = watched.page
    site.show(figures=[figures()])
    await page.goto(f"{site.url}/operations")
    await expect(page.get_by_role("status")).to_have_text("Live")
    await page.evaluate("document.marked = true")
    workers = page.locator("[data-panel=workers]")
    await expect(workers).to_contain_text("ready", timeout=NEWS_MS)

    site.show(workers=[a_worker(at=NOW - timedelta(seconds=30))], figures=[])
    await expect(workers).to_contain_text("silent", timeout=NEWS_MS)
    await expect(page.locator("[data-notice=worker_silent]")).to_be_visible()
    await expect(page.locator("[data-panel=journeys]")).to_contain_text("unknown")

    site.show(figures=[figures()])
    await expect(workers).to_contain_text("ready", timeout=NEWS_MS)
    await expect(page.locator("[data-notice]")).to_have_count(0)
    assert await page.evaluate("document.marked")
    assert watched.complaints == []


class Shelf:
    """Stands where Kafka would be read: letters, and which of them went back."""

    def __init__(self) -> None:
        self.replayed: set[str] = set()
        self.asked: list[tuple[list[str], bool]] = []
        self.values = [b'{"price": "free", "venue": "' + HOSTILE.encode() + b'"}', b"\xff" * 3000]

    async def newest(self, _: Any) -> Letters:
        """Two letters, of which the first can be sent back."""
        shown = [
            dead_letter_reading._letter(self._glimpse(number, value))
            for number, value in enumerate(self.values)
        ]
        return Letters(NOW, shown, next=None, looked_at=2, is_complete=False)

    async def send_back(self, origins: list[RecordId], *, again: bool) -> Replayed:
        """Take those that are of partition 0."""
        names = [str(each) for each in origins]
        self.asked.append((names, again))
        sent = [str(each) for each in origins if each.partition == 0]
        self.replayed.update(sent)
        left = [Left(name, f"it names no seat {HOSTILE}") for name in names if name not in sent]
        return Replayed(sent, left)

    def _glimpse(self, number: int, value: bytes) -> Glimpse:
        origin = RecordId("raw_prices", number, 17)
        letter = DeadLetter(
            origin,
            (Reason.BAD_PRICE, Reason.NOT_TEXT)[number],
            f"it is no price: {HOSTILE}",
            "VALUE_CONVERTER",
            "track_prices",
            "Refused",
            None,
        )
        at = int(NOW.timestamp() * 1000) - number * 60_000
        replayed = str(origin) in self.replayed
        return Glimpse(number, 5, at, letter, value[:4_096], len(value), replayed)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The pages read it instead of Kafka; tests/broker/test_dead_letter_pages.py has the real."""
    made = Shelf()
    monkeypatch.setattr("web.dead_letters.newest_letters", made.newest)
    monkeypatch.setattr("web.api.dead_letters.send_back", made.send_back)
    return made


async def test_letters_are_sent_back_after_a_question(
    site: Site, shelf: Shelf, watched: Watched
) -> None:
    """With the keyboard alone; what went back and what did not is said where it was asked for."""
    page = watched.page
    await page.goto(f"{site.url}/operations/dead-letters")
    button = page.get_by_role("button", name="Send back…")
    await expect(button).to_be_disabled()
    await page.get_by_label("Pick raw_prices-0-17").focus()
    await page.keyboard.press("Space")
    await button.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Send back 1 letter?")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Leave them").click()
    await expect(dialog).to_be_hidden()
    assert shelf.asked == []

    await page.get_by_label("Pick all").check()
    await button.click()
    await page.get_by_role("dialog").get_by_label("Also those that were sent back").check()
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await page.get_by_role("dialog").get_by_role("button", name="Send back", exact=True).click()

    await expect(page.get_by_role("status")).to_have_text("1 letter sent back, 1 not:")
    await expect(page.locator(".left")).to_contain_text("raw_prices-1-17: it names no seat <img")
    await expect(page.locator(".letters li").first).to_contain_text("sent back")
    assert shelf.asked == [(["raw_prices-0-17", "raw_prices-1-17"], True)]
    await expect(page.locator("main img, main script")).to_have_count(0)
    assert [each for each in watched.complaints if "axe" not in each] == []


async def test_a_replay_that_is_refused_says_why(
    site: Site, shelf: Shelf, watched: Watched
) -> None:
    """The letters are as they were."""
    page = watched.page

    async def refuse(route: Route) -> None:
        await route.fulfill(
            status=503,
            content_type="application/problem+json",
            body='{"status": 503, "title": "x", "detail": "Kafka does not answer in time."}',
        )

    await page.route("**/replay", refuse)
    await page.goto(f"{site.url}/operations/dead-letters")
    await page.get_by_label("Pick raw_prices-0-17").check()
    await page.get_by_role("button", name="Send back…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Send back", exact=True).click()

    said = "Not sent back: Kafka does not answer in time."
    await expect(page.get_by_role("status")).to_have_text(said)
    await expect(page.get_by_label("Pick raw_prices-0-17")).to_be_checked()


@pytest.mark.parametrize(("width", "colours"), [(1440, "dark"), (390, "light")])
async def test_letters_are_readable_everywhere(
    site: Site, shelf: Shelf, browser: Browser, width: int, colours: Any
) -> None:
    """With JavaScript and without: then there is nothing to press that would do nothing."""
    site.show(partitions=[a_partition(5, counts={f"dead:{HOSTILE}": 12, "dead:bad_price": 3})])
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=colours
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await page.goto(f"{site.url}/operations/dead-letters?reason=bad_price")
    await expect(page.get_by_label("Pick all")).to_be_visible()
    assert watched.complaints == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()

    plain = await browser.new_context(java_script_enabled=False)
    page = await plain.new_page()
    await page.goto(f"{site.url}/operations/dead-letters")
    await expect(page.get_by_text("Only the newest 2 were looked at.")).to_be_visible()
    await expect(page.get_by_role("button", name="Send back…")).to_be_hidden()
    await plain.close()
