"""What an event cost at each of its sources over time, as its chart and its API read it."""

from datetime import datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.domains.tickets.processed_market import ChangeKind
from conscope_app.store.tickets import market_reading
from conscope_app.store.tickets.market_chart import MarketChartAsked, read_market_chart
from conscope_app.store.tickets.market_reading import Within
from web.event_markets import change_shown, members_with
from web.event_markets_schema import MarketPrices

# What people look for beside a price: whether one could buy, and whether it takes place as planned.
# That a source named no price any more is to be seen as a gap.
MARKED = (
    ChangeKind.ON_SALE,
    ChangeKind.OFF_SALE,
    ChangeKind.PRESALE_BEGAN,
    ChangeKind.FEW_LEFT,
    ChangeKind.SOLD_OUT,
    ChangeKind.BACK_ON_SALE,
    ChangeKind.RESCHEDULED,
    ChangeKind.POSTPONED,
    ChangeKind.CANCELLED,
    ChangeKind.BACK_ON,
)
MOST_MARKS = 40  # more of them would hide the lines


def read_prices(
    cursor: Cursor, event_id: str, asked: MarketChartAsked, now: datetime
) -> MarketPrices:
    """The chart of an event and of those that are one with it."""
    members = members_with(cursor, event_id)
    newest = [each.snapshot for each in market_reading.read_now(cursor, members)]
    chart = read_market_chart(cursor, members, newest, asked, now)
    within = Within(chart.since, now, [kind.value for kind in MARKED])
    changes = market_reading.read_changes(cursor, members, MOST_MARKS, within=within)
    return MarketPrices(
        as_of=now,
        event_id=event_id,
        members=members,
        range=asked.range,
        span_s=chart.span_s,
        currency=chart.currency,
        currencies=chart.currencies,
        series=chart.lines,
        left_out=chart.left_out,
        changes=[change_shown(each) for each in changes],
    )
