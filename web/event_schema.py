"""What `/api/v1/events/{event_id}` says: the shapes that programs may rely on.

A field that is null is unknown, never zero. Amounts are exact decimals, times are UTC, `*_percent`
are percent, below zero where it became cheaper.
"""

from datetime import datetime
from decimal import Decimal

import msgspec

from conscope_app.store.market.chart_lines import Line
from conscope_app.store.market.event_chart import By, Range
from conscope_app.store.market.event_facts import Facts, Market, SourceSeen
from conscope_app.store.market.event_prices import Cell, Summary
from conscope_app.store.market.event_seats import SeatRow, State
from web.event_figures import Change, Trend
from web.histogram import Bin


class SourceShown(SourceSeen, frozen=True):
    """A source, how long ago it spoke of the event, and whether it says that it invents prices."""

    age_s: float
    simulated: bool


class PlaceShown(msgspec.Struct, frozen=True):
    """An offer of a lot; `listing_url` is there where it can be linked to."""

    source: str
    section: str
    row: str
    seat: str
    price: Decimal
    total_price: Decimal | None
    first_price: Decimal
    listing_url: str | None


class LotShown(msgspec.Struct, frozen=True):
    """So many seats beside each other: `price` is what the dearest of them costs.

    `total_price` is the same with fees, where that is known of each. `change` is that of all of
    them since they were first seen. `watch` is the address of a form for a watch of such seats.
    """

    seats: int
    price: Decimal
    total_price: Decimal | None
    change: Change | None
    places: list[PlaceShown]
    watch: str


class Cheapest(msgspec.Struct, frozen=True):
    """The cheapest seats together by number. `looked_at`: among so many, the cheapest of all."""

    as_of: datetime
    event_id: str
    currency: str
    looked_at: int
    lots: list[LotShown]


class EventFigures(msgspec.Struct, frozen=True):
    """An event's key figures in one currency, as of one moment."""

    as_of: datetime
    event: Facts
    days_to_event: int | None
    currency: str
    markets: list[Market]
    sources: list[SourceShown]
    prices: Summary
    lowest_day_ago: Decimal | None
    change: Change | None
    trend: Trend
    drops_in_a_day: int


class SeatShown(SeatRow, frozen=True):
    """A seat, and what has become of its first price."""

    change: Change | None
    on_sale_s: float


class SeatList(msgspec.Struct, frozen=True):
    """Some seats; `next` goes on behind them (`after=`), if not null."""

    as_of: datetime
    event_id: str
    currency: str
    state: State
    seats: list[SeatShown]
    next: str | None


class PriceChart(msgspec.Struct, frozen=True):
    """The chart: of each line the spans in which something was seen; `left_out` counts others."""

    as_of: datetime
    event_id: str
    currency: str
    by: By
    range: Range
    span_s: int
    series: list[Line]
    left_out: int


class Histogram(msgspec.Struct, frozen=True):
    """The seats on sale by price."""

    as_of: datetime
    event_id: str
    currency: str
    bins: list[Bin]


class HeatMap(msgspec.Struct, frozen=True):
    """The rows of sections with seats on sale, the cheapest first; `is_cut`: there are more."""

    as_of: datetime
    event_id: str
    currency: str
    cells: list[Cell]
    is_cut: bool
