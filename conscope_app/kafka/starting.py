"""Starting aiokafka's clients, so that a failure says why."""

from typing import Protocol

from aiokafka.errors import KafkaConnectionError

from conscope_app.kafka.brokers import Brokers
from conscope_app.kafka.knock import knock
from conscope_app.kafka.shut_door import Trouble

_ANSWER_S = 5.0  # the client has already waited for its own


class Startable(Protocol):
    """A consumer, a producer or an admin client of aiokafka."""

    async def start(self) -> None:
        """Connect."""


class NotLetIn(KafkaConnectionError):  # type: ignore[misc]  # aiokafka ships no types
    """No server of Kafka can be worked with; the text says why, without a secret."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.why)
        self.trouble = trouble

    def __str__(self) -> str:
        return self.trouble.why


async def start_client(client: Startable, brokers: Brokers) -> None:
    """Start a client that was made with `brokers.client_options`; raises `NotLetIn` with reasons.

    Other errors come through as they are. Stopping a client that did not start is the caller's.
    """
    try:
        await client.start()
    except (KafkaConnectionError, OSError) as error:
        trouble = await knock(brokers, timeout_s=_ANSWER_S)
        if trouble is None:
            raise  # it answers again by now
        raise NotLetIn(trouble) from error
