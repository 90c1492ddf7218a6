"""The pages of alerts, on a real Postgres."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import NamedTuple
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from yarl import URL

from conscope_app.notify.base import Rejected
from conscope_app.store.engine import Database
from tests.store.ledgers import Tables
from tests.store.watches.telling import Stage, TakesAll
from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import AWAY, Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror=alert(1)>\u202e"
NAUGHTY = "a/b?c#\"<'% \U0001f600"  # an event's id
TABLES = (
    *("watches", "watch_episodes", "watch_entries", "watch_messages", "watch_spoken"),
    *("watch_silences", "delivery_targets", "events", "event_markets"),
)


class Shown(NamedTuple):
    """A page that was answered, and what it says."""

    status: int
    html: str

    @property
    def words(self) -> str:
        """Its text, with one blank between words."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    @property
    def keys(self) -> list[str]:
        """What is listed, in its order."""
        return [unescape(each) for each in re.findall(r'data-key="([^"]*)"', self.html)]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(site: Site, rows: Rows, database_url: str) -> AsyncIterator[Stage]:
    """Watches, decisions and couriers over empty tables."""
    database = Database(database_url)
    with Tables(database_url) as tables:
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
        site.use_database(database_url)
        stage = Stage(database)
        stage.clock.now = NOW
        yield stage
        for table in TABLES:
            tables.run(f"DELETE FROM {table}")
    await database.close()


async def page(site: Site, path: str) -> Shown:
    """What a browser is given."""
    async with (
        ClientSession(site.url) as client,
        client.get(URL(site.url + path, encoded=True)) as answer,
    ):
        return Shown(answer.status, await answer.text())


async def told_and_refused(stage: Stage) -> None:
    """e1 was told and fell further, e2 was given up, and e3 waits in the snooze of its watch."""
    channel = TakesAll()
    await stage.watch(name=HOSTILE)
    await stage.decide(stage.raised("e1", subject=NAUGHTY))
    await stage.turns(stage.courier(channel))
    channel.fails.append(Rejected("not this one"))
    stage.clock.now += timedelta(minutes=1)
    await stage.decide(stage.raised("e2", subject="evt-2"))
    await stage.turns(stage.courier(channel), seconds=5)
    await stage.decide(stage.updated("e1", price=72, subject=NAUGHTY))
    await stage.turns(stage.courier(channel))
    await stage.watch(to={"snoozed_until": "2030-01-01T00:00:00Z"})
    await stage.decide(stage.raised("e3", subject="evt-3"))


async def test_where_nothing_was_found_the_pages_say_so(site: Site, stage: Stage) -> None:
    """And what would have to be done for it."""
    found, drops = await page(site, "/alerts"), await page(site, "/alerts/drops")
    silences = await page(site, "/alerts/silences")

    assert "Your watches have found nothing yet." in found.words
    assert 'href="/watches/new"' in found.html
    assert "No price has dropped yet." in drops.words
    assert "Nothing is silenced." in silences.words
    assert "Nothing fits what is asked for." in (await page(site, "/alerts?words=x")).words
    assert "Simulated data" in found.words


async def test_what_watches_found_stands_with_what_was_told_of_it(site: Site, stage: Stage) -> None:
    """The newest first; names from outside are text, and the event is a link."""
    await told_and_refused(stage)
    shown = await page(site, "/alerts")

    assert shown.keys == ["e3", "e2", "e1"]
    assert f'href="/events/{quote(NAUGHTY, safe="")}?currency=USD"' in shown.html
    assert "default: held snoozed until 01 Jan 00:00 · next at 2030-01-01" in shown.words
    assert "default: given up failed once · last error: not this one" in shown.words
    assert "from $90.00 to $72.00 −20.0 %" in shown.words
    assert "changed once · message ref-1" in shown.words
    assert "Floor, row A" in shown.words


async def test_a_channel_that_is_switched_off_says_why(
    site: Site, stage: Stage, database_url: str
) -> None:
    """On top, and with each alert that waits for it."""
    await stage.watch()
    await stage.decide(stage.raised("e1"))
    with Tables(database_url) as tables:
        tables.run(
            "UPDATE delivery_targets SET disabled_at = now(), disabled_reason = 'f00d no such hook'"
        )
    listed, alone = await page(site, "/alerts"), await page(site, "/alerts/e1")
    drops = await page(site, "/alerts/drops")

    assert "default is switched off. no such hook. What waits for it is kept." in listed.words
    assert "default: waiting the channel is switched off: no such hook" in listed.words
    assert "the channel is switched off: no such hook" in alone.words
    assert "switched off" not in drops.words


