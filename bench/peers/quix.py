"""Quix Streams: a stateful `apply`, as its documentation has it.

Documents are dictionaries and amounts floats, as its JSON deserializer gives them. The chain does
not branch, since a branch copies each value. Commit interval, consumer, producer and RocksDB have
their defaults.
"""

from datetime import UTC, datetime
from typing import Any

from quixstreams import Application, State, message_context

from bench.peers.movement import movement
from bench.peers.options import Options, read_options

_LAST_PRICE = "price"

Price = dict[str, Any]


def application(options: Options) -> Application:
    """The application with its one chain."""
    app = Application(
        broker_address=options.bootstrap,
        consumer_group=options.group,
        auto_offset_reset="earliest",
        state_dir=options.state,
        processing_guarantee=options.guarantee,
        loglevel="WARNING",
    )
    processed = app.topic(options.processed, value_serializer="json")
    alerts = app.topic(options.alerts, value_serializer="json")
    prices = app.dataframe(app.topic(options.input, value_deserializer="json"))
    prices = prices.apply(observe, stateful=True, metadata=True).to_topic(processed)
    prices = prices.filter(is_drop).apply(alert, metadata=True).to_topic(alerts)
    return app


def observe(price: Price, _key: bytes, _timestamp: int, _headers: object, state: State) -> Price:
    """The processed price; the state of the seat becomes the new price."""
    context = message_context()
    move = movement(price["price"], state.get(_LAST_PRICE))
    state.set(_LAST_PRICE, price["price"])
    price["id"] = f"{context.topic}-{context.partition}-{context.offset}"
    price["kind"] = move.kind
    price["old_price"] = move.old_price
    price["change"] = move.change
    price["change_percent"] = move.change_percent
    return price


def is_drop(price: Price) -> bool:
    """Whether someone is to be told."""
    return bool(price["kind"] == "drop")


def alert(price: Price, _key: bytes, timestamp: int, _headers: object) -> Price:
    """The alert of a processed price that is a drop."""
    del price["kind"]
    price["new_price"] = price["price"]
    price["drop_amount"] = -price.pop("change")
    price["drop_percent"] = -price.pop("change_percent")
    price["alert_timestamp"] = datetime.fromtimestamp(timestamp / 1000, UTC).isoformat()
    price["alert_type"] = "price_drop"
    return price


if __name__ == "__main__":
    application(read_options()).run()
