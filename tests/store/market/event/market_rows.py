"""Rows of the roll-ups, as they would have been folded; full defaults, override what matters."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any, TypeVar

import msgspec
from psycopg2 import extensions

from conscope_app.domains.tickets.market import EventFacts, Venue
from conscope_app.store.brief_reads import briefly
from conscope_app.store.engine import Connection, Database
from conscope_app.store.tickets.market_days import days_of
from tests.store.ledgers import Tables
from tests.web.reports import NOW

T = TypeVar("T")

EVENT = "evt-1"
TABLES = (
    *("seats", "event_sources", "event_markets", "price_spans", "price_series"),
    *("price_history", "price_drop_alerts", "events", "watches", "watch_episodes"),
    *("market_now", "market_history", "market_days", "event_changes", "event_match_members"),
)

# The keys as every writer makes them: of the fields, as a row's text.
_KEY = "sha256(convert_to(ROW({})::text, 'UTF8'))"

_MONTH = """
CREATE TABLE IF NOT EXISTS market_history_{} PARTITION OF market_history
FOR VALUES FROM (%s) TO (%s)
"""
FIGURES = ("lowest", "median", "average", "highest", "listing_count", "availability")
FACTS = EventFacts(
    name="Radiohead",
    venue=Venue(name="Madison Square Garden", time_zone="America/New_York"),
    starts_at=datetime(2026, 5, 15, 23, tzinfo=UTC),
    local_date="2026-05-15",
    local_time="19:00",
    status="on_sale",
    url="https://example.org/radiohead",
)


class MarketRows:
    """Writes an event's roll-ups; empty at first."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._offsets = count()
        for month, following in pairwise(("2026-01", "2026-02", "2026-03", "2026-04")):
            bounds = f"{month}-01T00:00Z", f"{following}-01T00:00Z"
            tables.run(_MONTH.format(month.replace("-", "_")), *bounds)
        self.clear()

    def clear(self) -> None:
        """Leave nothing behind."""
        for table in TABLES:
            self.tables.run(f"DELETE FROM {table}")

    def event(self, event_id: str = EVENT, **given: Any) -> None:
        """An event that takes place in 75 days, and that has been known for ten."""
        self._insert(
            "events",
            {
                "event_id": event_id,
                "event_name": "Radiohead",
                "venue": "Madison Square Garden",
                "event_date": "2026-05-15T19:00:00Z",
                "first_seen_at": NOW - timedelta(days=10),
                "last_updated": NOW,
            }
            | given,
        )

    def source(self, source: str = "seatgeek", event_id: str = EVENT, **given: Any) -> None:
        """A source that spoke of the event four seconds ago."""
        row = {"event_id": event_id, "source": source, "observations": 7}
        times = {"first_seen_at": NOW - timedelta(days=10), "last_seen_at": NOW}
        self._insert("event_sources", row | times | given, key=("event_id", "source"))

    def market(self, currency: str = "USD", event_id: str = EVENT, **given: Any) -> None:
        """The event in a currency, as the overview lists it."""
        self._insert(
            "event_markets",
            {
                "event_id": event_id,
                "currency": currency,
                "event_name": "Radiohead",
                "venue": "Madison Square Garden",
                "sources": ["seatgeek"],
                "seats_seen": 10,
                "seats_on_sale": 5,
                "lowest_day_ago": "125.00",
                "drops": 3,
                "first_seen_at": NOW - timedelta(days=10),
                "last_seen_at": NOW,
                "refreshed_at": NOW,
            }
            | given,
            key=("event_id", "currency"),
        )

    def seat(self, seat: str, price: object, event_id: str = EVENT, **given: Any) -> None:
        """A seat of row B in section 102 that has been on sale for two days, first for 120."""
        fields = {
            "event_id": event_id,
            "source": "seatgeek",
            "section": "102",
            "row": "B",
            "seat": seat,
            "currency": "USD",
            "price": price,
            "quantity": 1,
            "first_price": "120.00",
            "first_seen_at": NOW - timedelta(days=2),
            "lowest": price,
            "highest": "120.00",
            "drops": 1,
            "observations": 4,
            "last_seen_at": NOW,
        }
        key = ("event_id", "source", "section", "row", "seat")
        self._insert("seats", fields | given, key=key)

    def series(
        self, scope: str = "event", name: str = "", event_id: str = EVENT, currency: str = "USD"
    ) -> int:
        """A line of a chart, and its number."""
        row = {"event_id": event_id, "currency": currency, "scope": scope, "name": name}
        self._insert("price_series", row, key=("event_id", "currency", "scope", "name"))
        ((number,),) = self.tables.run("SELECT max(id) FROM price_series")
        return int(number)

    def span(self, series: int, minutes: int, start_at: object, **given: Any) -> None:
        """What was seen of it in a span: 100 at the lowest, two drops."""
        self._insert(
            "price_spans",
            {
                "series": series,
                "minutes": minutes,
                "start_at": start_at,
                "observations": 10,
                "drops": 2,
                "lowest": "100.00",
                "highest": "300.00",
                "total": "1500.00",
                "lower_quartile": "110.00",
                "median": "140.50",
                "upper_quartile": "200.00",
                "is_uncounted": False,
            }
            | given,
        )

    def snapshot(
        self, source: str, event_id: str = EVENT, facts: EventFacts = FACTS, **given: Any
    ) -> None:
        """What a source said a minute ago; it spoke of those of the figures that are given."""
        row = {
            "event_id": event_id,
            "source": source,
            "raw_partition": 0,
            "raw_offset": next(self._offsets),
            "observed_at": NOW - timedelta(minutes=1),
            "recorded_at": NOW - timedelta(minutes=1),
            "status": facts.status,
            "spoken": [name for name in given if name in FIGURES],
        } | given
        self._insert("market_history", row | {"kind": "same"})
        self.tables.run(days_of("market_history"))
        written = msgspec.json.encode(facts).decode()
        self.tables.run(
            "DELETE FROM market_now WHERE (event_id, source) = (%s, %s)", event_id, source
        )
        self._insert("market_now", row | {"facts": written})

    def change(self, number: int, kind: str, event_id: str = EVENT, **given: Any) -> None:
        """Something that changed, each number a minute later."""
        row = {"id": f"market_snapshots-0-{number}-0", "event_id": event_id, "kind": kind}
        at = {"source": "ticketmaster", "because": "said", "at": NOW + timedelta(minutes=number)}
        self._insert("event_changes", row | at | given)

    def insert(self, table: str, **row: Any) -> None:
        """A row of another table."""
        self._insert(table, row)

    def _insert(self, table: str, row: dict[str, Any], key: tuple[str, ...] = ()) -> None:
        columns = ", ".join(f'"{name}"' for name in row)
        values = ", ".join(["%s"] * len(row))
        if key:
            columns += ", key"
            values += ", " + _KEY.format(", ".join(["%s::text"] * len(key)))
        given = (*row.values(), *(row[name] for name in key))
        self.tables.run(f"INSERT INTO {table} ({columns}) VALUES ({values})", *given)


