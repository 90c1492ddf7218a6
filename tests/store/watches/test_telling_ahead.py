"""Messages that a plan had found due are told one by one, each as things stand then."""

from datetime import timedelta
from typing import Any

import pytest

from conscope_app.alerting.watches.telling import Turn
from conscope_app.notify.watch_courier import WatchCourier
from conscope_app.store.engine import Database
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres

EPISODES = [f"e{number}" for number in range(8)]

# So long that a plan holds for half a minute.
PLANNING = timedelta(seconds=1.5)


class Counting:
    """The outbox, and how often all that waits was planned, slowly, for a message that was told."""

    def __init__(self, stage: Stage) -> None:
        self._outbox = stage.outbox
        self._clock = stage.clock
        self.plans = self.tasks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)

    async def take(self, channel: str, **values: Any) -> Turn:
        turn = await self._outbox.take(channel, **values)
        if values["among"] is None:
            self._clock.move(PLANNING)
        if turn.task is not None:
            self.tasks += 1
            self.plans += values["among"] is None
        return turn


@pytest.fixture
def stage(database: Database) -> Stage:
    """A quiet one."""
    return Stage(database)


@pytest.fixture
def channel() -> TakesAll:
    """The channel `default`."""
    return TakesAll()


@pytest.fixture
def counting(stage: Stage) -> Counting:
    """Where the courier finds what is to be told."""
    return Counting(stage)


@pytest.fixture
def courier(stage: Stage, channel: TakesAll, counting: Counting) -> WatchCourier:
    """Who tells them."""
    return stage.courier(channel, outbox=counting)


async def raise_all(stage: Stage) -> None:
    await stage.watch()
    for number, episode in enumerate(EPISODES):
        await stage.decide(stage.raised(episode, price=90, subject=f"evt-{number}"))


async def test_one_plan_serves_them_all(
    stage: Stage, channel: TakesAll, courier: WatchCourier, counting: Counting
) -> None:
    await raise_all(stage)

    await stage.turns(courier)

    assert sorted(prices[0][0] for _, prices in channel.told) == EPISODES
    assert (counting.plans, counting.tasks) == (1, len(EPISODES))


async def test_they_are_told_as_they_are_when_their_turn_has_come(
    stage: Stage, channel: TakesAll, counting: Counting
) -> None:
    """Cheaper, over, acknowledged or silenced meanwhile; and what came later is told too."""
    await raise_all(stage)
    slow = stage.courier(channel, outbox=counting, per_minute=6)  # one at a time
    await slow.deliver_due()
    first = channel.told[0][1][0][0]
    rest = [episode for episode in EPISODES if episode != first]
    cheaper, over, known, *others = rest
    await stage.decide(
        stage.updated(cheaper, price=70, subject=f"evt-{EPISODES.index(cheaper)}"),
        stage.over(over, subject=f"evt-{EPISODES.index(over)}"),
        stage.raised("later", price=60, subject="evt-later"),
    )
    await stage.acknowledge(known)
    silenced = others.pop()
    await stage.silence(subjects=(f"evt-{EPISODES.index(silenced)}",))

    await stage.turns(slow, seconds=600)

    said = {prices[0][0]: prices[0][1] for _, prices in channel.told}
    assert said == {first: "90", cheaper: "70", "later": "60", **dict.fromkeys(others, "90")}
    assert len(channel.told) == len(said)
    assert counting.plans < counting.tasks
