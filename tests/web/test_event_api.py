"""`/api/v1/events/{event_id}` and what is beneath it, on a real Postgres."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientPayloadError

from conscope_app.store.engine import Connection
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.web.api import ask, download
from tests.web.event_pages import market_rows
from tests.web.reports import NOW
from tests.web.site import Site
from web.api import event_seats
from web.cursors import cursor_of
from web.event_schema import Cheapest, EventFigures, HeatMap, Histogram, PriceChart, SeatList

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

ROOT = f"events/{EVENT}"
FORMULA = '=HYPERLINK("https://example.com")'


@pytest.fixture
def rows(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    with market_rows(database_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def kept(site: Site, rows: MarketRows, database_url: str) -> AsyncIterator[Site]:
    """The pages over an event of two sources and two currencies."""
    site.use_database(database_url)
    a_hall(rows)
    yield site


def decoded(body: Any, kind: type[Any]) -> Any:
    """An answer as the shape that programs may rely on; nothing else is in it."""
    assert body.keys() == {field.name for field in msgspec.structs.fields(kind)}
    return msgspec.convert(body, kind, strict=False)


async def test_figures_are_the_schema_that_they_promise(kept: Site) -> None:
    """Amounts are numbers, exact; what is not asked for is the currency with most seats."""
    answer = await ask(kept, "GET", ROOT)
    figures = decoded(answer.body, EventFigures)
    in_euro = (await ask(kept, "GET", f"{ROOT}?currency=EUR")).body

    assert answer.body["prices"]["lowest"] == 80
    assert answer.body["change"] == {"before": 125, "amount": -45, "percent": -36}
    assert (figures.currency, figures.prices.seats, figures.days_to_event) == ("USD", 6, 75)
    assert [(each.source, each.simulated, each.age_s) for each in figures.sources] == [
        ("seatgeek", False, 0.0),
        ("mock-simulated", True, 300.0),
    ]
    assert (in_euro["currency"], in_euro["prices"]["lowest"]) == ("EUR", 70)


async def test_the_cheapest_seats_together(kept: Site) -> None:
    """Two, where nothing is said; and the link to watch them."""
    two = decoded((await ask(kept, "GET", f"{ROOT}/together")).body, Cheapest)
    three = (await ask(kept, "GET", f"{ROOT}/together?seats=3")).body
    four = (await ask(kept, "GET", f"{ROOT}/together?seats=4")).body
    refused = await ask(kept, "GET", f"{ROOT}/together?seats=11")

    assert two.looked_at == 6
    assert [each.seat for each in two.lots[0].places] == ["5", "6"]
    assert (two.lots[0].price, two.lots[0].total_price) == (90, None)
    assert "together=2" in two.lots[0].watch
    assert [each["seat"] for each in three["lots"][0]["places"]] == ["7-8", "9"]
    assert four["lots"] == []
    assert (refused.status, [*refused.problems]) == (400, ["seats"])


async def test_histogram_and_heat(kept: Site) -> None:
    """Every seat is in one bin; cells come cheapest first."""
    histogram = decoded((await ask(kept, "GET", f"{ROOT}/histogram")).body, Histogram)
    heat = decoded((await ask(kept, "GET", f"{ROOT}/heat")).body, HeatMap)

    assert sum(each.seats for each in histogram.bins) == 6
    assert [(each.section, each.row) for each in heat.cells] == [("102", "B"), ("Floor", "3")]
    assert heat.is_cut is False


async def test_seats_go_on_by_cursors(kept: Site) -> None:
    """In any order, of either state; a cursor of another order is refused."""
    first = (await ask(kept, "GET", f"{ROOT}/seats?limit=4")).body
    second = (await ask(kept, "GET", f"{ROOT}/seats?limit=4&after={first['next']}")).body
    gone = (await ask(kept, "GET", f"{ROOT}/seats?state=gone")).body
    page = decoded(first, SeatList)
    newest = (await ask(kept, "GET", f"{ROOT}/seats?limit=1&sort=newest")).body["next"]
    other = await ask(kept, "GET", f"{ROOT}/seats?after={newest}")

    assert [each.seat for each in page.seats] == ["1", "6", "5", "2"]
    assert page.seats[0].on_sale_s == 2 * 86_400
    assert page.seats[2].listing_url is None  # javascript:
    assert [each["seat"] for each in second["seats"]] == ["9", "7-8"]
    assert second["next"] is None
    assert [each["seat"] for each in gone["seats"]] == ["3", "4"]
    assert (other.status, gone["state"]) == (400, "gone")


async def test_the_chart_is_as_it_was_agreed(kept: Site, rows: MarketRows) -> None:
    """Lists of one length; a line for each source, where that is asked for."""
    for source in ("seatgeek", "mock-simulated"):
        series = rows.series("source", source)
        rows.span(series, 1_440, NOW.replace(hour=0, minute=0, second=0))
        rows.span(series, 60, NOW - timedelta(hours=2))
        rows.span(series, 60, NOW - timedelta(hours=1), median=None)
    body = (await ask(kept, "GET", f"{ROOT}/prices?range=week&by=source")).body
    chart = decoded(body, PriceChart)
    wrong = await ask(kept, "GET", f"{ROOT}/prices?range=year")
    empty = (await ask(kept, "GET", f"{ROOT}/prices?range=hour")).body

    assert (chart.range, chart.by, chart.span_s, chart.currency) == ("week", "source", 3_600, "USD")
    assert [line.name for line in chart.series] == ["mock-simulated", "seatgeek"]
    assert body["series"][0]["lowest"] == [100, 100]
    assert body["series"][0]["median"] == [140.5, None]
    assert (wrong.status, [*wrong.problems]) == (400, ["range"])
    assert (empty["span_s"], empty["series"]) == (60, [])


async def test_the_chart_as_a_file(kept: Site, rows: MarketRows) -> None:
    """A line for each point; a section that is called like a formula is a text."""
    series = rows.series("section", FORMULA)
    rows.span(series, 1_440, NOW.replace(hour=0, minute=0, second=0))
    rows.span(series, 60, NOW.replace(minute=0, second=0), median=None)
    file = await download(kept, f"{ROOT}/prices.csv?range=day&by=section")

    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.lines == [
        {
            "at": "2026-03-01T14:00:00+00:00",
            "name": f"'{FORMULA}",
            "currency": "USD",
            "lowest": "100.00",
            "lower_quartile": "110.00",
            "median": "",
            "upper_quartile": "200.00",
            "drops": "2",
        }
    ]


async def test_seats_as_files(
    kept: Site, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them in order, in parts; formulas are texts, numbers numbers, names harmless."""
    rows.seat("@1", "70.00", section=FORMULA, row="-1", source="seatgeek")
    file = await download(kept, f"{ROOT}/seats.csv")
    monkeypatch.setattr(event_seats, "_AT_ONCE", 1)
    as_json = await download(kept, f"{ROOT}/seats.json?section=Floor")
    nothing = await download(kept, f"{ROOT}/seats.json?section=None")

    assert file.headers["Content-Disposition"] == (
        'attachment; filename="evt-1-seats-on_sale-20260301T140322Z.csv"'
    )
    assert file.headers["X-Truncated"] == "false"
    assert [line["price"] for line in file.lines][:3] == ["70.00", "80.00", "85.00"]
    first = file.lines[0]
    assert (first["section"], first["row"], first["seat"]) == (f"'{FORMULA}", "'-1", "'@1")
    assert (first["change"], first["change_percent"]) == ("-50.00", "-41.6667")
    assert file.lines[1]["listing_url"] == "https://example.com/offer/1"
    assert [each["seat"] for each in json.loads(as_json.text)] == ["9", "7-8"]
    assert '"price":100.00,' in as_json.text
    assert json.loads(nothing.text) == []


