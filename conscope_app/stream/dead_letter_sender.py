"""Sends dead letters from where no Kafka transaction is: the ledgers in Postgres."""

import asyncio
import logging

from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from conscope_app.core.record import Record
from conscope_app.core.refusal import Reason, Refused
from conscope_app.kafka.brokers import Brokers
from conscope_app.stream.dead_letters import MAX_DEAD_BYTES, dead_letter
from conscope_app.stream.sending import LateProducer

logger = logging.getLogger(__name__)

RETRY_S = 2.0


class DeadLetterSender:
    """Returns from `send` when the broker has the dead letter, however long that takes.

    At least once: a worker that dies before the position passes the record sends it again.
    """

    def __init__(self, brokers: Brokers, topic: str) -> None:
        self._topic = topic
        self._producer = LateProducer(brokers, max_request_size=MAX_DEAD_BYTES)
        self.trouble: str | None = None

    async def send(self, record: Record, error: Exception, *, connector: str) -> None:
        """Keep the record, its bytes as they came, with what is wrong with it."""
        reason = error.reason if isinstance(error, Refused) else Reason.REFUSED_BY_DATABASE
        message = error.message if isinstance(error, Refused) else str(error).strip()
        letter = dead_letter(record, reason, message, stage="TASK_PUT", connector=connector)
        while True:
            try:
                producer = await self._producer.started()
                await producer.send_and_wait(
                    self._topic,
                    key=letter.key,
                    value=letter.value,
                    headers=list(letter.headers),
                    partition=record.partition,
                )
            except MessageSizeTooLargeError:
                raise
            except (KafkaError, OSError) as problem:
                self.trouble = f"a dead letter waits for Kafka: {problem!r}"
                logger.warning("%s", self.trouble)
                await self.close()
                await asyncio.sleep(RETRY_S)
            else:
                self.trouble = None
                logger.error(
                    "%s-%d-%d is a dead letter (%s): %s",
                    record.topic,
                    record.partition,
                    record.offset,
                    reason,
                    message.partition("\n")[0],  # Postgres repeats the row in the lines below
                )
                return

    async def close(self) -> None:
        """Let go of the producer."""
        await self._producer.close()
