"""Topics and the table of watches, as Faust knows them."""

from typing import cast

from conscope_app import app
from conscope_app.alerting.watches.rows import ROW_FORMAT
from conscope_app.stream.table import DurableTable
from conscope_app.stream.topic import SlabTopic
from conscope_app.topics.tickets import WATCH_DECISIONS, WATCHED_PRICES

# The application is built with these classes (`Topic=`, `Table=`); Faust's types name its own.


def _topic(name: str) -> SlabTopic:
    return cast("SlabTopic", app.topic(name, key_type=bytes, value_type=bytes))


watched_prices = _topic(WATCHED_PRICES.name)
watch_decisions = _topic(WATCH_DECISIONS.name)

watch_books = cast(
    "DurableTable",
    app.Table(
        "watch_books",
        key_type=bytes,
        value_type=bytes,
        partitions=app.settings.partitions,
        row_format=ROW_FORMAT,
        hot_bytes=0,  # books are held in memory as they are, and their rows read once
        help="What watches have seen of each event, what they have raised, and how they are made.",
    ),
)
