"""A courier that is cut off anywhere, as by a SIGKILL, and what its successor tells."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any

import pytest

from conscope_app.alerting.watches.announcement import Announcement
from conscope_app.alerting.watches.telling import Choose, Look, MaySend, TellingNote, Turn
from conscope_app.notify.base import Receipt
from conscope_app.store.engine import Database
from conscope_app.store.watches.outbox import PostgresWatchOutbox
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll, announced

pytestmark = pytest.mark.postgres

# Each call of the outbox or the channel can be cut before it and after it.
MOST_CUTS = 80


class Cut(BaseException):
    """The process is gone."""


class Knife:
    """Cuts at the n-th place that is passed; afterwards the process does nothing any more."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0
        self.where = ""

    def pass_by(self, where: str) -> None:
        self.passed += 1
        if self.passed >= self.at:
            self.where = self.where or where
            raise Cut(where)

    async def around(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        self.pass_by(f"before {name}")
        answer = await work()
        self.pass_by(f"after {name}")
        return answer


class CutOutbox:
    """The real outbox, for a process that may die at each of its calls."""

    def __init__(self, outbox: PostgresWatchOutbox, knife: Knife) -> None:
        self._outbox = outbox
        self._knife = knife

    async def look(self, channel: str, *, holder: str) -> Look:
        look: Look = await self._knife.around(
            "look", lambda: self._outbox.look(channel, holder=holder)
        )
        return look

    async def take(
        self,
        channel: str,
        *,
        holder: str,
        lease_s: float,
        take_over_before: datetime | None,
        may_send: MaySend,
        choose: Choose,
        among: Collection[str] | None = None,
    ) -> Turn:
        def cut_in_the_transaction(waiting: Any) -> Any:
            self._knife.pass_by("in take")
            return choose(waiting)

        turn: Turn = await self._knife.around(
            "take",
            lambda: self._outbox.take(
                channel,
                holder=holder,
                lease_s=lease_s,
                take_over_before=take_over_before,
                may_send=may_send,
                choose=cut_in_the_transaction,
                among=among,
            ),
        )
        return turn

    async def note(self, channel: str, note: TellingNote, *, holder: str, lease_s: float) -> bool:
        mine: bool = await self._knife.around(
            "note", lambda: self._outbox.note(channel, note, holder=holder, lease_s=lease_s)
        )
        return mine

    async def release(self, channel: str, *, holder: str) -> None:
        await self._knife.around("release", lambda: self._outbox.release(channel, holder=holder))

    async def forget(self, channel: str, *, at_most: int) -> int:
        return await self._outbox.forget(channel, at_most=at_most)


class CutChannel(TakesAll):
    """A channel whose teller may die before it asks, and before it hears the answer."""

    def __init__(self, heard: TakesAll, knife: Knife) -> None:
        super().__init__(heard.name, can_edit=heard.can_edit)
        self.said = heard.said
        self._knife = knife

    async def send(self, announcement: Announcement, *, before: float) -> Receipt:
        receipt: Receipt = await self._knife.around(
            "send", lambda: TakesAll.send(self, announcement, before=before)
        )
        return receipt

    async def edit(self, reference: str, announcement: Announcement, *, before: float) -> Receipt:
        receipt: Receipt = await self._knife.around(
            "edit", lambda: TakesAll.edit(self, reference, announcement, before=before)
        )
        return receipt


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def live(stage: Stage, channel: TakesAll, knife: Knife, *, step: int) -> None:
    """One life of the courier, until it is cut or has nothing more to do."""
    if step == 1:
        await stage.decide(stage.raised("e2", 70), stage.updated("e1", 80))
    if step == 2:
        await stage.decide(stage.updated("e2", 60), stage.over("e1"))
    courier = stage.courier(CutChannel(channel, knife), outbox=CutOutbox(stage.outbox, knife))
    try:
        await stage.turns(courier)
    except Cut:
        pass


@pytest.mark.parametrize("can_edit", [pytest.param(True, id="edits"), pytest.param(False, id="no")])
async def test_wherever_it_is_cut_nothing_is_lost_and_nothing_new_is_told_twice(
    stage: Stage, tables: Tables, can_edit: bool
) -> None:
    """Cut once at each place, in each of three lives of which each has something new to tell.

    Told twice is only what the channel took and nobody could note; and then under the same id, with
    the same words. The last words are right in any case.
    """
    cuts: Counter[str] = Counter()
    for at in range(1, MOST_CUTS):
        tables.run(
            "TRUNCATE watches, watch_episodes, watch_entries, watch_spoken, watch_messages,"
            " delivery_targets"
        )
        channel = TakesAll(can_edit=can_edit)
        knife = Knife(at)
        await stage.watch(often={"group": {"wait_s": 0, "alone_s": 0}})
        await stage.decide(stage.raised("e1", 90))
        for step in range(3):
            await live(stage, channel, knife, step=step)
            if knife.where:
                knife.at = MOST_CUTS * 100
                await live(stage, channel, knife, step=-1)
        if not knife.where:
            break
        cuts[knife.where] += 1
        check(channel, told_twice=knife.where in ("after send", "before note"), can_edit=can_edit)
        assert tables.run("SELECT count(*) FROM watch_entries WHERE waiting") == [(0,)]
        left = tables.run("SELECT leased_by FROM delivery_targets")
        assert left == [(None,)], knife.where
    else:
        raise AssertionError("it passes more places than are cut")

    places = {f"{when} {call}" for call in ("look", "take", "note", "send") for when in WHEN}
    assert set(cuts) >= places | {"in take"}


WHEN = ("before", "after")


def check(channel: TakesAll, *, told_twice: bool, can_edit: bool) -> None:
    """Each episode in one message, and its last words right."""
    messages = announced([channel])
    by_episode: dict[str, set[str]] = {}
    for episode, message in messages:
        by_episode.setdefault(episode, set()).add(message)
    assert set(by_episode) == {"e1", "e2"}
    if not told_twice:
        assert len(messages) == 2
    assert len(messages) <= 3
    last: dict[str, tuple[str, bool]] = {}
    for said in channel.said:
        last.update({episode: (price, over) for episode, price, over in said.prices})
    assert last["e1"] in ([("80", True)] if can_edit else [("80", True), ("90", True)])
    assert last["e2"][0] in (["60"] if can_edit else ["70", "60"])


async def test_a_cancelled_courier_finishes_the_message_on_its_way(stage: Stage) -> None:
    """And notes it, before it is gone."""
    began, may_end = asyncio.Event(), asyncio.Event()

    class Slow(TakesAll):
        async def send(self, announcement: Announcement, *, before: float) -> Receipt:
            began.set()
            await may_end.wait()
            return await super().send(announcement, before=before)

    channel = Slow()
    await stage.watch()
    await stage.decide(stage.raised())
    courier = stage.courier(channel)
    running = asyncio.create_task(courier.run())
    await began.wait()
    running.cancel()
    may_end.set()
    await asyncio.wait([running])
    await courier.close()
    await stage.turns(stage.courier(channel, name="another"))

    assert len(channel.said) == 1
