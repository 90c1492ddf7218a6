"""The pages of watches, on a real Postgres."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientSession

from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.site import AWAY, Site
from web.watches import list_panels, watch_panels

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

CHEAP: dict[str, Any] = {"what": {"subjects": ["x"]}, "when": {"target": {"at_most": 99.5}}}
HOSTILE = "<img src=x onerror=alert(1)>\u202e"
TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("delivery_targets", "events"),
)


class Shown(NamedTuple):
    """A page that was answered, and what it says."""

    status: int
    html: str

    @property
    def words(self) -> str:
        """Its text, with one blank between words."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())


@pytest.fixture
def tables(database_url: str) -> Iterator[Tables]:
    """The tables without watches, before and after."""
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        yield tables
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")


@pytest.fixture
def kept(site: Site, tables: Tables, database_url: str) -> Site:
    """The pages over these tables."""
    site.use_database(database_url)
    return site


async def page(site: Site, path: str) -> Shown:
    """What a browser is given."""
    async with ClientSession(site.url) as client, client.get(path) as answer:
        return Shown(answer.status, await answer.text())


async def test_where_there_is_no_watch_the_page_says_what_one_is(kept: Site) -> None:
    """And where one is made; the navigation leads here."""
    shown = await page(kept, "/watches")

    assert shown.status == 200
    assert "There is no watch yet." in shown.words
    assert 'href="/watches/new"' in shown.html
    assert '<a href="/watches" aria-current="page">' in shown.html
    assert '<a href="/watches">' in (await page(kept, "/")).html


async def test_watches_are_listed_in_words(kept: Site, tables: Tables) -> None:
    """What, when, to whom, and how each stands."""
    in_an_hour = (NOW + timedelta(hours=1)).isoformat()
    await ask(kept, "PUT", "watches/cheap", {**CHEAP, "name": "Cheap"})
    await ask(kept, "PUT", "watches/ended", {**CHEAP, "to": {"expires_at": NOW.isoformat()}})
    await ask(kept, "PUT", "watches/later", {**CHEAP, "to": {"snoozed_until": in_an_hour}})
    tables.run("UPDATE watches SET published_version = version WHERE id = 'later'")
    shown = await page(kept, "/watches")

    assert "Cheap cheap waiting What x When at most $99.50" in shown.words
    assert "ended expired What" in shown.words
    assert "later snoozed What" in shown.words
    assert "until 2026-03-01 15:03:22 UTC" in shown.html


async def test_the_events_of_a_watch_are_links(kept: Site, tables: Tables) -> None:
    """Those that are known; in the list and on the page of the watch, whatever their ids hold."""
    tables.run("INSERT INTO events VALUES ('a/b?', 'Radiohead', 'Arena', NULL, now(), now())")
    what = {"subjects": ["a/b?", "later", "y", "z"], "together": 2}
    await ask(kept, "PUT", "watches/w", {**CHEAP, "what": what})

    for path in ("/watches", "/watches/w"):
        shown = await page(kept, path)
        assert "Radiohead (a/b?), later, y and 1 more · 2 seats together" in shown.words
        assert '<a href="/events/a%2Fb%3F">Radiohead</a>' in shown.html
        assert 'href="/events/later"' not in shown.html


