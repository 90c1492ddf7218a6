"""Episodes as people look at them: in pages, with what each channel was told."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from conscope_app.notify.base import Rejected, Retryable
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.told_episodes import (
    AtChannel,
    Filter,
    NoSuchEpisode,
    ToldEpisode,
    Words,
    get_episode,
    list_episodes,
)
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll

pytestmark = pytest.mark.postgres

NIGHT = {"zone": "UTC", "quiet": {"begin": "11:00", "until": "13:00"}}


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def listed(stage: Stage, **asked: Any) -> list[ToldEpisode]:
    """What is found now."""
    work = partial(list_episodes, asked=Filter(**asked), now=stage.clock.now)
    return await stage.database.run(work)


async def ids(stage: Stage, **asked: Any) -> list[str]:
    """The ids of what is found now."""
    return [each.episode for each in await listed(stage, **asked)]


async def at_channels(stage: Stage, episode: str = "e1") -> dict[str, AtChannel]:
    """How an episode stands at each of its channels."""
    work = partial(get_episode, episode=episode, now=stage.clock.now)
    found = await stage.database.run(work)
    assert found is not None
    return {each.channel: each for each in found.channels}


async def three(stage: Stage) -> None:
    """e1 of w, which is over; e2 of w; e3 of another watch and subject, as old as e2."""
    await stage.watch()
    await stage.watch("other")
    await stage.decide(stage.raised("e1"))
    stage.clock.now += timedelta(minutes=1)
    await stage.decide(
        stage.over("e1"), stage.raised("e2"), stage.raised("e3", watch_id="other", subject="evt-2")
    )


async def test_the_newest_come_first_and_by_what_is_asked(stage: Stage) -> None:
    """All filters hold together."""
    await three(stage)

    assert await ids(stage) == ["e3", "e2", "e1"]
    assert await ids(stage, watch="w") == ["e2", "e1"]
    assert await ids(stage, subject="evt-2") == ["e3"]
    assert await ids(stage, status="over") == ["e1"]
    assert await ids(stage, status="raised") == ["e3", "e2"]
    assert await ids(stage, status="raised", watch="w", subject="evt-2") == []


async def test_a_page_goes_on_behind_the_last_one(stage: Stage) -> None:
    """Also between two of one moment, and where newer ones came meanwhile."""
    await three(stage)
    (first,) = await ids(stage, limit=1)
    await stage.decide(stage.raised("e4"))

    assert await ids(stage, limit=1, after=first) == ["e2"]
    assert await ids(stage, limit=5, after="e2") == ["e1"]
    assert await ids(stage, after="e1") == []
    with pytest.raises(NoSuchEpisode, match="there is no episode 'e9'"):
        await ids(stage, after="e9")


async def test_a_page_is_read_by_an_index(stage: Stage, tables: Tables) -> None:
    """However many episodes there are, and wherever the page begins."""
    await three(stage)
    tables.run("""
        INSERT INTO watch_episodes (episode, watch_id, watch_version, subject, items, labels,
            currency, basis, raised_at, raised_reason, reason, decided_at)
        SELECT 'many-' || n, 'many', 1, 'evt', '{}', '{}', 'USD', 'all_in',
            '2026-01-01'::timestamptz + n * interval '1 minute', '', '', now()
        FROM generate_series(1, 20000) AS n
    """)
    tables.run("ANALYZE watch_episodes")
    plans: list[str] = []

    def explained(connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0")
            cursor.execute("SET client_min_messages = log")
        connection.commit()
        list_episodes(connection, Filter(after="many-10000"), stage.clock.now)
        plans.extend(notice for notice in connection.notices if "raised_at DESC" in notice)

    await stage.database.run(explained)

    (plan,) = plans
    assert "Index Scan using watch_episodes_newest" in plan
    assert "Seq Scan" not in plan


async def test_what_waits_says_what_holds_it_back(stage: Stage) -> None:
    """The quiet hours of its watch; where nothing holds it, nothing."""
    await stage.watch(often=NIGHT)
    await stage.watch("loud")
    await stage.decide(stage.raised("e1"), stage.raised("e2", watch_id="loud", subject="b"))

    quiet, loud = (await at_channels(stage))["default"], (await at_channels(stage, "e2"))["default"]

    assert (quiet.state, quiet.held) == ("waiting", "held: quiet hours until 22 Nov 13:00")
    assert (quiet.said, quiet.message, quiet.attempts) == (None, None, 0)
    assert (loud.state, loud.held) == ("waiting", None)
    assert [each.channels[0].held for each in await listed(stage, watch="w")] == [quiet.held]


async def test_a_silence_is_said_of_each_spelling_of_its_section(stage: Stage) -> None:
    """As it holds what is to be told."""
    await stage.watch()
    await stage.silence(labels={"section": ("Section 101",)})
    spellings = {"e1": "Sec 101", "e2": "101W", "e3": "101"}
    await stage.decide(
        *(stage.raised(episode, labels={"section": name}) for episode, name in spellings.items())
    )

    held = [(await at_channels(stage, episode))["default"].held for episode in spellings]

    assert held == [
        "held: silence s until 22 Nov 13:00",
        None,
        "held: silence s until 22 Nov 13:00",
    ]


async def test_what_was_told_says_what_and_what_came_after_waits(stage: Stage) -> None:
    """At each channel by itself."""
    await stage.watch(to={"channels": ["one", "two"]})
    one, two = TakesAll("one"), TakesAll("two")
    two.fails.append(Retryable("two is away"))
    await stage.decide(stage.raised(price=90))
    await stage.turns(stage.courier(one))
    await stage.turns(stage.courier(two))
    found = await at_channels(stage)

    assert [*found] == ["one", "two"]
    told, said = found["one"], found["one"].said
    assert (told.state, told.attempts, told.last_error) == ("told", 0, None)
    assert said == Words(Decimal(90), over=False, at=stage.clock.now)
    assert told.message == one.said[0].announcement.message
    waits = found["two"]
    assert (waits.state, waits.said, waits.attempts, waits.last_error) == (
        *("waiting", None, 1),
        "two is away",
    )
    await stage.decide(stage.updated(price=80))
    again = (await at_channels(stage))["one"]
    assert (again.state, again.said) == ("waiting", said)


async def test_what_is_over_and_was_told_is_finished(stage: Stage) -> None:
    """Nothing will be said of it again; its message is still named."""
    channel = TakesAll()
    await stage.watch()
    for decision in (stage.raised(), stage.over()):
        await stage.decide(decision)
        await stage.turns(stage.courier(channel))
    found = (await at_channels(stage))["default"]

    assert (found.state, found.said, found.finished_at) == ("finished", None, stage.clock.now)
    assert found.message == channel.said[0].announcement.message


async def test_what_a_channel_refuses_is_given_up_with_the_reason(stage: Stage) -> None:
    """And new words that it refuses are named with the message that stays as it is."""
    channel = TakesAll()
    await stage.watch()
    await stage.decide(stage.raised("e1"))
    await stage.turns(stage.courier(channel))
    channel.fails.extend([Rejected("too long"), Rejected("not this one")])
    await stage.decide(stage.updated("e1"))
    await stage.turns(stage.courier(channel))
    await stage.decide(stage.raised("e2", subject="b"))
    await stage.turns(stage.courier(channel), seconds=5)

    edited, refused = (
        (await at_channels(stage))["default"],
        (await at_channels(stage, "e2"))["default"],
    )
    assert (edited.state, edited.last_error) == ("told", "too long")
    assert (refused.state, refused.last_error, refused.attempts) == ("given_up", "not this one", 1)


async def test_what_somebody_knows_of_waits_no_more(stage: Stage) -> None:
    """It was not told, and never will be."""
    await stage.watch(often=NIGHT)
    await stage.decide(stage.raised())
    assert await stage.acknowledge("e1")
    (found,) = await listed(stage)

    assert found.acknowledged_at is not None
    assert [(each.state, each.said, each.held) for each in found.channels] == [
        ("acknowledged", None, None)
    ]