def a_hall(rows: MarketRows) -> None:
    """An event with two sources, neighbours, seats in two currencies, and some that are gone.

    The cheapest seat costs 80; two together cost 90 each, three 110, and no four are together.
    """
    rows.event()
    rows.source()
    rows.source("mock-simulated", last_seen_at=NOW - timedelta(minutes=5))
    rows.market()
    rows.market("EUR", seats_on_sale=1)
    rows.seat("1", "80.00", total_price="92.00", listing_url="https://example.com/offer/1")
    rows.seat("5", "90.00", total_price="99.00", listing_url="javascript:alert(1)")
    rows.seat("6", "85.00", first_price="85.00")
    rows.seat("7-8", "110.00", quantity=2, section="Floor", row="3")
    rows.seat("9", "100.00", section="Floor", row="3", source="seatgeek", first_price="90.00")
    rows.seat("1", "70.00", currency="EUR", section="Balcony")
    rows.seat("2", "95.00", source="mock-simulated", last_seen_at=NOW - timedelta(minutes=5))
    rows.seat("4", "60.00", last_seen_at=NOW - timedelta(minutes=30))
    rows.seat("3", "50.00", quantity=0)


async def reading(database: Database, read: Callable[[extensions.cursor], T]) -> T:
    """What is read in one transaction, as pages do."""

    def work(connection: Connection) -> T:
        with briefly(connection) as cursor:
            return read(cursor)

    return await database.run(work)
