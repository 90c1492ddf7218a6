"""Topics and tables of ticket prices, as Faust knows them."""

from typing import cast

from conscope_app import app
from conscope_app.domains.tickets.last_market import LAST_MARKET_FORMAT
from conscope_app.domains.tickets.pricing import LAST_SEEN_FORMAT
from conscope_app.stream.table import DurableTable
from conscope_app.stream.topic import SlabTopic
from conscope_app.topics.tickets import (
    MARKET_SNAPSHOTS,
    PRICE_ALERTS,
    PROCESSED_MARKETS,
    PROCESSED_PRICES,
    RAW_PRICES,
)

# An event is looked at every few minutes at most: a few thousand rows are worth being held.
_HOT_BYTES = 8 << 20

# The application is built with these classes (`Topic=`, `Table=`); Faust's types name its own.


def _topic(name: str) -> SlabTopic:
    return cast("SlabTopic", app.topic(name, key_type=bytes, value_type=bytes))


raw_prices = _topic(RAW_PRICES.name)
processed_prices = _topic(PROCESSED_PRICES.name)
price_alerts = _topic(PRICE_ALERTS.name)
market_snapshots = _topic(MARKET_SNAPSHOTS.name)
processed_markets = _topic(PROCESSED_MARKETS.name)

last_seen_prices = cast(
    "DurableTable",
    app.Table(
        "last_seen_prices",
        key_type=bytes,
        value_type=bytes,
        partitions=app.settings.partitions,
        row_format=LAST_SEEN_FORMAT,
        help="The newest price of each seat: price, currency, and when it was seen.",
    ),
)

last_markets = cast(
    "DurableTable",
    app.Table(
        "last_markets",
        key_type=bytes,
        value_type=bytes,
        partitions=app.settings.partitions,
        row_format=LAST_MARKET_FORMAT,
        hot_bytes=_HOT_BYTES,
        help="What is known of each event at each source, after the newest snapshot.",
    ),
)