async def test_more_watches_than_fit_come_in_pages(
    kept: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of their ids; the last page leads nowhere."""
    monkeypatch.setattr("web.watches.WATCHES_SHOWN", 2)
    for each in "abcd":
        await ask(kept, "PUT", f"watches/{each}", CHEAP)
    first, last = await page(kept, "/watches"), await page(kept, "/watches?after=b")

    assert re.findall(r'href="/watches/(\w)"', first.html) == ["a", "b"]
    assert 'rel="next" href="/watches?after=b"' in first.html
    assert re.findall(r'href="/watches/(\w)"', last.html) == ["c", "d"]
    assert 'rel="next"' not in last.html


async def test_a_watch_has_its_page(kept: Site, tables: Tables) -> None:
    """In words, in its version, and as the definition that a file would hold."""
    definition = {"id": "cheap", **CHEAP, "often": {"rearm": {}}}
    await ask(kept, "PUT", "watches/cheap", definition)
    tables.run("INSERT INTO events VALUES ('x', 'Radiohead', 'Arena', NULL, now(), now())")
    shown = await page(kept, "/watches/cheap")
    (text,) = re.findall(r'<textarea id="definition".*?>(.*?)</textarea>', shown.html, re.DOTALL)
    read = json.loads(unescape(text))

    assert "What Radiohead (x) When at most $99.50 · with all fees · in USD" in shown.words
    assert "cheap, version 1, changed 20" in shown.words
    assert 'data-etag="&#34;1&#34;"' in shown.html
    assert read == {**definition, "when": {"target": {"at_most": "99.5"}}}
    assert (await ask(kept, "PUT", "watches/cheap", read)).headers["ETag"] == '"1"'


async def test_a_new_watch_may_be_about_an_event(kept: Site) -> None:
    """As a link of another page says; the id `new` is this page's own."""
    shown = await page(kept, "/watches/new?subject=evt-%22%3C17")
    refused = await ask(kept, "PUT", "watches/new", CHEAP)

    assert shown.status == 200
    assert '"evt-\\"<17"' in unescape(shown.html)
    assert refused.problems == {"id": "new is an address of its own"}


async def test_alerts_stand_on_the_page_of_their_watch(kept: Site, database_url: str) -> None:
    """With what each channel was told; the list counts those that are raised."""
    database = Database(database_url)
    stage = Stage(database)
    await stage.watch(name=HOSTILE)
    await stage.decide(stage.raised("e1", subject=HOSTILE))
    await stage.turns(stage.courier(TakesAll()))
    shown, listed = await page(kept, "/watches/w"), await page(kept, "/watches")
    await ask(kept, "POST", "episodes/e1/acknowledge")
    known = await page(kept, "/watches/w")
    await database.close()

    assert "raised <img src=x onerror=alert(1)>\\u202e $90.00" in shown.words
    assert "2026-11-22 12:00:00 UTC" in shown.words
    assert "default: told" in shown.words
    assert "<img" not in shown.html + listed.html
    assert 'data-acknowledge="e1"' in shown.html
    assert "1 raised now" in listed.words
    assert 'data-acknowledge="e1"' not in known.html
    assert "acknowledged" in known.words


async def test_a_channel_that_the_settings_do_not_have_is_said(kept: Site, tables: Tables) -> None:
    """It is chosen all the same: nothing else would be saved."""
    await ask(kept, "PUT", "watches/w", CHEAP)
    tables.run(
        "UPDATE watches SET definition = jsonb_set(definition, '{to,channels}', '[\"gone\"]')"
    )
    shown = await page(kept, "/watches/w")

    assert "default console" in shown.words
    assert "gone unknown here" in shown.words
    assert re.search(r'value="gone"[^>]* checked>', shown.html)
    assert not re.search(r'value="default"[^>]* checked>', shown.html)


async def test_the_pieces_of_a_page_are_those_of_its_stream(kept: Site) -> None:
    """What stands on the page is told to who watches it; of no watch there is no stream."""
    await ask(kept, "PUT", "watches/cheap", {**CHEAP, "name": HOSTILE})
    for path, panels in (
        ("/watches", await list_panels("")),
        ("/watches/cheap", await watch_panels("cheap")),
    ):
        shown = await page(kept, path)
        for name, piece in panels.items():
            assert f'data-panel="{name}"' in shown.html
            assert piece in shown.html

    (address,) = re.findall(r'data-live="([^"]*)"', (await page(kept, "/watches/cheap")).html)
    assert unescape(address) == "/live?page=watch&watch_id=cheap"
    assert (await page(kept, "/live?page=watch&watch_id=none")).status == 404
    assert "data-live=" not in (await page(kept, "/watches/new")).html


@pytest.mark.parametrize("path", ["/watches/none", "/watches/a%00", "/watches?after=%00"])
async def test_what_is_not_there_is_not_found(kept: Site, path: str) -> None:
    """404."""
    assert (await page(kept, path)).status == 404


@pytest.mark.parametrize("path", ["/watches", "/watches/new", "/watches/w"])
async def test_while_the_database_is_away_the_pages_say_so(site: Site, path: str) -> None:
    """503, without the password."""
    site.use_database(AWAY.replace("conscope@", "conscope:sesam@"))
    shown = await page(site, path)

    assert shown.status == 503
    assert "127.0.0.1:1/none does not answer" in shown.words
    assert "sesam" not in shown.html
