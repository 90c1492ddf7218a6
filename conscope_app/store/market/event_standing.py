"""How an event stands now: all that its page says of its seats, of which there may be 50,000.

They are read once. What the page shows of single seats it reads by the keys that are found here.
"""

from typing import NamedTuple

from psycopg2 import extensions

from conscope_app.store.market.event_prices import FIGURES, Cell, Summary, summary_of
from conscope_app.store.market.event_seats import OF_EVENT
from conscope_app.store.market.on_sale import ON_SALE

# Materialised, or each of the parts would go to the table for itself. What they have in common is
# narrow, and stays in memory: of 50,000 seats it is 5 MB, with which Postgres would go to the disk.
_IN_MEMORY = "SET LOCAL work_mem = '16MB'"
_STANDING = f"""
WITH s AS MATERIALIZED (
    SELECT s.key, s.section, s."row", s.price, s.first_price, s.last_seen_at, {ON_SALE} AS on_sale
    {OF_EVENT}
), cells AS (
    SELECT section, "row", min(price) AS lowest, count(*) AS seats FROM s WHERE on_sale
    GROUP BY section, "row" ORDER BY lowest, section, "row" LIMIT %(cells)s
)
SELECT figures.*,
    ARRAY(SELECT section FROM cells ORDER BY lowest, section, "row"),
    ARRAY(SELECT "row" FROM cells ORDER BY lowest, section, "row"),
    ARRAY(SELECT lowest FROM cells ORDER BY lowest, section, "row"),
    ARRAY(SELECT seats FROM cells ORDER BY lowest, section, "row"),
    ARRAY(SELECT key FROM s WHERE on_sale ORDER BY price, key LIMIT %(cheapest)s),
    ARRAY(SELECT key FROM s WHERE NOT on_sale ORDER BY last_seen_at DESC, key DESC LIMIT %(gone)s)
FROM (SELECT {FIGURES} FROM s WHERE on_sale) AS figures
"""  # noqa: S608 the names are written out


class Wanted(NamedTuple):
    """How much of each list."""

    cells: int
    cheapest: int
    gone: int


class Standing(NamedTuple):
    """The figures and the cells of what is on sale, and keys of seats.

    `cheapest` are on sale, in the order of their price; `gone` are not, the last one gone first.
    """

    summary: Summary
    cells: list[Cell]
    cheapest: list[bytes]
    gone: list[bytes]


def read_standing(
    cursor: extensions.cursor, event_id: str, currency: str, wanted: Wanted
) -> Standing:
    """All of it, of one event in one currency."""
    values = {"event_id": event_id, "currency": currency, **wanted._asdict()}
    cursor.execute(_IN_MEMORY)
    cursor.execute(_STANDING, values)
    ((*figures, sections, rows, lowest, seats, cheapest, gone),) = cursor.fetchall()
    return Standing(
        summary_of(*figures),
        [Cell(*cell) for cell in zip(sections, rows, lowest, seats, strict=True)],
        [bytes(key) for key in cheapest],
        [bytes(key) for key in gone],
    )
