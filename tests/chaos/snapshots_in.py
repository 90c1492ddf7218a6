"""The steady stream into market_snapshots, begun again where a broker was away for too long."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from random import Random

from conscope_app.core.clock import utc_now
from conscope_app.kafka.brokers import Brokers
from conscope_app.sources.publisher import Publisher, PublishError
from conscope_app.topics.tickets import MARKET_SNAPSHOTS
from tests.chaos.simulated_events import SimulatedEvents

_PAUSE_S = 0.1
_RETRY_S = 0.5
_GIVE_UP_S = 10.0


class SnapshotsIn:
    """Publishes so many looks a second from a thread of its own, until `stop`.

    What was handed to a publisher that failed may be in the log or not: the log is what counts.
    """

    def __init__(self, brokers: Sequence[str], *, rate: int, dice: Random) -> None:
        self._brokers = Brokers.plain(*brokers)
        self._looks = max(1, round(rate * _PAUSE_S))
        self._events = SimulatedEvents(dice, utc_now())
        self.trouble: str | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots in", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it; everything that was acknowledged is in the log. It may be said twice."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._publish_until_over())
        except Exception as error:  # noqa: BLE001 the row says it: a thread has nobody to tell
            self.trouble = f"snapshots could not be sent: {type(error).__name__}: {error}"

    async def _publish_until_over(self) -> None:
        while not self._over.is_set():
            with suppress(PublishError):  # the broker is away: the next publisher goes on
                await self._publish()
            if not self._over.is_set():
                await asyncio.sleep(_RETRY_S)

    async def _publish(self) -> None:
        topic = MARKET_SNAPSHOTS.name
        async with Publisher(self._brokers, topic, request_timeout_s=_GIVE_UP_S) as publisher:
            while not self._over.is_set():
                now = utc_now()
                await publisher.publish([self._events.look(now) for _ in range(self._looks)])
                await asyncio.sleep(_PAUSE_S)