async def test_every_filter_of_what_was_found_takes_what_it_says(site: Site, stage: Stage) -> None:
    """By the address, which the form writes."""
    await told_and_refused(stage)
    await ask(site, "POST", "episodes/e2/acknowledge")
    await stage.decide(stage.over("e1", subject=NAUGHTY))
    found = [
        (await page(site, f"/alerts?{query}")).keys
        for query in (
            *("status=raised", "status=over", "status=acknowledged", "told=told", "told=waiting"),
            *("told=held", "told=given_up", "percent=20", "percent=21", "watch=w", "watch=x"),
            *(
                f"event={quote(NAUGHTY, safe='')}",
                "words=nothing",
                "channel=default",
                "within=hour",
            ),
            f"until={quote(NOW.isoformat())}",
        )
    ]

    assert found == [
        *(["e3", "e2"], ["e1"], ["e2"], ["e1"], ["e3", "e1"]),
        *(["e3", "e1"], ["e2"], ["e1"], [], ["e3", "e2", "e1"], []),
        *(["e1"], [], ["e3", "e2", "e1"], ["e3", "e2", "e1"]),
        [],
    ]


async def test_an_alert_has_its_page(site: Site, stage: Stage) -> None:
    """Moment by moment, with the silences that are about it."""
    await told_and_refused(stage)
    await stage.silence(id="quiet", subjects=(NAUGHTY,))
    await stage.silence(id="other", watches=("x",))
    shown, gone = await page(site, "/alerts/e1"), await page(site, "/alerts/e9")

    timeline = shown.words.partition("What became of it")[2].partition("At each channel")[0]
    what = ("Raised at $90.00", "Told at default message ref-1")
    more = ("Fell further at $72.00", "The message at default was changed")
    places = [timeline.find(each) for each in (*what, *more)]
    assert "Queued for default" in timeline
    assert -1 not in places
    assert places == sorted(places)
    assert "A silence holds it back" in shown.words
    assert ">quiet<" in shown.html
    assert ">other<" not in shown.html
    assert "/api/v1/watches/w/why?from=2026-03-01T14%3A02%3A22" in shown.html
    assert gone.status == 404


async def test_price_drops_stand_with_every_attempt(site: Site, rows: Rows, stage: Stage) -> None:
    """Also why nobody was told, and why a channel is not."""
    rows.alert(1, event_name=HOSTILE, section=HOSTILE, venue=HOSTILE, source=HOSTILE)
    rows.delivery(1, "dead", attempts=2, last_error=HOSTILE)
    rows.alert(2, decision="below_minimum_drop", event_id=NAUGHTY)
    rows.alert(3)
    rows.delivery(3, "waiting")
    rows.delivery(3, "sent", channel="email", attempts=1, message_id="77", sent_at=NOW)
    rows.target("discord", disabled_at=NOW, disabled_reason="f00d Discord answered 404")
    shown = await page(site, "/alerts/drops")

    assert shown.keys == ["raw_prices-0-3", "raw_prices-0-2", "raw_prices-0-1"]
    assert "<img" not in shown.html
    assert "discord: given up tried 2 times · last error: <img src=x" in shown.words
    assert "nobody was told: it is less than the least drop that is told of." in shown.words
    assert "email: told 2026-03-01 14:03:22 UTC · message 77" in shown.words
    assert "not tried yet · the channel is switched off: Discord answered 404" in shown.words
    assert "Discord is switched off. Discord answered 404." in shown.words
    assert f'href="/events/{quote(NAUGHTY, safe="")}?currency=USD"' in shown.html


async def test_a_price_drop_has_its_page(site: Site, rows: Rows, stage: Stage) -> None:
    """A link from outside is followed only where it leads to the web."""
    rows.alert(1, listing_url="javascript:alert(1)")
    rows.alert(2, listing_url='https://tickets.example/1?a="b')
    rows.delivery(2, "sent", message_id="77", sent_at=NOW)
    evil, shown = (
        await page(site, "/alerts/drops/raw_prices-0-1"),
        await page(site, "/alerts/drops/raw_prices-0-2"),
    )

    assert "javascript:" not in evil.html
    assert 'href="https://tickets.example/1?a=&#34;b"' in shown.html
    assert "Told at discord message 77" in shown.words
    assert "Simulated" in shown.words
    assert (await page(site, "/alerts/drops/raw_prices-0-3")).status == 404


