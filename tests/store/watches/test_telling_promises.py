"""Rows, of which only some are read each time, say the same as a queue that is held as a whole."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from conscope_app.alerting.watches.channel_queue import ChannelQueue
from conscope_app.alerting.watches.choosing import choose
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.telling import Told, Waiting
from conscope_app.alerting.watches.watch import Watch
from conscope_app.notify.base import Retryable
from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres

T = TypeVar("T")

QUIET = {"zone": "UTC", "quiet": {"begin": "22:00", "until": "07:00"}}
KINDS: dict[str, dict[str, Any]] = {
    "at once": {},
    "grouped": {"often": {"group": {"wait_s": 30, "alone_s": 2}}},
    "quiet": {"often": QUIET},
    "quiet, told": {"often": {**QUIET, "over_meanwhile": "tell"}},
    "digest": {"often": {"digest": {"every_minutes": 45}}},
    "one a day": {"often": {"at_most_a_day": 1, "zone": "UTC"}},
    "urgent": {"to": {"severity": "critical"}},
}
kinds = st.sampled_from(sorted(KINDS))
pauses = st.sampled_from([0, 1, 2, 31, 600, 3_600, 9 * 3_600])
TABLES = "watches, watch_silences, watch_episodes, watch_entries, watch_spoken, watch_messages"


class Rows(RuleBasedStateMachine):
    """Decisions, acknowledgements, silences and failures, in any order, at a real Postgres."""

    can_edit = True
    runner: asyncio.Runner
    database: Database
    tables: Tables

    def __init__(self) -> None:
        super().__init__()
        self.tables.run(f"TRUNCATE {TABLES}, delivery_targets")
        self.stage = Stage(self.database)
        self.channel = TakesAll(can_edit=self.can_edit)
        self.queue = ChannelQueue("default")
        self.messages: dict[str, Told] = {}
        self.watches: dict[str, Watch] = {}
        self.silences: list[Silence] = []
        self.decisions: list[Decision] = []
        self.prices: dict[str, int] = {}
        for kind, parts in KINDS.items():
            self.watches[kind] = self.run(self.stage.watch(kind, **parts))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(kind=kinds, subject=st.sampled_from(["evt", "evt", "other"]))
    def raise_one(self, kind: str, subject: str) -> None:
        episode = f"e{len(self.prices)}"
        self.prices[episode] = 90
        self._decide(self.stage.raised(episode, 90, watch_id=kind, subject=subject))

    @rule(kind=st.sampled_from(["grouped", "digest"]), count=st.integers(2, 12))
    def raise_some_and_tell(self, kind: str, count: int) -> None:
        """Messages of several episodes, which are edited and finished together."""
        for _ in range(count):
            self.raise_one(kind, "evt")
        self.wait(3_600)
        self.tell()

    @rule(chance=st.randoms(use_true_random=False), fall=st.integers(1, 5))
    def fall(self, chance: Random, fall: int) -> None:
        raised = self._one(chance)
        if raised is not None:
            self.prices[raised.episode] -= fall
            price = self.prices[raised.episode]
            fields = {"watch_id": raised.watch_id, "subject": raised.subject}
            self._decide(self.stage.updated(raised.episode, price, **fields))

    @rule(chance=st.randoms(use_true_random=False))
    def end(self, chance: Random) -> None:
        raised = self._one(chance)
        if raised is not None:
            fields = {"watch_id": raised.watch_id, "subject": raised.subject}
            self._decide(self.stage.over(raised.episode, **fields))

    @rule(back=st.integers(1, 10))
    def hear_again(self, back: int) -> None:
        self._decide(*self.decisions[-back:])

    @rule(chance=st.randoms(use_true_random=False))
    def acknowledge(self, chance: Random) -> None:
        raised = self._one(chance)
        if raised is not None:
            self.run(self.stage.acknowledge(raised.episode))
            self.queue.acknowledge(raised.episode)

    @rule(chance=st.randoms(use_true_random=False))
    def acknowledge_what_ends(self, chance: Random) -> None:
        raised = self._one(chance)
        if raised is not None:
            self.run(self.stage.acknowledge(raised.episode))
            self.queue.acknowledge(raised.episode)
            fields = {"watch_id": raised.watch_id, "subject": raised.subject}
            self._decide(self.stage.over(raised.episode, **fields))

    @rule(hours=st.sampled_from([1, 12]))
    def silence(self, hours: int) -> None:
        ends_at = self.stage.clock.now + timedelta(hours=hours)
        self.silences = [Silence(id="s", ends_at=ends_at, subjects=("other",))]
        self.run(self.stage.silence(ends_at=ends_at, subjects=("other",)))

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.stage.clock.move(timedelta(seconds=seconds))

    @rule()
    def tell(self) -> None:
        """All that is due: the courier by rows, and the queue by itself."""
        before = len(self.channel.said)
        self._turn()
        told = [
            (said.announcement.message, said.announcement.kind, said.is_edit, said.prices)
            for said in self.channel.said[before:]
        ]

        assert told == self._expected()

    @rule(taken=st.booleans())
    def fail(self, taken: bool) -> None:
        """The channel does not answer, having taken the message or not."""
        waiting = self._waiting()
        choice = choose(waiting, can_edit=self.channel.can_edit)
        error = Retryable("away", retry_after_s=0.0)
        (self.channel.fails_after if taken else self.channel.fails).append(error)
        self._turn()
        self.channel.fails.clear()
        self.channel.fails_after.clear()
        if choice.delivery is not None:
            self.queue.sending(choice.delivery)
        self.stage.clock.move(timedelta(seconds=1))

    @invariant()
    def the_rows_hold_what_the_queue_holds(self) -> None:
        rows = self.tables.run("SELECT episode, waiting FROM watch_entries WHERE entry IS NOT NULL")
        entries = {entry.episode: entry.is_waiting for entry in self.queue.entries}
        assert entries.keys() <= dict(rows).keys(), "nothing is finished before its message is"
        for episode, waiting in rows:
            assert waiting == entries.get(episode, False)

    def _turn(self) -> None:
        self.run(self.stage.turns(self.stage.courier(self.channel)))

    def _decide(self, *decisions: Decision) -> None:
        self.run(self.stage.decide(*decisions))
        for decision in decisions:
            self.queue.accept(decision, self.watches[decision.watch_id])
        self.decisions += [each for each in decisions if each not in self.decisions]

    def _one(self, chance: Random) -> Decision | None:
        raised = [each for each in self.decisions if each.verdict == "raised"]
        return chance.choice(raised) if raised else None

    def _waiting(self) -> Waiting:
        return Waiting(
            queue=self.queue,
            watch_of=self.watches.get,
            silences=tuple(self.silences),
            now=self.stage.clock.now,
            messages=self.messages,
            suspects=(),
        )

    def _expected(self) -> list[tuple[str, str, bool, list[tuple[str, str, bool]]]]:
        """What a queue that is held as a whole tells now, and takes as told."""
        told: list[tuple[str, str, bool, list[tuple[str, str, bool]]]] = []
        while True:
            choice = choose(self._waiting(), can_edit=self.channel.can_edit)
            delivery = choice.delivery
            if delivery is None:
                return told
            lines = [(each.episode, str(each.price), each.over) for each in delivery.tells]
            told.append((delivery.message, delivery.kind, choice.edits is not None, lines))
            self.queue.sent(delivery, self.watches.get, self.stage.clock.now)
            if choice.edits is None:
                self.messages[delivery.message] = Told("some reference")


class RowsWithoutEdits(Rows):
    """The same for a channel whose messages cannot be edited."""

    can_edit = False


@pytest.mark.parametrize("can_edit", [pytest.param(True, id="edits"), pytest.param(False, id="no")])
def test_rows_say_what_the_whole_queue_says(store_url: str, tables: Tables, can_edit: bool) -> None:
    with asyncio.Runner() as runner:
        database = Database(store_url)
        Rows.runner, Rows.database, Rows.tables = runner, database, tables
        limits = settings(
            deadline=None,
            max_examples=12,
            stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow],
        )
        try:
            run_state_machine_as_test(Rows if can_edit else RowsWithoutEdits, settings=limits)
        finally:
            runner.run(database.close())
