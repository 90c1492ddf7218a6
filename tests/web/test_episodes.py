"""`/api/v1/episodes`, on a real Postgres."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.site import Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    "delivery_targets",
)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(site: Site, database_url: str) -> AsyncIterator[Stage]:
    """Two episodes of `w`: e1, which was told, and e2, a minute newer, which waits."""
    database = Database(database_url)
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        site.use_database(database_url)
        stage = Stage(database)
        await stage.watch()
        await stage.decide(stage.raised("e1"))
        await stage.turns(stage.courier(TakesAll()))
        stage.clock.now += timedelta(minutes=1)
        await stage.watch(to={"snoozed_until": "2030-01-01T00:00:00Z"})
        await stage.decide(stage.raised("e2", subject="b"))
        yield stage
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
    await database.close()


async def test_episodes_are_listed_with_what_was_said_of_them(site: Site, stage: Stage) -> None:
    """The newest first; amounts are numbers."""
    answer = await ask(site, "GET", "episodes")

    assert answer.status == 200
    assert answer.body["next"] is None
    waits, told = answer.body["episodes"]
    assert (waits["episode"], waits["watch_id"], waits["watch_version"]) == ("e2", "w", 1)
    assert (waits["raised_price"], waits["over_at"]) == (90, None)
    (at_default,) = waits["channels"]
    assert at_default.pop("queued_at") is not None
    assert at_default == {
        "channel": "default",
        "state": "waiting",
        "said": None,
        "message": None,
        "attempts": 0,
        "last_error": None,
        "held": "held: snoozed until 01 Jan 00:00",
        "finished_at": None,
        "reference": None,
        "sent_at": None,
        "edits": 0,
        "edited_at": None,
        "gone_at": None,
        "due_at": "2030-01-01T00:00:00Z",
    }
    (at_default,) = told["channels"]
    assert (at_default["state"], at_default["held"]) == ("told", None)
    assert at_default["said"] == {"price": 90, "over": False, "at": "2026-11-22T12:00:00Z"}
    assert (at_default["reference"], at_default["sent_at"]) == ("ref-1", "2026-11-22T12:00:00Z")


async def test_episodes_come_in_pages_and_by_what_is_asked(site: Site, stage: Stage) -> None:
    """`next` goes on where a page ended."""
    first = (await ask(site, "GET", "episodes?limit=1")).body
    second = (await ask(site, "GET", f"episodes?limit=1&after={first['next']}")).body
    await stage.decide(stage.over("e2", subject="b"))
    found = [
        [each["episode"] for each in (await ask(site, "GET", f"episodes?{query}")).body["episodes"]]
        for query in (
            *("status=raised", "status=over", "watch=w&subject=evt", "watch=dear"),
            *("told=told&channel=default", "told=held", "told=given_up", "event=b", "words=b"),
            *("percent=1", "since=2026-11-22T12:00:30Z", "until=2026-11-22T12:00:30Z"),
        )
    ]

    assert [each["episode"] for each in first["episodes"]] == ["e2"]
    assert [each["episode"] for each in second["episodes"]] == ["e1"]
    assert second["next"] is None
    assert found == [
        *(["e1"], ["e2"], ["e1"], []),
        *(["e1"], [], [], ["e2"], []),
        *([], ["e2"], ["e1"]),
    ]


async def test_somebody_knows(site: Site, stage: Stage) -> None:
    """It waits no more; saying so again keeps the first moment."""
    done = await ask(site, "POST", "episodes/e2/acknowledge")
    again = await ask(site, "POST", "episodes/e2/acknowledge")
    read = await ask(site, "GET", "episodes/e2")
    channel = TakesAll()
    await stage.watch()
    await stage.turns(stage.courier(channel), seconds=60)

    assert (done.status, again.status) == (200, 200)
    assert done.body["acknowledged_at"] is not None
    assert done.body["channels"][0]["state"] == "acknowledged"
    assert done.body == again.body == read.body
    assert channel.said == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param("status=pending", "status", id="no status"),
        pytest.param("limit=501", "limit", id="too many"),
        pytest.param("after=e9", "after", id="behind nothing"),
        pytest.param("told=maybe", "told", id="no such telling"),
        pytest.param("percent=-1", "percent", id="no percent"),
        pytest.param("since=then", "since", id="no moment"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    site: Site, stage: Stage, query: str, field: str
) -> None:
    """400, by the name of the parameter."""
    answer = await ask(site, "GET", f"episodes?{query}")

    assert (answer.status, [*answer.problems]) == (400, [field])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "episodes/e9", 404, id="read"),
        pytest.param("POST", "episodes/e9/acknowledge", 404, id="acknowledged"),
        pytest.param("GET", "episodes/e%00", 400, id="NUL in the address"),
        pytest.param("GET", "episodes?watch=w%00", 400, id="NUL in the query"),
        pytest.param("POST", "episodes/%00/acknowledge", 400, id="NUL acknowledged"),
    ],
)
async def test_what_is_not_there_is_said(
    site: Site, stage: Stage, method: str, path: str, status: int
) -> None:
    """As a problem; a name that nothing can have is no fault of ours either."""
    assert (await ask(site, method, path)).status == status


async def test_a_database_that_is_away_is_said(site: Site) -> None:
    """503, and when to try again."""
    answers = [
        await ask(site, "GET", "episodes"),
        await ask(site, "POST", "episodes/e1/acknowledge"),
        await ask(site, "POST", "watches/w/snooze", {"until": None}),
        await ask(site, "GET", "channels"),
    ]

    assert [each.status for each in answers] == [503] * 4
    assert all(each.headers["Retry-After"] == "5" for each in answers)
