"""Matches on the web: listed for review, merged and undone, with who said so."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from conscope_app.store.matches import reading
from tests.store.ledgers import Tables
from tests.web.api import ask
from tests.web.seeded import a_pair_for_review
from tests.web.site import AWAY, Site
from tests.web.test_alert_pages import HOSTILE, page
from web import matches

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

TABLES = ("events", "event_match_pairs", "event_match_members", "event_match_trace")
PAIR = {"one": "seatgeek-1", "other": "ticketmaster-1"}


@pytest_asyncio.fixture(loop_scope="session")
async def tables(site: Site, database_url: str) -> AsyncIterator[Tables]:
    """One pair that waits for a person."""
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        a_pair_for_review(tables)
        site.use_database(database_url)
        yield tables
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")


async def states(site: Site) -> dict[str, int]:
    """How many pairs are listed of each kind."""
    return {
        state: len((await ask(site, "GET", f"event-matches?state={state}")).body["matches"])
        for state in ("review", "merged", "apart")
    }


async def test_a_pair_is_merged_and_undone_by_name(site: Site, tables: Tables) -> None:
    """Each step is in the trace, the last first."""
    assert await states(site) == {"review": 1, "merged": 0, "apart": 0}

    merged = await ask(
        site, "POST", "event-matches/merge", {**PAIR, "by": "Ada", "why": "one show"}
    )
    assert [each["event_id"] for each in merged.body["members"]] == ["seatgeek-1", "ticketmaster-1"]
    assert await states(site) == {"review": 0, "merged": 1, "apart": 0}

    split = await ask(site, "POST", "event-matches/split", {"event_id": "ticketmaster-1"})
    assert [each["event_id"] for each in split.body["members"]] == ["ticketmaster-1"]
    assert await states(site) == {"review": 0, "merged": 0, "apart": 1}
    steps = [(each["act"], each["by_whom"], each["detail"]) for each in split.body["trace"]]
    assert steps == [("apart", "somebody", ""), ("merged", "Ada", "one show")]


async def test_what_cannot_be_is_said(site: Site, tables: Tables) -> None:
    cases = {
        "merge": ({"one": "seatgeek-1", "other": "nothing"}, 404),
        "apart": ({"one": "seatgeek-1", "other": "seatgeek-1"}, 422),
        "split": ({"event_id": "seatgeek-1"}, 404),
    }
    for path, (body, status) in cases.items():
        assert (await ask(site, "POST", f"event-matches/{path}", body)).status == status, path
    wrong = await ask(site, "POST", "event-matches/merge", {"one": "", "two": 2, "by": "a\0"})
    assert (wrong.status, wrong.problems.keys()) == (422, {"one", "two", "other", "by"})
    assert (await ask(site, "GET", "event-matches/of/nothing")).status == 404
    assert (await ask(site, "GET", "event-matches?state=maybe")).status == 400
    assert tables.run("SELECT count(*) FROM event_match_trace") == [(0,)]


async def test_a_list_goes_on_where_it_ended(site: Site, tables: Tables) -> None:
    """Each pair once."""
    for number in range(2, 6):
        a_pair_for_review(tables, f"seatgeek-{number}", f"ticketmaster-{number}")
    seen, after = [], ""
    while True:
        found = (await ask(site, "GET", f"event-matches?limit=2{after}")).body
        seen += [each["one"]["event_id"] for each in found["matches"]]
        if found["next"] is None:
            break
        after = f"&after={found['next']}"

    assert sorted(seen) == [f"seatgeek-{number}" for number in range(1, 6)]
    assert (await ask(site, "GET", "event-matches?event=seatgeek-3")).body["next"] is None


async def test_the_page_shows_both_sides(site: Site, tables: Tables) -> None:
    tables.run("UPDATE events SET event_name = %s WHERE event_id = 'seatgeek-1'", HOSTILE)

    shown = await page(site, "/matches")

    assert shown.status == 200
    assert "<img src=x" not in shown.html
    for words in ("For review 1", "Salt Shed", "ticketmaster-1", "The venue may be another one"):
        assert words in shown.words
    assert "Nothing is merged yet." in (await page(site, "/matches?state=merged")).words
    assert (await page(site, "/matches?state=maybe")).status == 400


async def test_more_pairs_than_are_counted_are_called_more(
    site: Site, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number at which counting ends is no number of pairs."""
    for module in (reading, matches):
        monkeypatch.setattr(module, "MOST_COUNTED", 1)

    shown = await page(site, "/matches")

    assert "For review 1+ Merged 0 Kept apart 0" in shown.words


async def test_while_the_database_is_away_the_page_says_so(site: Site) -> None:
    site.use_database(AWAY)

    assert (await page(site, "/matches")).status == 503
    assert (await ask(site, "GET", "event-matches")).status == 503
