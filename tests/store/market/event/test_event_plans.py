"""Every query of an event's page goes by an index, whatever the size of the tables."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.alerts.drops import newest_drops
from conscope_app.store.engine import Connection, Database
from conscope_app.store.market import (
    event_chart,
    event_facts,
    event_prices,
    event_seats,
)
from conscope_app.store.market.event_chart import ChartAsked
from conscope_app.store.market.event_seats import Position, SeatFilter
from conscope_app.store.market.event_standing import Wanted, read_standing
from conscope_app.store.tickets import market_reading
from conscope_app.store.tickets.market_chart import MarketChartAsked, read_market_chart
from conscope_app.store.tickets.market_reading import ChangePlace, HistoryPlace, Within
from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.store.watches.stored_prices import History
from tests.web.reports import NOW
from web.event_markets import read_sides

pytestmark = pytest.mark.postgres

MANY = """
    INSERT INTO seats (key, event_id, source, section, "row", seat, currency, price, first_price,
        first_seen_at, lowest, highest, drops, observations, last_seen_at)
    SELECT sha256(n::text::bytea), 'other-' || n % 40, 'seatgeek', '1', '2', n::text, 'USD', n, n,
        now(), n, n, 0, 1, now()
    FROM generate_series(1, 4000) AS n
"""


class Explained:
    """A cursor that explains what it is to execute, and executes it."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.plans: list[str] = []

    def execute(self, query: str, values: Any = None) -> None:
        """Explain, and run; a setting has no plan."""
        if query.startswith("SET"):
            self._cursor.execute(query, values)
            return
        self._cursor.execute("EXPLAIN " + query, values)
        self.plans.append("\n".join(line for (line,) in self._cursor.fetchall()))
        self._cursor.execute(query, values)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows."""
        return self._cursor.fetchall()


def read_all(cursor: Any) -> None:
    """Everything that the page and its API ask."""
    facts = event_facts.read_facts(cursor, EVENT)
    assert facts is not None
    event_facts.read_markets(cursor, EVENT)
    event_facts.read_sources(cursor, EVENT)
    event_facts.count_drops(cursor, EVENT, "USD", NOW)
    event_facts.read_days(cursor, EVENT, "USD", NOW, 8)
    event_prices.read_summary(cursor, EVENT, "USD")
    event_prices.count_between(cursor, EVENT, "USD", [Decimal(1)])
    event_prices.read_cells(cursor, EVENT, "USD", 10)
    standing = read_standing(cursor, EVENT, "USD", Wanted(cells=10, cheapest=10, gone=10))
    event_prices.read_places(cursor, standing.cheapest)
    newest_drops(cursor, EVENT, 10)
    wanted = SeatFilter(event_id=EVENT, currency="USD", after=Position("1", b"k"))
    event_seats.read_seats(cursor, wanted)
    event_seats.read_seats(cursor, SeatFilter(event_id=EVENT, currency="USD", sort="section"))
    event_seats.read_first(cursor, wanted, standing.gone)
    event_seats.read_by_keys(cursor, event_seats.read_keys(cursor, wanted))
    for asked in ("hour", "week"):
        chart = ChartAsked("USD", asked, "section")
        event_chart.read_chart(cursor, facts, chart, NOW + timedelta(hours=1))
    read_sides(cursor, EVENT, NOW)
    place = HistoryPlace(NOW, 0, 0)
    market_reading.read_history(cursor, EVENT, 10, source="seatgeek", after=place)
    market_reading.read_changes(cursor, [EVENT], 10, ChangePlace(NOW, ""))
    within = Within(NOW - timedelta(days=1), NOW, ["sold_out"])
    market_reading.read_changes(cursor, [EVENT], 10, within=within)
    read_market_chart(cursor, [EVENT], [], MarketChartAsked("month"), NOW)
    read_market_chart(cursor, [EVENT], [], MarketChartAsked("all"), NOW)


MANY_MARKETS = (
    """
    INSERT INTO market_now (event_id, source, raw_partition, raw_offset, observed_at, recorded_at,
        spoken, facts)
    SELECT 'other-' || n, 'seatgeek', 0, n, now(), now(), '{}', '{}'
    FROM generate_series(1, 4000) AS n
    """,
    """
    INSERT INTO market_history (event_id, source, kind, raw_partition, raw_offset, observed_at,
        recorded_at, spoken)
    SELECT 'other-' || n % 40, 'seatgeek', 'same', 1, n, '2026-03-01Z', now(), '{}'
    FROM generate_series(1, 4000) AS n
    """,
    """
    INSERT INTO market_days (event_id, source, currency, basis, start_at, spoke_at)
    SELECT 'other-' || n % 40, 'seatgeek', 'USD', 'listed', timestamptz '2026-03-01Z'
        - n / 40 * interval '1 day', '2026-03-01Z'
    FROM generate_series(1, 4000) AS n
    """,
    """
    INSERT INTO event_changes (id, event_id, source, kind, because, at)
    SELECT n::text, 'other-' || n % 40, 'seatgeek', 'on_sale', 'said', now()
    FROM generate_series(1, 4000) AS n
    """,
    """
    INSERT INTO event_match_members (event_id, group_id, joined_at)
    SELECT 'other-' || n, n / 2, now() FROM generate_series(1, 4000) AS n
    """,
)


async def test_no_query_reads_a_table_from_end_to_end(database: Database, rows: MarketRows) -> None:
    """Among thousands of seats, with a history."""
    a_hall(rows)
    rows.series("section", "102")
    rows.tables.run(MANY)
    await History(NOW).prices([1] * 50).store(database)
    for statement in MANY_MARKETS:
        rows.tables.run(statement)
    rows.snapshot("ticketmaster")
    rows.snapshot("ticketmaster", observed_at=NOW - timedelta(days=45))
    rows.change(1, "cancelled")
    for each in (
        "market_now",
        "market_history",
        "market_days",
        "event_changes",
        "event_match_members",
    ):
        rows.tables.run(f"ANALYZE {each}")
    for each in ("seats", "event_sources", "event_markets", "price_series", "price_spans"):
        rows.tables.run(f"ANALYZE {each}")

    def work(connection: Connection) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            explained = Explained(cursor)
            read_all(explained)
            return explained.plans

    plans = await database.run(work)

    assert len(plans) == 31
    assert [plan for plan in plans if "Seq Scan" in plan] == []
