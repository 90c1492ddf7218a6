"""Roll-ups made anew from the history, after it was changed behind their position."""

from conscope_app.store.engine import Connection
from conscope_app.store.market.fresh import wait_turn
from conscope_app.store.market.snapshot_lines import news_of
from conscope_app.store.tickets.market_days import days_of

# At once, where deleting millions of spans would take minutes. Readers wait for the moment that it
# takes, and who began to read before it may see nothing.
_EMPTY = """
TRUNCATE market_positions, seats, event_sources, event_markets, event_news, price_series,
    price_spans
"""


# They follow from no history of prices. The sink keeps the days itself, in its own transactions:
# what an older version has written since they were made is added, and nobody waits for it.
_SNAPSHOTS = news_of("market_now")
_DAYS = days_of("market_history")


def empty(connection: Connection) -> None:
    """Empty the roll-ups and their positions, together: workers make them anew from the history."""
    with connection.cursor() as cursor:
        wait_turn(cursor)
        cursor.execute(_DAYS)
        cursor.execute(_EMPTY)
        cursor.execute(_SNAPSHOTS)
