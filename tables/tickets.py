"""Topics and tables of ticket prices, as Faust knows them."""

from typing import cast

from conscope_app import app
from conscope_app.domains.tickets.pricing import LAST_SEEN_FORMAT
from conscope_app.stream.table import DurableTable
from conscope_app.stream.topic import SlabTopic
from conscope_app.topics.tickets import PRICE_ALERTS, PROCESSED_PRICES, RAW_PRICES

# The application is built with these classes (`Topic=`, `Table=`); Faust's types name its own.


def _topic(name: str) -> SlabTopic:
    return cast("SlabTopic", app.topic(name, key_type=bytes, value_type=bytes))


raw_prices = _topic(RAW_PRICES.name)
processed_prices = _topic(PROCESSED_PRICES.name)
price_alerts = _topic(PRICE_ALERTS.name)

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
