"""Faust as its documentation shows it: a model, an agent that takes one event after the other, a
table in RocksDB, and `send` to the outputs.

With the extensions that its documentation recommends for speed (orjson, which its codec takes by
itself, and uvloop); everything else has its default.
"""

import sys
from datetime import UTC, datetime
from typing import cast

import faust
import mode.loop
from faust.types import Message, StreamT

from bench.peers.movement import Movement, movement
from bench.peers.options import Options, read_options


class PriceEvent(faust.Record, include_metadata=False):
    """A raw price."""

    event_id: str
    event_name: str
    venue: str
    event_date: str | None
    source: str
    section: str
    row: str
    seat: str
    price: float
    fees: float | None
    total_price: float | None
    timestamp: str
    listing_id: str | None
    listing_url: str | None
    quantity: int | None
    delivery_method: str | None
    seller_notes: str | None
    currency: str


class ProcessedPrice(PriceEvent, include_metadata=False):
    """A raw price with its id and how it moved."""

    id: str
    kind: str
    old_price: float | None
    change: float | None
    change_percent: float | None


class PriceAlert(PriceEvent, include_metadata=False):
    """A drop; its amounts are positive."""

    id: str
    old_price: float
    new_price: float
    drop_amount: float
    drop_percent: float
    alert_timestamp: str
    alert_type: str = "price_drop"


def application(options: Options) -> faust.App:
    """The app with its one agent."""
    app = faust.App(
        options.group,
        broker=f"kafka://{options.bootstrap}",
        datadir=options.state,
        store="rocksdb://",
        topic_partitions=options.partitions,
        topic_replication_factor=1,
        web_enabled=False,  # several run side by side, and its port is fixed
    )
    raw_prices = app.topic(options.input, key_type=bytes, value_type=PriceEvent)
    processed_prices = app.topic(options.processed, key_type=bytes, value_type=ProcessedPrice)
    price_alerts = app.topic(options.alerts, key_type=bytes, value_type=PriceAlert)
    last_prices = app.Table(
        "last_prices",
        key_type=bytes,
        value_type=float,
        partitions=options.partitions,
        options={"driver": "rocksdict"},
    )

    @app.agent(raw_prices)
    async def detect(prices: StreamT[PriceEvent]) -> None:
        """Compare each price with the last one of its seat."""
        async for event in prices.events():
            price = cast("PriceEvent", event.value)
            move = movement(price.price, last_prices.get(event.key))
            processed = processed_price(price, move, event.message)
            await processed_prices.send(key=event.key, value=processed)
            if processed.kind == "drop":
                alert = price_alert(price, processed, event.message)
                await price_alerts.send(key=event.key, value=alert)
            last_prices[event.key] = price.price

    return app


def processed_price(price: PriceEvent, move: Movement, message: Message) -> ProcessedPrice:
    """The processed record of a raw one."""
    record_id = f"{message.topic}-{message.partition}-{message.offset}"
    return ProcessedPrice(**price.asdict(), **move._asdict(), id=record_id)


def price_alert(price: PriceEvent, processed: ProcessedPrice, message: Message) -> PriceAlert:
    """The alert of a drop."""
    assert processed.change is not None and processed.change_percent is not None, "a drop"
    return PriceAlert(
        **price.asdict(),
        id=processed.id,
        old_price=processed.old_price,
        new_price=price.price,
        drop_amount=-processed.change,
        drop_percent=-processed.change_percent,
        alert_timestamp=datetime.fromtimestamp(message.timestamp, UTC).isoformat(),
    )


if __name__ == "__main__":
    chosen = read_options()
    # `--loop uvloop` of Faust's own command line.
    mode.loop.use("uvloop")
    sys.exit(faust.Worker(application(chosen), loglevel="WARNING").execute_from_commandline())
