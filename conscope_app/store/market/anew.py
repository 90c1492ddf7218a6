"""Roll-ups made anew from the history, after it was changed behind their position."""

from conscope_app.store.engine import Connection
from conscope_app.store.market.fresh import wait_turn
from conscope_app.store.market.snapshot_lines import news_of

# At once, where deleting millions of spans would take minutes. Readers wait for the moment that it
# takes, and who began to read before it may see nothing.
_EMPTY = """
TRUNCATE market_positions, seats, event_sources, event_markets, event_news, price_series,
    price_spans
"""


# They follow from no history of prices.
_SNAPSHOTS = news_of("market_now")


def empty(connection: Connection) -> None:
    """Empty the roll-ups and their positions, together: workers make them anew from the history."""
    with connection.cursor() as cursor:
        wait_turn(cursor)
        cursor.execute(_EMPTY)
        cursor.execute(_SNAPSHOTS)
