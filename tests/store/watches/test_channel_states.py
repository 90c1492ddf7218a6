"""How channels stand, and a channel that is disabled, enabled by its name in `delivery_targets`."""

from datetime import timedelta
from functools import partial

import pytest

from conscope_app.notify.base import Disabled, Retryable
from conscope_app.store import deliveries
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.channel_states import ChannelState, channel_states
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def states(stage: Stage, *names: str) -> list[ChannelState]:
    """How these channels stand."""
    return await stage.database.run(partial(channel_states, names=names))


async def test_channels_come_in_their_order(stage: Stage) -> None:
    """Those that nobody was ever told through, too."""
    assert await states(stage, "phone", "ana") == [
        ChannelState("phone", 0, None, None, None, None),
        ChannelState("ana", 0, None, None, None, None),
    ]


async def test_what_waits_for_a_channel_that_is_no_more_is_not_hidden(stage: Stage) -> None:
    """It is shown until nothing waits for it; others of that name have nothing to do with it."""
    await stage.watch(to={"channels": ["gone"]})
    channel = TakesAll("gone")
    await stage.decide(stage.raised("e1"), stage.raised("e2", subject="b"))

    found = await states(stage, "phone")
    assert [(each.name, each.waiting) for each in found] == [("phone", 0), ("gone", 2)]
    assert found[1].waiting_since is not None
    await stage.turns(stage.courier(channel), seconds=10)
    assert [each.name for each in await states(stage, "phone")] == ["phone"]


async def test_a_pause_is_shown_while_it_lasts(stage: Stage) -> None:
    """The couriers' moments are the database's own clock's here."""
    await stage.watch()
    channel = TakesAll()
    stage.clock.now += timedelta(days=10_000)
    channel.fails.append(Retryable("busy", retry_after_s=60))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    (blocked,) = await states(stage, "default")

    assert blocked.blocked_until is not None
    assert blocked.blocked_until > stage.clock.now + timedelta(seconds=60)
    await stage.database.run(_let_it_pass)
    (free,) = await states(stage, "default")
    assert free.blocked_until is None


async def test_a_disabled_channel_is_told_again_once_it_is_enabled(stage: Stage) -> None:
    """`deliveries enable watches:NAME`; what waited is told, and the reason was shown."""
    await stage.watch(to={"channels": ["phone"]})
    channel = TakesAll("phone")
    channel.fails.append(Disabled("Discord answered 404: unknown webhook"))
    courier = stage.courier(channel)
    await stage.decide(stage.raised())
    await stage.turns(courier)
    await stage.turns(courier, seconds=60)
    (found,) = await states(stage, "phone")

    assert (found.waiting, found.disabled_reason) == (1, "Discord answered 404: unknown webhook")
    assert found.disabled_at is not None
    assert channel.said == []
    assert await stage.database.run(partial(deliveries.enable, channel="watches:phone"))
    await stage.turns(courier, seconds=60)
    (again,) = await states(stage, "phone")
    assert channel.told == [("raise", [("e1", "90", False)])]
    assert (again.waiting, again.disabled_at, again.disabled_reason) == (0, None, None)
    assert courier.trouble is None


def _let_it_pass(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE delivery_targets SET blocked_until = clock_timestamp()")