async def test_drops_go_on_in_pages_with_what_is_asked(
    site: Site, rows: Rows, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the link at the end."""
    monkeypatch.setattr("web.alerts_drops.SHOWN", 2)
    for offset in range(1, 6):
        rows.alert(offset, drop_percent=offset * 10)
    path, seen = "/alerts/drops?percent=20&words=", []
    while path:
        shown = await page(site, path)
        seen.append([each.rsplit("-", 1)[1] for each in shown.keys])
        following = re.search(r'rel="next" href="([^"]*)"', shown.html)
        path = unescape(following[1]) if following else ""

    assert seen == [["5", "4"], ["3", "2"]]


async def test_found_alerts_go_on_in_pages(
    site: Site, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the link at the end."""
    monkeypatch.setattr("web.alerts.SHOWN", 2)
    await told_and_refused(stage)
    first = await page(site, "/alerts?watch=w")

    assert first.keys == ["e3", "e2"]
    assert 'rel="next" href="/alerts?watch=w&amp;after=e2"' in first.html
    assert (await page(site, "/alerts?watch=w&after=e2")).keys == ["e1"]


async def test_silences_are_listed_until_they_end(site: Site, stage: Stage) -> None:
    """With what they are about."""
    await stage.silence(id="one", subjects=(HOSTILE,), labels={"section": ["Floor*"]})
    await stage.silence(id="past", ends_at=NOW)
    shown = await page(site, "/alerts/silences?event=%22%3Cb%3E")

    assert "section Floor*" in shown.words
    assert 'data-end="one"' in shown.html
    assert "past" not in shown.words
    assert "<img" not in shown.html
    assert 'value="&#34;&lt;b&gt;"' in shown.html
    assert "1 silence holds messages back." in (await page(site, "/alerts")).words


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/alerts?status=pending", "status"),
        ("/alerts?told=x", "told"),
        ("/alerts?after=nobody", "after"),
        ("/alerts/drops?percent=NaN", "percent"),
        ("/alerts/drops?percent=101", "percent"),
        ("/alerts/drops?since=yesterday", "since"),
        ("/alerts/drops?until=0001-01-01T00:00%2B14:00", "until"),
        ("/alerts/drops?within=eon", "within"),
        ("/alerts/drops?after=%F0%9F%98%80", "after"),
        ("/alerts/drops?after=W10", "after"),
        ("/alerts/drops?after=WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsMSw5ZTk5XQ", "after"),
    ],
)
async def test_what_cannot_be_asked_is_said_beside_its_field(
    site: Site, stage: Stage, path: str, field: str
) -> None:
    """And nothing is shown, so that nobody takes it for the answer."""
    shown = await page(site, path)

    assert shown.status == 400
    assert "Nothing is shown." in shown.words
    if field != "after":
        assert re.search(rf'id="{field}-amiss">{field} is ', shown.html)


@pytest.mark.parametrize("path", ["/alerts/a%00", "/alerts?watch=%00", "/alerts/drops/x%00"])
async def test_what_no_text_can_be_is_not_found(site: Site, stage: Stage, path: str) -> None:
    """404."""
    assert (await page(site, path)).status == 404


@pytest.mark.parametrize("path", ["", "/e1", "/drops", "/drops/raw_prices-0-1", "/silences"])
async def test_while_the_database_is_away_the_pages_say_so(site: Site, path: str) -> None:
    """503, without the password."""
    site.use_database(AWAY.replace("conscope@", "conscope:sesam@"))
    shown = await page(site, f"/alerts{path}")

    assert shown.status == 503
    assert "127.0.0.1:1/none does not answer" in shown.words
    assert "sesam" not in shown.html


async def test_a_slow_answer_says_what_may_help(
    site: Site, rows: Rows, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503; the worker stays ready."""
    monkeypatch.setattr("conscope_app.store.brief_reads.READ_TIMEOUT_MS", 50)
    rows.alert(1)
    rows.lock_deliveries()
    try:
        shown = await page(site, "/alerts/drops")
    finally:
        rows.unlock()

    assert shown.status == 503
    assert "Asking for less" in shown.words
