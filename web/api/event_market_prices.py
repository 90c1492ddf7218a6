"""`/api/v1/events/{event_id}/markets/prices`: what sources said it costs, as JSON and as CSV."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from faust.web import Request, Response, View
from msgspec import Meta

from conscope_app import app
from conscope_app.store.market.event_chart import Range
from conscope_app.store.tickets.market_chart import MarketChartAsked
from conscope_app.store.tickets.market_lines import MarketLine
from web.api.event import EVENT, PATH
from web.api.event_markets import read_of
from web.csv_cells import Cell, csv_lines
from web.downloads import file_name, send_file
from web.event_market_prices import read_prices
from web.event_markets_schema import MarketPrices
from web.event_query import currency_of
from web.openapi.declaration import described
from web.queries import query_of
from web.schema import encode

_COLUMNS = (
    "at",
    "event_id",
    "source",
    "currency",
    "basis",
    "lowest",
    "median",
    "average",
)


class MarketPricesQuery(msgspec.Struct, frozen=True):
    """Which chart."""

    range: Range = "month"
    currency: Annotated[
        str | None, Meta(description="A code, such as USD; else that of most lines.")
    ] = None


@app.page(f"/api/v1/events/{EVENT}/markets/prices", name="api_event_market_prices")
class PricesOfMarkets(View):
    """Of a `range` (hour, day, week, month, all), a line for each source and kind of price."""

    @described(
        tag="events",
        summary="What sources said an event costs over time, and what happened to it meanwhile.",
        path=PATH,
        query=MarketPricesQuery,
        answer=MarketPrices,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """The lines."""
        found = await _read(request, event_id)
        return self.bytes(encode(found), content_type="application/json")


@app.page(f"/api/v1/events/{EVENT}/markets/prices.csv", name="api_event_market_prices_csv")
class PricesOfMarketsCsv(View):
    """The same as a file: a line for each point."""

    @described(
        tag="events",
        summary="The same as a file: a line for each point, without a price where none is known.",
        path=PATH,
        query=MarketPricesQuery,
        answer=str,
        media=("text/csv",),
        is_stream=True,
    )
    async def get(self, request: Request, event_id: str) -> Response:
        """All points."""
        found = await _read(request, event_id)
        name = file_name(event_id, f"market-prices-{found.range}", found.as_of, "csv")
        is_cut = found.left_out > 0
        return await send_file(
            request, name, "text/csv; charset=utf-8", _parts(found), is_cut=is_cut
        )


async def _read(request: Request, event_id: str) -> MarketPrices:
    query = query_of(request, MarketPricesQuery)
    asked = MarketChartAsked(query.range, currency_of(request.query))
    now = app.services.clock()
    return await read_of(event_id, lambda cursor: read_prices(cursor, event_id, asked, now))


async def _parts(found: MarketPrices) -> AsyncIterator[bytes]:
    yield csv_lines([_COLUMNS]).encode()
    for line in found.series:
        yield csv_lines(_points(line)).encode()


def _points(line: MarketLine) -> Iterator[list[Cell]]:
    named = [line.event_id, line.source, line.currency, line.basis]
    for at, *figures in zip(line.at, line.lowest, line.median, line.average, strict=True):
        yield [datetime.fromtimestamp(at, UTC), *named, *figures]
