"""The price chart in a real browser: what it draws, says, and lets one do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no types
from playwright.async_api import Browser, FloatRect, Locator, Page, expect

from tests.browser import chart_site
from tests.browser.chart_site import ChartSite, prices
from tests.browser.conftest import Watched
from tests.client import needs_client

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

READABLE = 4.5  # WCAG 2.2, 1.4.3
DAY_S = 86_400

# The colours of the axes' letters: of the pixels that they cover wholly, by where they are.
AXES = """(canvas) => {
    const context = canvas.getContext("2d");
    const pixels = (x, y, width, height) => {
        const { data } = context.getImageData(x, y, width, height);
        const found = [];
        for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] > 220) found.push([data[i], data[i + 1], data[i + 2]]);
        }
        return found;
    };
    const over = canvas.parentElement.querySelector(".u-over");
    const [left, ground] = [over.offsetLeft, over.offsetTop + over.offsetHeight].map(
        (each) => Math.floor(each * devicePixelRatio));
    return {
        card: getComputedStyle(canvas.closest(".card")).backgroundColor.match(/\\d+/g).map(Number),
        prices: pixels(0, 0, left - 4, ground),
        times: pixels(0, ground + 4, canvas.width, canvas.height - ground - 4),
    };
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[ChartSite]:
    """The page of the chart."""
    needs_client()
    async with chart_site.serving() as served:
        yield served


async def drawn(page: Page, site: ChartSite, fragment: str = "") -> Locator:
    """The chart's stage, once prices are drawn in it."""
    await page.goto(site.url + fragment)
    await expect(page.locator(".chart-stage")).to_have_attribute("data-state", "shown")
    return page.locator(".chart-plot")


async def shown(plot: Locator) -> tuple[float, float]:
    """From when to when prices are shown."""
    begin, end = [await plot.get_attribute(f"data-{name}") for name in ("from", "to")]
    return float(begin or "nan"), float(end or "nan")


async def area(page: Page) -> FloatRect:
    """Where the prices are on the screen."""
    box = await page.locator(".u-over").bounding_box()
    assert box is not None
    return box


