"""A history of a given size, made by Postgres itself: the same one each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conscope_app.store.engine import Connection
from conscope_app.store.partitions import MonthlyPartitions

SECTIONS = 20  # of each event, with as many seats each
SOURCES = ("seatgeek", "ticketmaster", "stubhub", "vivid")
SPREAD = timedelta(days=30)

_AT_ONCE = 1_000_000

_EVENTS = """
INSERT INTO events
SELECT 'evt-' || n, 'The Concert of Night ' || n, 'Hall ' || n %% 97,
    to_char(%(until)s::timestamptz + n %% 200 * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    %(until)s::timestamptz - %(spread)s, %(until)s
FROM generate_series(0, %(events)s - 1) AS n
"""

# Each seat is seen once a round, in an order of its own (the step is prime to the seats of a raw
# partition); rounds follow each other ever faster, so that the newest one, of which all seats are
# on sale, takes less than half an hour. A price is its seat's and the round's.
_HISTORY = """
INSERT INTO price_history (raw_partition, raw_offset, observed_at, recorded_at, event_id, source,
    section, "row", seat, price, total_price, currency, kind, old_price, change, change_percent,
    listing_url, quantity)
SELECT partition, place, at, at, 'evt-' || seat / %(seats_an_event)s,
    (%(sources)s::text[])[seat %% 4 + 1], (100 + seat %% %(seats_an_event)s %% %(sections)s)::text,
    chr(65 + (seat / %(sections)s %% 5)::int), (seat %% %(seats_an_event)s)::text,
    price, round(price * 1.15, 2), 'USD',
    CASE WHEN round = 0 THEN 'new' WHEN price < old THEN 'drop' WHEN price > old THEN 'rise'
        ELSE 'same' END,
    CASE WHEN round > 0 THEN old END, CASE WHEN round > 0 THEN price - old END,
    CASE WHEN round > 0 THEN round((price - old) / old * 100, 4) END,
    'https://tickets.example/listing/' || seat, 2
FROM (
    SELECT *, base + abs(hashint8(seat * 4096 + round) %% 400)::numeric / 100 AS price,
        base + abs(hashint8(seat * 4096 + round - 1) %% 400)::numeric / 100 AS old
    FROM (
        SELECT *, 20 + abs(hashint8(seat) %% 8000)::numeric / 100 AS base,
            %(until)s::timestamptz - %(spread)s * (1 - n::float8 / %(rows)s) ^ 2 AS at
        FROM (
            SELECT n, n %% 8 AS partition, n / 8 AS place, n / %(seats)s AS round,
                8 * (n / 8 * 7919 %% (%(seats)s / 8)) + n %% 8 AS seat
            FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
        ) AS numbered
    ) AS placed
) AS priced
"""


@dataclass(frozen=True, kw_only=True)
class MarketHistory:
    """How much there is: rows of eight raw partitions, over events with their seats."""

    rows: int
    events: int
    seats: int  # of all events together: a multiple of both

    def fill(self, connection: Connection, until: datetime) -> None:
        """Write it into empty tables, a million rows a transaction; it ends at a moment."""
        months = (until - SPREAD + timedelta(days=day) for day in range(SPREAD.days + 1))
        MonthlyPartitions("price_history").ensure(connection, months)
        values = {
            "events": self.events,
            "rows": self.rows,
            "seats": self.seats,
            "seats_an_event": self.seats // self.events,
            "sections": SECTIONS,
            "sources": list(SOURCES),
            "spread": SPREAD,
            "until": until,
        }
        with connection.cursor() as cursor:
            cursor.execute(_EVENTS, values)
            for begin in range(0, self.rows, _AT_ONCE):
                end = min(begin + _AT_ONCE, self.rows)
                cursor.execute(_HISTORY, {**values, "from": begin, "to": end})
                connection.commit()
