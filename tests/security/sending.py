"""Records as a foreign producer sends them."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from tests.broker.pipeline import Pipeline

Foreign = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]


def send(pipeline: Pipeline, records: Sequence[Foreign]) -> None:
    """Publish to `raw_prices`: any key, any bytes, any headers."""

    async def publish() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=pipeline.kafka_url.removeprefix("kafka://")
        ) as producer:
            for key, value, headers in records:
                await producer.send_and_wait(
                    "raw_prices", key=key, value=value, headers=list(headers), partition=0
                )

    asyncio.run(publish())
