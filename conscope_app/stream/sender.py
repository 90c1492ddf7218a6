"""Records that no transaction holds: sent at least once, acknowledged by every copy in sync."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.outcome import Written
from conscope_app.stream.sending import LateProducer


class NotSent(Exception):
    """Whether the records stand in Kafka is unknown: send them again."""


class Sender:
    """Sends with a producer of its own, which is opened when it is first used."""

    def __init__(self, brokers: Brokers) -> None:
        self._producer = LateProducer(brokers)

    async def send(self, topic: str, partition: int, records: Sequence[Written]) -> None:
        """Returns when all of them stand in the partition, in this order. Raises `NotSent`.

        A record that is too large for Kafka raises what aiokafka does: trying again is no use.
        """
        try:
            await self._send(await self._producer.started(), topic, partition, records)
        except MessageSizeTooLargeError:
            raise
        except (KafkaError, OSError) as error:
            await self.close()
            raise NotSent(f"{topic}-{partition}: {error!r}") from error

    async def close(self) -> None:
        """Let go of the producer."""
        await self._producer.close()

    @staticmethod
    async def _send(
        producer: AIOKafkaProducer, topic: str, partition: int, records: Sequence[Written]
    ) -> None:
        sent: list[asyncio.Future[RecordMetadata]] = []
        try:
            for key, value, headers in records:
                sent.append(
                    await producer.send(
                        topic, key=key, value=value, headers=list(headers), partition=partition
                    )
                )
        finally:
            # Where one fails, each of the others has to be heard, or asyncio complains.
            answers = await asyncio.gather(*sent, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
