"""Whether Kafka lets this worker in, asked again and again: what readiness tells."""

import logging
from typing import Any

from mode import Service

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.knock import knock
from conscope_app.kafka.shut_door import Trouble

logger = logging.getLogger(__name__)

EVERY_S = 5.0
EVERY_S_IN_TROUBLE = 1.0


class Door(Service):
    """Knocks at Kafka with a connection of its own, since aiokafka keeps to itself what fails.

    A consumer whose password was changed under it fetches nothing for ever, and raises no error.
    """

    abstract = False

    def __init__(self, brokers: Brokers, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._brokers = brokers
        self._trouble: Trouble | None = None

    @property
    def trouble(self) -> str | None:
        """Why Kafka cannot be reached, as the last knock told; None where it can."""
        return None if self._trouble is None else f"Kafka cannot be reached: {self._trouble.why}"

    async def look(self) -> Trouble | None:
        """Knock now. What has changed since the last time is logged."""
        before, self._trouble = self._trouble, await knock(self._brokers)
        if self._trouble != before:
            if self.trouble:
                logger.warning("%s", self.trouble)
            else:
                logger.warning("Kafka at %s can be reached again", self._brokers.where)
        return self._trouble

    @Service.task
    async def _knock_again_and_again(self) -> None:
        while not self.should_stop:
            await self.sleep(EVERY_S if self._trouble is None else EVERY_S_IN_TROUBLE)
            await self.look()
