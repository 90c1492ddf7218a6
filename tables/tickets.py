"""Topics and tables of ticket prices, as Faust knows them."""

from conscope_app import app
from conscope_app.topics.tickets import PRICE_ALERTS, PROCESSED_PRICES, RAW_PRICES

raw_prices = app.topic(RAW_PRICES.name, key_type=bytes, value_type=bytes)
processed_prices = app.topic(PROCESSED_PRICES.name, key_type=bytes, value_type=bytes)
price_alerts = app.topic(PRICE_ALERTS.name, key_type=bytes, value_type=bytes)

last_seen_prices = app.Table(
    "last_seen_prices",
    key_type=bytes,
    value_type=bytes,
    partitions=app.settings.partitions,
    help="The newest price of each seat: price, currency, and when it was seen.",
)
