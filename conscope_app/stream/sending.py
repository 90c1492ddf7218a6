"""A producer for records that no transaction holds."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from conscope_app.kafka.brokers import Brokers


class LateProducer:
    """An idempotent producer, opened when it is first used, and anew after it was let go of.

    One that failed once may fail for ever after: whoever saw it fail closes it.
    """

    def __init__(self, brokers: Brokers, **options: Any) -> None:
        self._brokers = brokers
        self._options = options
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def started(self) -> AIOKafkaProducer:
        """The producer, which all that ask at once share. Raises what aiokafka does."""
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._brokers.client_options, enable_idempotence=True, **self._options
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def close(self) -> None:
        """Let go of the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
