"""The prices at which an event's seats are on sale: what they add up to, and which are cheapest."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from psycopg2 import extensions

from conscope_app.domains.tickets.together import Place
from conscope_app.store.market.event_seats import ON_SALE_OF_EVENT

# Of the seats `s` that are on sale. A percentile is one of the prices (`disc`): the continuous one
# would be no exact decimal.
FIGURES = """
    count(*), count(*) FILTER (WHERE s.price < s.first_price),
    count(*) FILTER (WHERE s.price > s.first_price), min(s.price), max(s.price),
    sum(s.price), sum(s.first_price),
    percentile_disc(ARRAY[0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY s.price)
"""
_SUMMARY = f"SELECT {FIGURES} {ON_SALE_OF_EVENT}"

_COUNTS = f"""
SELECT width_bucket(s.price, %(edges)s::numeric[]), count(*)
{ON_SALE_OF_EVENT}
GROUP BY 1
"""

_CELLS = f"""
SELECT s.section, s."row", min(s.price) AS lowest, count(*)
{ON_SALE_OF_EVENT}
GROUP BY s.section, s."row"
ORDER BY lowest, s.section, s."row"
LIMIT %(limit)s
"""

_PLACES = """
SELECT encode(s.key, 'hex'), s.source, s.section, s."row", s.seat, s.quantity, s.price,
       s.total_price, s.first_price, s.first_seen_at, s.listing_url
FROM unnest(%(keys)s::bytea[]) WITH ORDINALITY AS wanted (key, place) JOIN seats s USING (key)
ORDER BY wanted.place
"""


class Summary(msgspec.Struct, frozen=True):
    """How many seats are on sale, and at which prices; null where there are none.

    `cheaper` and `dearer` are those that cost less, or more, than when they were first seen; all of
    them cost `total` together, and cost `first_total` then.
    """

    seats: int
    cheaper: int
    dearer: int
    lowest: Decimal | None
    highest: Decimal | None
    total: Decimal | None
    first_total: Decimal | None
    lower_quartile: Decimal | None
    median: Decimal | None
    upper_quartile: Decimal | None
    p95: Decimal | None


class Cell(msgspec.Struct, frozen=True):
    """A row of a section: its lowest price, and how many seats of it are on sale."""

    section: str
    row: str
    lowest: Decimal
    seats: int


def read_summary(cursor: extensions.cursor, event_id: str, currency: str) -> Summary:
    """What the prices on sale add up to."""
    cursor.execute(_SUMMARY, {"event_id": event_id, "currency": currency})
    (figures,) = cursor.fetchall()
    return summary_of(*figures)


def summary_of(*figures: Any) -> Summary:
    """What `FIGURES` have found: the percentiles come last, in an array."""
    *others, percentiles = figures
    return Summary(*others, *(percentiles or [None] * 4))


def count_between(
    cursor: extensions.cursor, event_id: str, currency: str, edges: Sequence[Decimal]
) -> list[int]:
    """How many prices lie from each edge to below the next, and from the last one upwards."""
    values = {"event_id": event_id, "currency": currency, "edges": list(edges)}
    cursor.execute(_COUNTS, values)
    counts = dict(cursor.fetchall())
    return [counts.get(number, 0) for number in range(1, len(edges) + 1)]


def read_cells(cursor: extensions.cursor, event_id: str, currency: str, limit: int) -> list[Cell]:
    """The rows of the sections that have seats on sale, the cheapest first."""
    cursor.execute(_CELLS, {"event_id": event_id, "currency": currency, "limit": limit})
    return [Cell(*row) for row in cursor.fetchall()]


def read_places(cursor: extensions.cursor, keys: Sequence[bytes]) -> list[Place]:
    """What these seats are offered for, in the order of the keys."""
    cursor.execute(_PLACES, {"keys": list(keys)})
    return [Place(*row) for row in cursor.fetchall()]
