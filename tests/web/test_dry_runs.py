"""Dry runs and questions over HTTP: in a process of their own, over a real history."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from conscope_app import app
from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.stored_prices import History
from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.site import AWAY, Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

CHEAP: dict[str, Any] = {"what": {}, "when": {"target": {"at_most": 100}}}
TABLES = ("watches", "watch_episodes", "price_history", "events", "sink_positions")


@pytest_asyncio.fixture(loop_scope="session")
async def priced(
    site: Site, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """The pages over a history of one seat: 120, 80, 130 and 70, the last three an hour ago."""
    set_to(database_url, monkeypatch)
    database = Database(database_url)
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        history = History(NOW - timedelta(hours=2)).price(120)
        history.wait(hours=1).prices([80, 130, 70])
        await history.store(database)
        await database.close()
        site.use_database(database_url)
        yield site
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")


def set_to(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the settings name this database."""
    changed = {"database_url": SecretStr(database_url)}
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update=changed))


async def test_a_dry_run_says_what_would_have_been_told(priced: Site) -> None:
    """How many messages, which, and over which prices; it keeps nothing."""
    answer = await ask(priced, "POST", "watches/dry-run", {"watch": CHEAP, "days": 1})

    assert answer.status == 200
    found = answer.body
    assert (found["prices"], found["alerts"], found["is_complete"]) == (4, 1, True)
    messages = [(each["channel"], each["announcement"]["kind"]) for each in found["messages"]]
    assert messages == [("default", "raise"), ("default", "over")]
    (line,) = found["messages"][0]["announcement"]["lines"]
    assert (line["price"], line["facts"]["name"]) == (80, "Radiohead")
    assert (await ask(priced, "GET", "watches")).body["watches"] == []


async def test_fewer_days_see_fewer_prices(priced: Site) -> None:
    """The last one and a half hours have three of them."""
    answer = await ask(priced, "POST", "watches/dry-run", {"watch": CHEAP, "days": 1.5 / 24})

    assert answer.body["prices"] == 3


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param({"days": 3}, {"watch"}, id="no watch"),
        pytest.param({"watch": {"what": {}}}, {"watch.when"}, id="half a watch"),
        pytest.param({"watch": CHEAP, "days": 0}, {"days"}, id="no time"),
        pytest.param({"watch": CHEAP, "day": 1}, {"day"}, id="no such field"),
        pytest.param({"watch": CHEAP, "by": "hand"}, {"by"}, id="no such clock"),
    ],
)
async def test_a_dry_run_of_what_cannot_be_taken_is_refused(
    priced: Site, body: dict[str, Any], fields: set[str]
) -> None:
    """422, by field, as for keeping it."""
    answer = await ask(priced, "POST", "watches/dry-run", body)

    assert (answer.status, {*answer.problems}) == (422, fields)


async def test_why_says_what_a_watch_made_of_each_price(priced: Site) -> None:
    """In the time that is asked for; and what was found live."""
    await ask(priced, "PUT", "watches/cheap", CHEAP)
    with_from = f"from={(NOW - timedelta(minutes=61)).isoformat()}"

    answer = await ask(priced, "GET", f"watches/cheap/why?{with_from}&to={NOW.isoformat()}")

    assert answer.status == 200
    assert (answer.body["version"], answer.body["episodes"]) == (1, [])
    traces = answer.body["run"]["traces"]
    assert [each["price"] for each in traces] == [80, 130, 70]
    assert traces[0]["sentence"].startswith("raised")
    assert all(each["subject"] == "evt-1" for each in traces)


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        pytest.param("from=yesterday", 400, "from", id="no moment"),
        pytest.param("from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", 400, "from", id="order"),
        pytest.param("limit=0", 400, "limit", id="limit"),
        pytest.param("by=hand", 400, "by", id="clock"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    priced: Site, query: str, status: int, field: str
) -> None:
    """By its parameter."""
    await ask(priced, "PUT", "watches/cheap", CHEAP)

    answer = await ask(priced, "GET", f"watches/cheap/why?{query}")

    assert (answer.status, [*answer.problems]) == (status, [field])


async def test_nobody_can_be_asked_about_a_watch_that_is_none(priced: Site) -> None:
    """404."""
    assert (await ask(priced, "GET", "watches/dear/why")).status == 404


async def test_a_history_that_is_away_is_said(
    priced: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, without the password."""
    set_to(AWAY.replace("conscope@", "conscope:sesam@"), monkeypatch)

    answer = await ask(priced, "POST", "watches/dry-run", {"watch": CHEAP})

    assert answer.status == 503
    assert "Connection refused" in answer.body["detail"]
    assert "sesam" not in str(answer.body)


async def test_one_dry_run_goes_at_a_time(priced: Site) -> None:
    """Whoever comes meanwhile is told when to try again; afterwards there is room."""
    asked = {"watch": CHEAP, "days": 1}

    answers = await asyncio.gather(
        *(ask(priced, "POST", "watches/dry-run", asked) for _ in range(3))
    )

    assert sorted(each.status for each in answers) == [200, 503, 503]
    assert (await ask(priced, "POST", "watches/dry-run", asked)).status == 200
