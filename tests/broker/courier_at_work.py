"""The sink and the couriers of watches at a real Postgres, at the moments that they go by."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.telling import Turn
from conscope_app.core.clock import Clock
from conscope_app.notify.base import Receipt
from conscope_app.notify.channels import ChannelKind
from conscope_app.notify.watch_courier import WatchCourier
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.accepting import DecisionWriter
from conscope_app.store.watches.outbox import PostgresWatchOutbox
from conscope_app.store.watches.silences import put_silence
from tests.broker.recorded_hour import Change
from tests.notify.moved_clock import MovedClock
from tests.store.watches.telling import no_facts

_FOREVER = datetime.max.replace(tzinfo=UTC)

# So many that none has to wait for its place.
_PER_MINUTE = 10_000_000


class Message(NamedTuple):
    """What a channel was told: of each episode the price, and whether it is over."""

    at: datetime
    channel: str
    message: str
    kind: str
    severity: str
    tells: tuple[tuple[str, Decimal | None, bool], ...]


class Recorder:
    """A channel that takes everything, and notes when."""

    kind: ChannelKind = "webhook"
    can_edit = True
    send_s = 5.0
    fingerprint = "address-1"

    def __init__(self, name: str, clock: Clock, told: list[Message]) -> None:
        self.name = name
        self._clock = clock
        self._told = told

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        self._note(announcement)
        return Receipt(f"reference-{len(self._told)}")

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        self._note(announcement)
        return Receipt(reference)

    async def close(self) -> None:
        """Nothing is held."""

    def _note(self, announcement: Announcement) -> None:
        self._told.append(
            Message(
                self._clock(),
                self.name,
                announcement.message,
                announcement.kind,
                announcement.severity,
                tuple((line.episode, line.price, line.over) for line in announcement.lines),
            )
        )


class _NotedOutbox(PostgresWatchOutbox):
    """Notes when the next message of each channel is due, as every turn says it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, facts_of=no_facts, clock=clock)
        self.due: dict[str, datetime | None] = {}

    async def take(self, channel: str, **values: Any) -> Turn:
        turn = await super().take(channel, **values)
        self.due[channel] = turn.next_at
        return turn


class CouriersAtWork:
    """Takes decisions at the moments at which they were made, and tells what is due by then."""

    def __init__(self, database: Database, channels: Iterable[str]) -> None:
        self.told: list[Message] = []
        self._clock = MovedClock()
        self._database = database
        self._outbox = _NotedOutbox(database, self._clock)
        self._couriers = [
            WatchCourier(
                outbox=self._outbox,
                channel=Recorder(name, self._clock, self.told),
                messages_per_minute=_PER_MINUTE,
                jitter=lambda: 0.0,
                monotonic=self._clock.seconds,
            )
            for name in channels
        ]

    async def run(
        self,
        changes: Sequence[Change],
        decisions: Sequence[Decision],
        silence: Silence,
        *,
        recorded: set[datetime],
        until: datetime,
    ) -> None:
        """Go from moment to moment.

        Timers fire before what is due with them is told. What is due when a price was `recorded`
        is told before it.
        """
        await self._database.run(lambda connection: put_silence(connection, silence))
        changed, decided = deque(changes), deque(_by_moment(decisions))
        while True:
            change_at = changed[0].at if changed else _FOREVER
            decision_at = decided[0][0] if decided else _FOREVER
            due_at = min(filter(None, self._outbox.due.values()), default=_FOREVER)
            at = min(change_at, decision_at, due_at)
            if at > until:
                return
            self._clock.now = at
            if change_at == at:
                await self._database.run(changed.popleft().apply)
            elif decision_at < due_at or (decision_at == at and at not in recorded):
                await self._accept(decided.popleft()[1])
            await self._tell()

    async def _accept(self, decisions: Sequence[Decision]) -> None:
        def work(connection: Connection) -> None:
            with connection.cursor() as cursor:
                DecisionWriter().write(cursor, decisions)

        await self._database.run(work)

    async def _tell(self) -> None:
        for courier in self._couriers:
            due_at = self._outbox.due.get(courier.channel)
            if due_at is not None and due_at <= self._clock.now:
                self._outbox.due[courier.channel] = None
            await courier.deliver_due()
            assert courier.trouble is None


def _by_moment(decisions: Iterable[Decision]) -> list[tuple[datetime, list[Decision]]]:
    ordered = sorted(decisions, key=lambda each: each.at)
    return [(at, [*made]) for at, made in groupby(ordered, key=lambda each: each.at)]