async def test_a_file_that_is_cut_says_so(kept: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is read in parts."""
    monkeypatch.setattr(event_seats, "MOST_SEATS", 5)
    monkeypatch.setattr(event_seats, "_AT_ONCE", 2)
    file = await download(kept, f"{ROOT}/seats.csv")

    assert len(file.lines) == 5
    assert file.headers["X-Truncated"] == "true"


async def test_a_file_that_cannot_be_read_on_is_broken_off(
    kept: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes what there is of it for the whole."""

    def break_off(connection: Connection, **_: Any) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return b""

    monkeypatch.setattr(event_seats, "_part", break_off)

    with pytest.raises(ClientPayloadError):
        await download(kept, f"{ROOT}/seats.csv")


@pytest.mark.parametrize(
    "what", ["", "/prices", "/prices.csv", "/seats", "/seats.csv", "/seats.json", "/together"]
)
async def test_an_unknown_event_is_not_found(site: Site, database_url: str, what: str) -> None:
    """404, with its id."""
    site.use_database(database_url)
    answer = await ask(site, "GET", f"events/no%2Fne{what}")

    assert (answer.status, answer.body["detail"]) == (404, "There is no event 'no/ne'.")


@pytest.mark.parametrize(
    "query", ["after=AAAA", "at_least=x", "sort=", "state=all", "currency=u$d", "limit=0", "a=%00"]
)
async def test_nonsense_is_refused(kept: Site, query: str) -> None:
    """400, but for an empty field of a form."""
    answer = await ask(kept, "GET", f"{ROOT}/seats?{query}")

    assert answer.status == (200 if query == "sort=" else 400)


async def test_cursors_that_hold_nonsense_are_refused(kept: Site) -> None:
    """Whatever would be an amount, a moment or a text that Postgres does not know."""
    for sort, value in (
        *(("price", each) for each in ("NaN", "1e999999999", "-Infinity", "x", 3)),
        *(("newest", each) for each in ("2026-03-01T00:00:00", "yesterday", 5)),
        *(("section", each) for each in ("a\0b", 7, None)),
    ):
        cursor = cursor_of((value, b"key"))
        answer = await ask(kept, "GET", f"{ROOT}/seats?sort={sort}&after={cursor}")
        assert answer.status in (200, 400), (sort, value)
        assert answer.status == 400 or value == 3
