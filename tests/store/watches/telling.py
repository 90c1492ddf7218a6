"""Watches, decisions, couriers and a channel that takes everything, on a real Postgres."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.entries import Entry
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.telling import WatchOutbox
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch
from conscope_app.notify.base import NotifyError, Receipt
from conscope_app.notify.channels import Channel, ChannelKind
from conscope_app.notify.watch_courier import WatchCourier
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.accepting import DecisionWriter
from conscope_app.store.watches.acknowledging import acknowledge
from conscope_app.store.watches.definitions import delete, put
from conscope_app.store.watches.outbox import PostgresWatchOutbox
from conscope_app.store.watches.silences import put_silence
from tests.alerting.watches.stories import NOON, a_watch
from tests.notify.moved_clock import MovedClock

SECOND = timedelta(seconds=1)


class Said(NamedTuple):
    """Something that a channel took: under which reference, and whether it was an edit."""

    reference: str
    is_edit: bool
    announcement: Announcement

    @property
    def prices(self) -> list[tuple[str, str, bool]]:
        """Of each line the episode, the price, and whether it is over."""
        return [(line.episode, str(line.price), line.over) for line in self.announcement.lines]


class TakesAll:
    """A channel that takes what it is told, and fails first where a test has lined that up.

    A failure `after` taking it is an answer that was lost.
    """

    kind: ChannelKind = "webhook"
    send_s = 5.0

    def __init__(self, name: str = "default", *, can_edit: bool = True) -> None:
        self.name = name
        self.can_edit = can_edit
        self.fingerprint = "address-1"
        self.said: list[Said] = []
        self.fails: deque[NotifyError] = deque()
        self.fails_after: deque[BaseException] = deque()

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        return self._take(f"ref-{len(self.said) + 1}", announcement, is_edit=False)

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        return self._take(reference, announcement, is_edit=True)

    async def close(self) -> None:
        """Nothing is held."""

    def _take(self, reference: str, announcement: Announcement, *, is_edit: bool) -> Receipt:
        if self.fails:
            raise self.fails.popleft()
        self.said.append(Said(reference, is_edit, announcement))
        if self.fails_after:
            raise self.fails_after.popleft()
        return Receipt(reference)

    @property
    def told(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """What was said in order: its kind, and its lines."""
        return [(said.announcement.kind, said.prices) for said in self.said]


def no_facts(_connection: Connection, _entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """A domain that adds nothing."""
    return {}


class Stage:
    """Everything around the couriers; the time stands still until a test moves it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = MovedClock()
        self.clock.now = NOON
        self.outbox = PostgresWatchOutbox(database, facts_of=no_facts, clock=self.clock)
        self.place = 0

    async def watch(self, watch_id: str = "w", **parts: Any) -> Watch:
        """A watch is made or changed."""
        watch = a_watch(watch_id, **parts)
        done = await self.database.run(lambda connection: put(connection, watch))
        return done.watch

    async def forget_watch(self, watch_id: str = "w") -> None:
        """A watch is deleted."""
        await self.database.run(lambda connection: delete(connection, watch_id))

    async def silence(self, **fields: Any) -> None:
        """A silence begins."""
        silence = Silence(**{"id": "s", "ends_at": self.clock.now + timedelta(hours=1), **fields})
        await self.database.run(lambda connection: put_silence(connection, silence))

    async def acknowledge(self, episode: str) -> bool:
        """Somebody knows of it."""
        return await self.database.run(lambda connection: acknowledge(connection, episode))

    async def decide(self, *decisions: Decision) -> None:
        """The sink writes these, in one transaction."""

        def work(connection: Connection) -> None:
            with connection.cursor() as cursor:
                DecisionWriter().write(cursor, decisions)

        await self.database.run(work)

    def raised(self, episode: str = "e1", price: object = "90", **fields: Any) -> Decision:
        """An episode is raised now."""
        return self._decision(Verdict.RAISED, episode, price, **fields)

    def updated(self, episode: str = "e1", price: object = "80", **fields: Any) -> Decision:
        """Its price fell further."""
        return self._decision(Verdict.UPDATED, episode, price, **fields)

    def over(self, episode: str = "e1", price: object = "120", **fields: Any) -> Decision:
        """It is over."""
        return self._decision(Verdict.OVER, episode, price, items=(), **fields)

    def courier(
        self,
        channel: Channel,
        *,
        name: str = "one",
        outbox: WatchOutbox | None = None,
        per_minute: int = 6_000,
    ) -> WatchCourier:
        """A courier of that channel."""
        courier = WatchCourier(
            outbox=outbox or self.outbox,
            channel=channel,
            messages_per_minute=per_minute,
            jitter=lambda: 0.0,
            monotonic=self.clock.seconds,
        )
        courier.go_by(name)
        return courier

    async def turns(self, courier: WatchCourier, seconds: float = 0) -> None:
        """Turns of a courier while so much time passes, as fast as it asks for them."""
        end = self.clock.now + timedelta(seconds=seconds)
        while True:
            rest = await courier.deliver_due()
            now = self.clock.now + timedelta(seconds=rest.seconds)
            if now > end:
                self.clock.now = end
                return
            self.clock.now = now
            if not rest.seconds:
                return

    def _decision(self, verdict: Verdict, episode: str, price: object, **fields: Any) -> Decision:
        self.place += 1
        values: dict[str, Any] = {
            "verdict": verdict,
            "episode": episode,
            "watch_id": "w",
            "watch_version": 1,
            "subject": "evt",
            "items": ("A-1",),
            "labels": {"section": "Floor", "row": "A"},
            "price": None if price is None else Decimal(str(price)),
            "was": None,
            "currency": "USD",
            "basis": "all_in",
            "at": self.clock.now,
            "place": self.place,
            "reason": "90 is at most 100",
        }
        return Decision(**{**values, **fields})


def announced(channels: Iterable[TakesAll]) -> list[tuple[str, str]]:
    """Which episode was announced in which new message."""
    return [
        (line.episode, said.announcement.message)
        for channel in channels
        for said in channel.said
        if said.announcement.is_new
        for line in said.announcement.lines
    ]


def hours(count: float) -> datetime:
    """So many hours after the beginning."""
    return NOON + timedelta(hours=count)
