"""`/api/v1/events/{event_id}/prices`: the price chart, as JSON and as CSV."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

from faust.web import Request, Response, View

from conscope_app import app
from conscope_app.store.market.event_chart import By, Range, read_chart
from web.api.event import EVENT, PATH, EventQuery, read
from web.csv_cells import Cell, csv_lines
from web.downloads import file_name, send_file
from web.event_query import chart_asked
from web.event_reading import Asked
from web.event_schema import PriceChart
from web.openapi.declaration import described
from web.schema import encode

_COLUMNS = (
    "at",
    "name",
    "currency",
    "lowest",
    "lower_quartile",
    "median",
    "upper_quartile",
    "drops",
)


class ChartQuery(EventQuery, frozen=True):
    """Which chart."""

    range: Range = "day"
    by: By = "event"


@app.page(f"/api/v1/events/{EVENT}/prices", name="api_event_prices")
class EventPrices(View):
    """Of a `range` (hour, day, week, month, all), one line or `by` source or section."""

    @described(
        tag="events",
        summary="What the seats of an event cost over time: one line, or by source or section.",
        path=PATH,
        query=ChartQuery,
        reads_query_itself=True,
        answer=PriceChart,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The lines."""
        chart = await read(request, event_id, _Chart(request))
        return self.bytes(encode(chart), content_type="application/json")


@app.page(f"/api/v1/events/{EVENT}/prices.csv", name="api_event_prices_csv")
class EventPricesCsv(View):
    """The same as a file: a line for each point."""

    @described(
        tag="events",
        summary="The same as a file: a line for each point.",
        path=PATH,
        query=ChartQuery,
        reads_query_itself=True,
        answer=str,
        media=("text/csv",),
        is_stream=True,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """All points."""
        chart = await read(request, event_id, _Chart(request))
        name = file_name(event_id, f"prices-{chart.range}-by-{chart.by}", chart.as_of, "csv")
        is_cut = chart.left_out > 0
        return await send_file(
            request, name, "text/csv; charset=utf-8", _parts(chart), is_cut=is_cut
        )


class _Chart:
    """Reads the chart that a request asks for."""

    def __init__(self, request: Request) -> None:
        self._query = request.query

    def __call__(self, asked: Asked) -> PriceChart:
        wanted = chart_asked(self._query, asked.market.currency)
        chart = read_chart(asked.cursor, asked.facts, wanted, asked.now)
        return PriceChart(
            as_of=asked.now,
            event_id=asked.facts.event_id,
            currency=wanted.currency,
            by=wanted.by,
            range=wanted.range,
            span_s=chart.span_s,
            series=chart.lines,
            left_out=chart.left_out,
        )


async def _parts(chart: PriceChart) -> AsyncIterator[bytes]:
    yield csv_lines([_COLUMNS]).encode()
    for number in range(len(chart.series)):
        yield csv_lines(_points(chart, number)).encode()


def _points(chart: PriceChart, number: int) -> Iterator[list[Cell]]:
    line = chart.series[number]
    columns = (line.at, line.lowest, line.lower_quartile, line.median, line.upper_quartile)
    for at, lowest, lower, median, upper, drops in zip(*columns, line.drops, strict=True):
        moment = datetime.fromtimestamp(at, UTC)
        yield [moment, line.name, chart.currency, lowest, lower, median, upper, drops]
