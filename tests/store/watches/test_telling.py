"""From decisions to what channels are told, through real rows."""

from datetime import timedelta
from decimal import Decimal

import pytest

from conscope_app.core.delays import percentile_s
from conscope_app.notify.base import Retryable
from conscope_app.notify.channels import MessageGone
from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres

GROUPED = {"group": {"wait_s": 30, "alone_s": 2}}


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def channel() -> TakesAll:
    return TakesAll()


async def test_an_episode_is_told_edited_and_told_as_over(stage: Stage, channel: TakesAll) -> None:
    """One message, with the channel's own id kept for the edits."""
    await stage.watch()
    courier = stage.courier(channel)
    await stage.decide(stage.raised(price=90))
    await stage.turns(courier)
    await stage.decide(stage.updated(price=80))
    await stage.turns(courier)
    await stage.decide(stage.over())
    await stage.turns(courier)

    assert channel.told == [
        ("raise", [("e1", "90", False)]),
        ("edit", [("e1", "80", False)]),
        ("over", [("e1", "80", True)]),
    ]
    assert {said.reference for said in channel.said} == {"ref-1"}
    assert [said.is_edit for said in channel.said] == [False, True, True]
    assert courier.messages_told == 3


async def test_how_long_a_new_message_took_is_noted(stage: Stage, channel: TakesAll) -> None:
    """From what raised it; an edit is none."""
    await stage.watch()
    courier = stage.courier(channel)
    await stage.decide(stage.raised(price=90))
    stage.clock.now += timedelta(seconds=30)
    await stage.turns(courier)
    await stage.decide(stage.updated(price=80))
    await stage.turns(courier)

    delays = courier.delays.report()
    assert [said.is_edit for said in channel.said] == [False, True]
    assert delays.total == 1
    assert percentile_s(delays.counts, 0.5) == pytest.approx(30, rel=0.2)


async def test_what_is_over_is_finished(stage: Stage, channel: TakesAll, tables: Tables) -> None:
    """Its row stays, for decisions that come again, and says nothing more."""
    await stage.watch()
    decisions = [stage.raised(), stage.updated(), stage.over()]
    for decision in decisions:
        await stage.decide(decision)
        await stage.turns(stage.courier(channel))
    await stage.decide(*decisions)
    await stage.turns(stage.courier(channel))

    assert len(channel.said) == 3
    rows = tables.run("SELECT entry, waiting, finished_at IS NOT NULL FROM watch_entries")
    assert rows == [(None, False, True)]


async def test_episodes_are_kept_for_people(stage: Stage, tables: Tables) -> None:
    """What came again or too late changes nothing."""
    await stage.watch()
    raised, updated, over = stage.raised(price=90), stage.updated(price=80), stage.over()
    await stage.decide(raised, updated)
    await stage.decide(stage.updated(price=85), raised)
    await stage.decide(over, updated, over)

    rows = tables.run(
        "SELECT episode, watch_id, items, labels->>'row', raised_price, price, over_at"
        " FROM watch_episodes"
    )
    assert rows == [("e1", "w", ["A-1"], "A", Decimal(90), Decimal(80), over.at)]


async def test_each_channel_of_a_watch_has_its_own_queue(stage: Stage) -> None:
    """One that is away does not keep the other from telling."""
    await stage.watch(to={"channels": ["one", "two"]})
    one, two = TakesAll("one"), TakesAll("two")
    one.fails.append(Retryable("away"))
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(one))
    await stage.turns(stage.courier(two))

    assert (one.told, two.told) == ([], [("raise", [("e1", "90", False)])])


async def test_what_follows_goes_where_it_was_told(stage: Stage) -> None:
    """Also where the watch is told elsewhere by now, or is no more."""
    await stage.watch(to={"channels": ["one"]})
    one, two = TakesAll("one"), TakesAll("two")
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(one))
    await stage.watch(to={"channels": ["two"]})
    await stage.decide(stage.updated(), stage.raised())
    await stage.turns(stage.courier(two))
    await stage.forget_watch()
    await stage.decide(stage.over())
    await stage.turns(stage.courier(one))
    await stage.turns(stage.courier(two))

    assert [kind for kind, _ in one.told] == ["raise", "over"]
    assert two.told == []


