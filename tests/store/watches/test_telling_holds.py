"""What waits for later, in which order the rest is told, and what is never told."""

from datetime import timedelta

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.watches.acknowledging import snooze
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres

GROUPED = {"group": {"wait_s": 30, "alone_s": 2}}
QUIET = {"zone": "UTC", "quiet": {"begin": "11:00", "until": "13:00"}}


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
def channel() -> TakesAll:
    return TakesAll()


async def test_a_group_is_one_message(stage: Stage, channel: TakesAll) -> None:
    """What comes within the wait shares it; a lone one does not wait for it."""
    await stage.watch(often=GROUPED)
    courier = stage.courier(channel)
    await stage.decide(stage.raised("e1"))
    await stage.turns(courier, seconds=1)
    assert channel.told == []
    await stage.decide(stage.raised("e2", 70))
    await stage.turns(courier, seconds=40)

    assert channel.told == [("raise", [("e1", "90", False), ("e2", "70", False)])]


async def test_the_rest_lasts_until_something_is_due(stage: Stage, channel: TakesAll) -> None:
    """Never longer than a second, since another worker may write what is due sooner."""
    await stage.watch(often={"group": {"wait_s": 1, "alone_s": 0.25}})
    courier = stage.courier(channel)
    await stage.decide(stage.raised())

    assert (await courier.deliver_due()).seconds == pytest.approx(0.25)
    assert (await courier.deliver_due()).seconds == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("decisions", "told"),
    [
        pytest.param(["raised"], ["raise"], id="still true in the morning"),
        pytest.param(["raised", "over"], [], id="over meanwhile, and left out"),
    ],
)
async def test_in_quiet_hours_nothing_is_told(
    stage: Stage, channel: TakesAll, decisions: list[str], told: list[str]
) -> None:
    await stage.watch(often=QUIET)
    await stage.decide(*(getattr(stage, name)() for name in decisions))
    await stage.turns(stage.courier(channel))
    assert channel.told == []
    stage.clock.move(timedelta(hours=1))
    await stage.turns(stage.courier(channel))

    assert [kind for kind, _ in channel.told] == told


async def test_a_definition_or_silence_that_changes_is_seen_soon(
    stage: Stage, channel: TakesAll
) -> None:
    """By a courier that has seen that nothing is due before the evening."""
    await stage.watch(often=QUIET)
    courier = stage.courier(channel)
    await stage.decide(stage.raised())
    await stage.turns(courier)
    await stage.watch()
    await stage.turns(courier)
    assert channel.told == []
    stage.clock.move(timedelta(seconds=1))
    await stage.turns(courier)

    assert [kind for kind, _ in channel.told] == ["raise"]


async def test_a_silence_holds_back_what_fits(stage: Stage, channel: TakesAll) -> None:
    await stage.watch()
    await stage.silence(labels={"row": ("A",)})
    await stage.decide(stage.raised("e1"), stage.raised("e2", labels={"row": "B"}))
    await stage.turns(stage.courier(channel))
    assert [lines[0][0] for _, lines in channel.told] == ["e2"]
    stage.clock.move(timedelta(hours=1))
    await stage.turns(stage.courier(channel))

    assert [lines[0][0] for _, lines in channel.told] == ["e2", "e1"]


async def test_a_silence_means_a_section_however_it_is_spelled(
    stage: Stage, channel: TakesAll
) -> None:
    """As a watch does."""
    await stage.watch()
    await stage.silence(labels={"section": ("Section 101",)})
    spellings = {"e1": "Sec 101", "e2": "101W", "e3": "101"}
    await stage.decide(
        *(stage.raised(episode, labels={"section": name}) for episode, name in spellings.items())
    )
    await stage.turns(stage.courier(channel))

    assert [lines[0][0] for _, lines in channel.told] == ["e2"]


async def test_what_somebody_knows_is_not_told_any_more(
    stage: Stage, channel: TakesAll, tables: Tables
) -> None:
    """Nowhere, told before or not; its episode says since when."""
    await stage.watch(to={"channels": ["default", "two"]})
    two = TakesAll("two")
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    assert await stage.acknowledge("e1") is True
    await stage.decide(stage.updated(), stage.over())
    await stage.turns(stage.courier(channel))
    await stage.turns(stage.courier(two))

    assert ([kind for kind, _ in channel.told], two.told) == (["raise"], [])
    assert tables.run("SELECT acknowledged_at IS NOT NULL FROM watch_episodes") == [(True,)]
    assert await stage.acknowledge("nobody knows it") is False


async def test_a_snoozed_watch_is_heard_later(stage: Stage, channel: TakesAll) -> None:
    """Its definition is otherwise as it was, in a new version."""
    made = await stage.watch()
    until = stage.clock.now + timedelta(hours=2)
    put = await stage.database.run(lambda connection: snooze(connection, "w", until))
    assert put is not None
    assert (put.watch.version, put.watch.to.snoozed_until) == (made.version + 1, until)
    await stage.decide(stage.raised())
    await stage.turns(stage.courier(channel))
    assert channel.told == []
    await stage.database.run(lambda connection: snooze(connection, "w", None))
    await stage.turns(stage.courier(channel))

    assert [kind for kind, _ in channel.told] == ["raise"]
    assert await stage.database.run(lambda connection: snooze(connection, "x", until)) is None


async def test_so_many_messages_a_day(stage: Stage, channel: TakesAll, tables: Tables) -> None:
    """Counted in Postgres, so that a new courier goes on counting."""
    await stage.watch(often={"at_most_a_day": 2, "zone": "UTC"})
    await stage.decide(*(stage.raised(f"e{number}") for number in range(4)))
    for _ in range(2):
        await stage.turns(stage.courier(channel))
    assert len(channel.said) == 2
    assert tables.run("SELECT day::text, messages FROM watch_spoken") == [("2026-11-22", 2)]
    stage.clock.move(timedelta(days=1))
    await stage.turns(stage.courier(channel))

    assert len(channel.said) == 4


async def test_no_more_messages_than_the_budget_allows(stage: Stage, channel: TakesAll) -> None:
    """Five at once, and no more than thirty in any minute; edits count as well."""
    await stage.watch()
    await stage.decide(*(stage.raised(f"e{number:03}") for number in range(60)))
    courier = stage.courier(channel, per_minute=30)
    await stage.turns(courier)
    assert len(channel.said) == 5
    while len(channel.said) < 60:
        before = len(channel.said)
        await stage.turns(courier, seconds=60)
        assert len(channel.said) - before <= 30


async def test_the_oldest_is_told_first_but_for_what_is_urgent(
    stage: Stage, channel: TakesAll
) -> None:
    await stage.watch("w")
    await stage.watch("urgent", to={"severity": "critical"})
    for number in range(3):
        await stage.decide(stage.raised(f"e{number}"))
        stage.clock.move(timedelta(seconds=1))
    await stage.decide(stage.raised("e9", watch_id="urgent"))
    await stage.turns(stage.courier(channel))

    assert [lines[0][0] for _, lines in channel.told] == ["e9", "e0", "e1", "e2"]
