"""Episodes by every filter, in pages, by an index, as far as a window goes."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from conscope_app.store.engine import Database
from conscope_app.store.watches.stored_episodes import raised_now
from conscope_app.store.watches.told_episodes import EpisodePage, Filter, find_episodes
from tests.store.alerts.stored_drops import NOON, Drops, plans_of
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage

pytestmark = pytest.mark.postgres

NIGHT = {"zone": "UTC", "quiet": {"begin": "11:00", "until": "13:00"}}

# Of 300 events and 5,000 watches; one in a thousand is raised, or was given up.
_MANY = """
    INSERT INTO watch_episodes (episode, watch_id, watch_version, subject, items, labels, currency,
        basis, raised_at, raised_price, raised_reason, price, reason, decided_at, over_at)
    SELECT 'many-' || n, 'w-' || n %% 5000, 1, 'evt-' || n %% 300, '{}', '{}', 'USD', 'all_in', at,
        100, '', 100 - n %% 40, '', at, CASE WHEN n %% 1000 > 0 THEN at END
    FROM generate_series(1, %s) AS n
    CROSS JOIN LATERAL (SELECT %s::timestamptz - n * interval '1 minute' AS at) AS moment
"""
_ENTRIES = """
    INSERT INTO watch_entries (channel, episode, waiting, message, finished_at, given_up)
    SELECT 'default', episode, FALSE, 'm-' || episode, now(), episode LIKE '%001'
    FROM watch_episodes
"""


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


async def page(stage: Stage, **asked: Any) -> EpisodePage:
    """What is found now."""
    work = partial(find_episodes, asked=Filter(**asked), now=stage.clock.now)
    return await stage.database.run(work)


async def ids(stage: Stage, **asked: Any) -> list[str]:
    """The ids of what is found now."""
    return [each.episode for each in (await page(stage, **asked)).episodes]


def many(tables: Tables, count: int) -> None:
    """So many episodes before noon, a minute each."""
    tables.run(_MANY, count, NOON)
    tables.run(_ENTRIES)
    for table in ("watch_episodes", "watch_entries"):
        tables.run(f"ANALYZE {table}")


async def test_what_is_held_back_is_told_from_what_waits(stage: Stage) -> None:
    """At the channel that is asked for, in pages."""
    await stage.watch("quiet", often=NIGHT, to={"channels": ["one"]})
    await stage.watch("loud", to={"channels": ["two"]})
    for number in range(3):
        await stage.decide(stage.raised(f"q{number}", subject=f"s{number}", watch_id="quiet"))
        await stage.decide(stage.raised(f"l{number}", subject=f"s{number}", watch_id="loud"))
        stage.clock.now += timedelta(seconds=1)
    first = await page(stage, reached="held", limit=2)

    assert [each.episode for each in first.episodes] == ["q2", "q1"]
    assert await ids(stage, reached="held", limit=2, after=first.next) == ["q0"]
    assert await ids(stage, reached="held", channel="two") == []
    assert await ids(stage, reached="waiting", channel="two") == ["l2", "l1", "l0"]
    assert await ids(stage, reached="waiting", subject="s1") == ["q1", "l1"]
    assert await ids(stage, channel="one") == ["q2", "q1", "q0"]
    assert await ids(stage, reached="told") == []


async def test_what_waits_is_looked_at_for_what_holds_it_as_far_as_a_page_can(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page goes on there."""
    monkeypatch.setattr("conscope_app.store.watches.told_episodes.MOST_HELD", 2)
    await stage.watch("quiet", often=NIGHT)
    await stage.watch("loud")
    await stage.decide(stage.raised("q", subject="q", watch_id="quiet"))
    for number in range(3):
        stage.clock.now += timedelta(seconds=1)
        await stage.decide(stage.raised(f"l{number}", subject=f"s{number}", watch_id="loud"))
    first = await page(stage, reached="held")

    assert (first.episodes, first.next) == ([], "l1")
    assert first.searched_to == stage.clock.now - timedelta(seconds=1)
    assert await ids(stage, reached="held", after="l1") == ["q"]


async def test_words_find_the_events_that_have_them(stage: Stage, tables: Tables) -> None:
    """In their name or their venue; with an event, its own."""
    drops = Drops(tables)
    drops.market("a", "Radiohead")
    drops.market("b", "Radio Nowhere")
    await stage.watch()
    await stage.decide(stage.raised("e1", subject="a"))
    await stage.decide(stage.raised("e2", subject="b"))

    assert await ids(stage, words="radio") == ["e2", "e1"]
    assert await ids(stage, words="nowhere hall") == ["e2"]
    assert await ids(stage, words="nowhere", subject="a") == []
    assert await ids(stage, words="radio", reached="waiting") == ["e2", "e1"]


async def test_every_page_goes_by_an_index(database: Database, tables: Tables) -> None:
    """However many there are, and what is rare is not looked for among all."""
    many(tables, 10_100)
    plans = {
        index: await plans_of(
            database, partial(find_episodes, asked=Filter(limit=20, **asked), now=NOON)
        )
        for index, asked in (
            ("watch_episodes_newest", {"percent": Decimal(39)}),
            ("watch_episodes_raised", {"status": "raised"}),
            ("watch_episodes_of_watch", {"watch": "w-7"}),
            ("watch_episodes_of_subject", {"subject": "evt-7"}),
            ("watch_entries_waiting", {"reached": "waiting"}),
            ("watch_entries_given_up", {"reached": "given_up"}),
            ("watch_entries_episode", {"reached": "told"}),
        )
    }
    plans["watch_episodes_raised_of"] = await plans_of(
        database, partial(raised_now, watch_ids=["w-0"])
    )

    assert [index for index, plan in plans.items() if index not in "".join(plan)] == []
    assert [plan for each in plans.values() for plan in each if "Seq Scan" in plan] == []


async def test_a_search_goes_as_far_as_its_window_and_says_where_it_ended(
    stage: Stage, tables: Tables
) -> None:
    """The next page goes on there."""
    many(tables, 10_100)
    first = await page(stage, percent=Decimal(90))
    second = await page(stage, percent=Decimal(90), after=first.next)

    assert (first.next, first.searched_to) == ("many-10000", NOON - timedelta(minutes=10_000))
    assert second == EpisodePage([], None, None, is_cut=False)