async def test_a_channel_that_cannot_edit_is_told_of_the_end_in_a_new_message(
    stage: Stage,
) -> None:
    """And not of a price that fell further."""
    channel = TakesAll(can_edit=False)
    await stage.watch()
    courier = stage.courier(channel)
    for decision in (stage.raised(), stage.updated(price=80), stage.updated(price=70)):
        await stage.decide(decision)
        await stage.turns(courier)
    assert [kind for kind, _ in channel.told] == ["raise"]
    await stage.decide(stage.over())
    await stage.turns(courier)

    assert channel.told[1:] == [("over", [("e1", "70", True)])]
    assert [said.is_edit for said in channel.said] == [False, False]


async def test_a_message_that_somebody_deleted_is_told_anew(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """Under its old id of ours, and the channel's new one."""
    await stage.watch()
    courier = stage.courier(channel)
    await stage.decide(stage.raised())
    await stage.turns(courier)
    channel.fails.append(MessageGone("deleted"))
    await stage.decide(stage.updated(price=80))
    await stage.turns(courier)
    await stage.turns(courier)
    await stage.decide(stage.over())
    await stage.turns(courier)

    assert [(said.reference, said.is_edit) for said in channel.said] == [
        ("ref-1", False),
        ("ref-2", False),
        ("ref-2", True),
    ]
    assert len({said.announcement.message for said in channel.said}) == 1
    assert tables.run("SELECT reference, gone_at FROM watch_messages") == [("ref-2", None)]


async def test_a_message_of_several_is_edited_as_a_whole(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """What has not changed, or is over, stays in it until all of it is over."""
    await stage.watch(often=GROUPED)
    courier = stage.courier(channel)
    await stage.decide(stage.raised("e1"), stage.raised("e2", 70))
    await stage.turns(courier, seconds=40)
    for decision in (stage.updated("e1", 60), stage.over("e2"), stage.over("e1")):
        await stage.decide(decision)
        await stage.turns(courier, seconds=3)
        told = tables.run("SELECT count(*) FROM watch_entries WHERE finished_at IS NOT NULL")
        assert told == [(2 if channel.told[-1][0] == "over" else 0,)]

    assert channel.told[1:] == [
        ("edit", [("e1", "60", False), ("e2", "70", False)]),
        ("edit", [("e1", "60", False), ("e2", "70", True)]),
        ("over", [("e1", "60", True), ("e2", "70", True)]),
    ]


async def test_what_somebody_knows_stays_in_the_message_that_told_it(
    stage: Stage, channel: TakesAll
) -> None:
    """As it was told, while others in it go on."""
    await stage.watch(often=GROUPED)
    courier = stage.courier(channel)
    await stage.decide(stage.raised("e1"), stage.raised("e2", 70))
    await stage.turns(courier, seconds=40)
    await stage.acknowledge("e2")
    await stage.decide(stage.over("e2"))
    await stage.decide(stage.updated("e1", 60))
    await stage.turns(courier, seconds=3)

    assert channel.told[1:] == [("edit", [("e1", "60", False), ("e2", "70", False)])]


async def test_what_is_finished_for_long_is_forgotten(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """A message only when nothing that it told goes on."""
    await stage.watch()
    for number in (1, 2):
        await stage.decide(stage.raised(f"e{number}"))
    await stage.turns(stage.courier(channel))
    await stage.decide(stage.over("e1"))
    await stage.turns(stage.courier(channel))
    assert await stage.outbox.forget("default", at_most=10) == 0
    stage.clock.move(timedelta(days=10))

    assert await stage.outbox.forget("default", at_most=10) == 1
    assert tables.run("SELECT episode FROM watch_entries") == [("e2",)]
    assert tables.run("SELECT reference FROM watch_messages") == [("ref-2",)]