def contrast(one: list[int], other: list[int]) -> float:
    """As WCAG counts it."""

    def luminance(colour: list[int]) -> float:
        parts = [each / 255 for each in colour[:3]]
        red, green, blue = [
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        ]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("width", "colours", "fragment"),
    [
        pytest.param(1280, "light", "", id="1280-light"),
        pytest.param(1280, "dark", "#prices=all.section.log", id="1280-dark-sections"),
        pytest.param(390, "light", "#prices=all.section.log", id="390-light-sections"),
        pytest.param(390, "dark", "", id="390-dark"),
    ],
)
async def test_it_is_readable_everywhere(
    site: ChartSite, browser: Browser, width: int, colours: Any, fragment: str
) -> None:
    """No complaint (the page's policy among them), no scrolling sideways, letters with contrast."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=colours
    )
    watched = Watched(await context.new_page())
    watched.watch()
    page = watched.page
    await drawn(page, site, fragment)

    assert watched.complaints == []  # before axe, which brings complaints of its own
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    axes = await page.locator(".chart-plot canvas").evaluate(AXES)
    for letters in (axes["prices"], axes["times"]):
        assert len(letters) > 50
        best = max(contrast(each, axes["card"]) for each in letters)
        assert best >= READABLE
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    await context.close()


async def test_colours_follow_the_viewers(site: ChartSite, watched: Watched) -> None:
    """Who switches to dark in the evening need not load the page again."""
    page = watched.page
    await drawn(page, site)
    await page.emulate_media(color_scheme="dark")

    async with asyncio.timeout(5):
        while True:
            axes = await page.locator(".chart-plot canvas").evaluate(AXES)
            if max(contrast(each, axes["card"]) for each in axes["times"]) >= READABLE:
                break
    assert max(axes["card"]) < 60


async def test_what_is_drawn_is_said(site: ChartSite, watched: Watched) -> None:
    """In a sentence, on the canvas and in the live region."""
    page = watched.page
    await drawn(page, site)

    sentence = "Lowest $80.21 now, down 23 % over 24 h."
    await expect(page.locator(".chart-summary")).to_have_text(sentence)
    await expect(page.get_by_role("status")).to_have_text(sentence)
    await expect(page.get_by_role("img", name=sentence)).to_be_visible()
    await expect(page.get_by_role("group", name="Range")).to_be_visible()


async def test_yen_have_no_cents(site: ChartSite, watched: Watched) -> None:
    """Unless the price has."""
    site.currency = "JPY"
    answer = prices("day", [""], currency="JPY")
    answer["series"][0]["lowest"] = [12000] * 95 + [9000]
    site.answers = [answer]
    await drawn(watched.page, site)

    summary = watched.page.locator(".chart-summary")
    await expect(summary).to_have_text("Lowest ¥9,000 now, down 25 % over 24 h.")


async def test_no_price_is_too_small_to_be_said(site: ChartSite, watched: Watched) -> None:
    """Not as nothing, however far behind the point its digits are."""
    site.currency = "WEIX"
    answer = prices("day", [""], currency="WEIX")
    (line,) = answer["series"]
    for name in ("lower_quartile", "median", "upper_quartile"):
        line[name] = [each * 1e-15 for each in line[name]]
    line["lowest"] = [1.2e-13] * 95 + [9e-14]
    site.answers = [answer]
    await drawn(watched.page, site)

    summary = watched.page.locator(".chart-summary")
    await expect(summary).to_have_text("Lowest 0.00000000000009 WEIX now, down 25 % over 24 h.")


async def test_zoom_and_pan(site: ChartSite, watched: Watched) -> None:
    """By dragging, with shift, by wheel, by keys and by buttons; and back."""
    page = watched.page
    plot = await drawn(page, site)
    whole = await shown(plot)
    box = await area(page)
    x, y, width = box["x"], box["y"] + box["height"] / 2, box["width"]

    await page.mouse.move(x + width * 0.25, y)
    await page.mouse.down()
    await page.mouse.move(x + width * 0.75, y, steps=4)
    await page.mouse.up()
    half = await shown(plot)
    assert half[0] == pytest.approx(whole[0] + 0.25 * (whole[1] - whole[0]), abs=300)
    assert half[1] == pytest.approx(whole[0] + 0.75 * (whole[1] - whole[0]), abs=300)

    await page.keyboard.down("Shift")
    await page.mouse.down()
    await page.mouse.move(x + width * 0.85, y, steps=4)
    await page.mouse.up()
    await page.keyboard.up("Shift")
    panned = await shown(plot)
    assert panned[0] == pytest.approx(half[0] - 0.1 * (half[1] - half[0]), abs=300)
    assert panned[1] - panned[0] == pytest.approx(half[1] - half[0])

    await expect(plot).to_be_focused()
    await page.mouse.wheel(0, -300)
    await expect(plot).not_to_have_attribute("data-from", str(panned[0]))
    assert (await shown(plot))[1] - (await shown(plot))[0] < panned[1] - panned[0]

    await page.keyboard.press("0")
    assert await shown(plot) == whole
    await page.keyboard.press("+")
    zoomed = await shown(plot)
    await page.keyboard.press("ArrowLeft")
    assert (await shown(plot))[0] < zoomed[0]
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("-")
    assert await shown(plot) == whole

    await page.get_by_role("button", name="Zoom in").click()
    await page.get_by_role("button", name="Show the whole range").click()
    assert await shown(plot) == whole
    assert watched.complaints == []


async def test_the_wheel_without_the_focus_is_the_pages(site: ChartSite, watched: Watched) -> None:
    """Who scrolls past the chart is not caught in it."""
    page = watched.page
    await page.set_viewport_size({"width": 1280, "height": 300})
    plot = await drawn(page, site)
    whole = await shown(plot)
    box = await area(page)
    await page.mouse.move(box["x"] + 50, 200)
    await page.mouse.wheel(0, 120)

    await page.wait_for_function("() => scrollY > 0")
    assert await shown(plot) == whole


async def test_fingers_move_and_zoom(site: ChartSite, browser: Browser) -> None:
    """One moves, two zoom."""
    context = await browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True)
    page = await context.new_page()
    plot = await drawn(page, site)
    await page.get_by_role("button", name="Zoom in").click()
    before = await shown(plot)
    box = await area(page)
    y = box["y"] + 60
    touch = await context.new_cdp_session(page)

    async def fingers(kind: str, *at: float) -> None:
        points = [{"x": box["x"] + each, "y": y, "id": i} for i, each in enumerate(at)]
        await touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    await fingers("touchStart", 100)
    for at in (120, 140, 160):
        await fingers("touchMove", at)
    await fingers("touchEnd")
    moved = await shown(plot)
    assert moved[0] < before[0]
    assert moved[1] - moved[0] == pytest.approx(before[1] - before[0])

    await fingers("touchStart", 100, 150)
    for at in (170, 190, 210):
        await fingers("touchMove", 100, at)
    await fingers("touchEnd")
    pinched = await shown(plot)
    assert pinched[1] - pinched[0] < (moved[1] - moved[0]) * 0.8
    await context.close()


async def test_choices_go_into_the_address(site: ChartSite, watched: Watched) -> None:
    """So that a link shows the same; nothing is kept anywhere else."""
    page = watched.page
    await drawn(page, site)
    await page.get_by_role("button", name="7 days").click()
    await page.get_by_role("button", name="Sections").click()
    await page.get_by_role("button", name="Logarithmic scale").click()

    await expect(page).to_have_url(f"{site.url}#prices=week.section.log")
    await expect(
        page.get_by_text("8 of 12 sections are drawn, the cheapest first.")
    ).to_be_visible()
    await expect(page.locator(".chart-undrawn")).to_contain_text("Not drawn: Section 108, ")
    assert site.asked[-1] == {"range": "week", "by": "section", "currency": "USD"}
    await page.reload()
    log = page.get_by_role("button", name="Logarithmic scale")
    await expect(log).to_have_attribute("aria-pressed", "true")
    assert site.asked[-1] == {"range": "week", "by": "section", "currency": "USD"}
    assert await page.evaluate("localStorage.length") == 0
    assert await page.context.cookies() == []


async def test_a_price_of_nothing_has_no_logarithm(site: ChartSite, watched: Watched) -> None:
    """The scale is not offered, with the reason; and not drawn where the address asks for it."""
    answer = prices("day", [""])
    answer["series"][0]["lowest"][3] = 0
    site.answers = [answer]
    await drawn(watched.page, site, "#prices=log")

    log = watched.page.get_by_role("button", name="Logarithmic scale")
    await expect(log).to_be_disabled()
    await expect(log).to_have_attribute("title", "Not while a price is 0")
    assert watched.complaints == []


async def test_lines_are_named_and_can_be_left_out(site: ChartSite, watched: Watched) -> None:
    """With the keyboard too; a name from outside is a text like any other."""
    page = watched.page
    await drawn(page, site, "#prices=source")
    legend = page.get_by_role("list", name="Lines that are drawn")
    await expect(legend).to_contain_text("<img src=x onerror=alert(1)>\\u{202e}evil")
    await expect(page.locator("figure img:not(canvas)")).to_have_count(0)
    await expect(legend.locator("b").nth(2)).to_have_text("$110.21")  # a source named "drops"
    before = await page.locator(".chart-plot canvas").evaluate("(canvas) => canvas.toDataURL()")

    await legend.get_by_role("checkbox", name="stubhub").focus()
    await page.keyboard.press("Space")

    await expect(legend.get_by_role("checkbox", name="stubhub")).not_to_be_checked()
    after = await page.locator(".chart-plot canvas").evaluate("(canvas) => canvas.toDataURL()")
    assert before != after
    assert watched.complaints == []


async def test_the_legend_reads_prices_off(site: ChartSite, watched: Watched) -> None:
    """Under the cursor: the span, what held then, and how often prices fell in it."""
    page = watched.page
    await page.clock.install(time=chart_site.AS_OF)
    await drawn(page, site)
    box = await area(page)
    # A drop is in the second span of the day.
    await page.mouse.move(box["x"] + box["width"] * 1.5 / 96, box["y"] + 50)

    legend = page.get_by_role("list", name="Lines that are drawn")
    await expect(legend.locator("b").first).to_have_text("$99.79")
    await expect(legend.locator("b").last).to_have_text("3")


async def test_states_are_designed(site: ChartSite, watched: Watched) -> None:
    """Loading, an error with another try, stale prices, and none at all."""
    page = watched.page
    site.held = asyncio.Event()
    await page.goto(site.url)
    note = page.locator(".chart-note")
    await expect(note).to_have_text("Loading prices…")
    site.status = 503
    site.held.set()
    await expect(note).to_contain_text("could not be loaded. The database is away.")

    site.status = 200
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".chart-stage")).to_have_attribute("data-state", "shown")
    await expect(page.locator(".chart-plot")).to_be_focused()
    await expect(note).to_be_hidden()

    site.status = 503
    await page.evaluate("dispatchEvent(new Event('conscope:news'))")
    await expect(note).to_contain_text("newer prices could not be loaded.")
    await expect(page.locator(".chart-plot canvas")).to_be_visible()

    site.status = 200
    site.names["event"] = []
    await page.get_by_role("button", name="1 hour").click()
    await expect(note).to_have_text("No prices in this range.")
    await expect(page.locator(".chart-plot canvas")).to_have_count(0)


async def test_news_are_asked_for_now_and_then(site: ChartSite, watched: Watched) -> None:
    """At most every five seconds, not for a hidden tab, and the zoom stays."""
    page = watched.page
    await page.clock.install()
    plot = await drawn(page, site)
    await page.get_by_role("button", name="Zoom in").click()
    zoomed = await shown(plot)
    news = "() => { for (let i = 0; i < 20; i += 1) dispatchEvent(new Event('conscope:news')); }"
    hide = "(is) => Object.defineProperty(document, 'hidden', { value: is, configurable: true })"

    async def asked_after(seconds: int) -> int:
        await page.clock.run_for(seconds * 1_000)
        await expect(page.locator(".chart")).to_have_attribute("aria-busy", "false")
        return len(site.asked)

    await page.evaluate(news)
    assert await asked_after(1) == 2
    await page.evaluate(news)
    assert await asked_after(1) == 2
    assert await asked_after(5) == 3
    await page.evaluate(hide, True)
    await page.evaluate(news)
    assert await asked_after(20) == 3
    await page.evaluate(hide, False)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert await asked_after(1) == 4
    assert await shown(plot) == zoomed
    assert watched.complaints == []
