"""Sending a file: every good row once, acknowledged; a stop in between is tidy."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest

from conscope_app.core.clock import utc_now
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.kafka.brokers import Brokers
from conscope_app.sources.base import Outgoing
from conscope_app.sources.files.importing import ROWS_A_CALL, in_file_order, send, sifted
from conscope_app.sources.files.plan import Choices, make_plan
from conscope_app.sources.files.refusals import Refusals
from conscope_app.sources.publisher import Publisher
from tests.sources.kafka_topics import a_topic, read_all
from tests.sources.stocks import expected_moves, stocks_path


def unwatched(_position: int, _size: int) -> None:
    """A progress bar that nobody looks at."""


class StoppingPublisher:
    """A twin that asks for a stop with the first batch that it is handed."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.taken: list[Outgoing] = []
        self.is_flushed = False
        self._stop = stop

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.taken.extend(records)
        self._stop.set()

    async def flush(self) -> None:
        self.is_flushed = True


async def test_stop_ends_after_the_batch_in_hand() -> None:
    """What was handed over is flushed and counted; the rest is not touched."""
    stop = asyncio.Event()
    publisher = StoppingPublisher(stop)
    records = (Outgoing(b"key", b"%d" % number) for number in range(10_000))
    sent = await send(records, publisher, stop)

    assert sent == len(publisher.taken) == ROWS_A_CALL
    assert publisher.is_flushed
    assert next(records).value == b"%d" % ROWS_A_CALL


@pytest.mark.broker
async def test_five_stocks_arrive_on_kafka(kafka_url: str) -> None:
    """All 560 prices of stocks.csv are on the topic, those of each symbol in file order."""
    brokers = Brokers.plain(kafka_url.removeprefix("kafka://"))
    plan = make_plan(stocks_path(), Choices(), unwatched)
    refusals = Refusals()
    async with a_topic(brokers, partitions=8) as topic:
        async with Publisher(brokers, topic) as publisher:
            records = in_file_order(sifted(plan.items(utc_now(), unwatched), refusals))
            sent = await send(records, publisher, asyncio.Event())
        found = await read_all(brokers, topic)

    arrived = [record for records in found.values() for record in records]
    expected = expected_moves(stocks_path())
    assert sent == len(arrived) == expected.rows
    assert refusals.total == 0
    for symbol, last_price in expected.last_price.items():
        key = seat_key(symbol, "stocks", "", "", "")
        prices = [_price(record) for record in arrived if record.key == key]
        drops = [pair for pair in pairwise(prices) if pair[1] < pair[0]]
        assert prices[-1] == last_price
        assert len(drops) == expected.drops_by_symbol[symbol]


class _Priced(msgspec.Struct):
    price: Decimal


def _price(record: Outgoing) -> Decimal:
    return msgspec.json.decode(record.value, type=_Priced).price
