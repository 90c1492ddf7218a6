"""The event at each of its sources, on its page and in the API, on a real Postgres."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
import pytest

from conscope_app.domains.tickets.market import Presale, Venue
from tests.store.market.event.market_rows import EVENT, FACTS, MarketRows, a_hall
from tests.web.api import ask
from tests.web.event_pages import market_rows, page
from tests.web.reports import NOW
from tests.web.site import Site
from web.event import event_panels

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror=alert(1)>\"' \u202eevil/🎸"
replace = msgspec.structs.replace


@pytest.fixture
def rows(database_url: str) -> Iterator[MarketRows]:
    """The tables without a market, before and after."""
    with market_rows(database_url) as made:
        yield made


@pytest.fixture
def kept(site: Site, rows: MarketRows, database_url: str) -> Site:
    """The pages over these tables."""
    site.use_database(database_url)
    return site


def an_event_of_sums(rows: MarketRows) -> None:
    """No seat of it is known; another source has it under another id."""
    rows.event(is_priced=False)
    presale = Presale(name="Fan club", starts_at=datetime(2026, 3, 2, 15, tzinfo=UTC))
    facts = replace(FACTS, presales=(presale,), on_sale_at=datetime(2026, 3, 4, 15, tzinfo=UTC))
    rows.snapshot(
        "ticketmaster",
        facts=facts,
        currency="USD",
        basis="face_value",
        lowest="49.50",
        highest=None,
    )
    other = replace(FACTS, url="https://example.org/other")
    sums = {"lowest": "61", "median": "88.25", "listing_count": 412, "availability": "few_left"}
    rows.event("seatgeek-7", is_priced=False)
    rows.snapshot("seatgeek", "seatgeek-7", other, currency="EUR", basis="all_in", **sums)
    for event_id in (EVENT, "seatgeek-7"):
        rows.insert("event_match_members", event_id=event_id, group_id="g", joined_at=NOW)


async def test_sources_stand_side_by_side(kept: Site, rows: MarketRows) -> None:
    """Each with its own prices, what they hold, and what it does not speak of; nothing is added."""
    an_event_of_sums(rows)
    shown = await page(kept, f"/events/{EVENT}")

    for words in (
        "Also at seatgeek for €61.00 all that is paid, with fees Offer",
        "Lowest $49.50",
        "Highest none",
        "Prices are face value, as the organiser asks",
        "Says nothing of the median, the average, the number of listings, how many are left.",
        "Begins Fri 15 May 2026, 19:00",
        "On sale Wed 4 Mar 2026, 10:00",
        "Fan club Mon 2 Mar 2026, 10:00",
        "Listings 412",
        "Few left",
        "Sun 1 Mar seatgeek with fees €61.00 €88.25",
        "No single seats are known: its sources say sums only",
        "ticketmaster 1 min ago",
    ):
        assert words in shown.words
    assert 'title="2026-05-15 23:00:00 UTC"' in shown.html
    assert 'href="/events/seatgeek-7"' in shown.html
    for panel in ("seats", "gone", "heat", "together", "histogram"):
        assert f'data-panel="{panel}"' not in shown.html
    assert "$0" not in shown.words and "No source has spoken" not in shown.words


async def test_what_changed_is_told_in_words(kept: Site, rows: MarketRows) -> None:
    """By the venue's clocks, the newest first; on the page of an event with seats too."""
    a_hall(rows)
    rows.snapshot("ticketmaster")
    rows.change(1, "cancelled")
    times = {"old_value": "2026-05-15T23:00:00Z", "new_value": "2026-05-17T00:30:00Z"}
    rows.change(2, "rescheduled", **times)
    shown = await page(kept, f"/events/{EVENT}")
    panels = await event_panels(EVENT, None)

    moved = "Moved from Fri 15 May 2026 19:00 to Sat 16 May 2026 20:30"
    assert shown.words.index(moved) < shown.words.index("Cancelled ticketmaster")
    assert moved in panels["changes"] and "ticketmaster" in panels["sides"]


async def test_hostile_texts_are_texts_and_no_links(kept: Site, rows: MarketRows) -> None:
    """Names and addresses come from outside."""
    rows.event(is_priced=False)
    facts = replace(
        FACTS,
        name=HOSTILE,
        venue=Venue(name=HOSTILE, time_zone="../../etc/passwd"),
        local_date=HOSTILE,
        local_time=None,
        on_sale_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        presales=(Presale(name=HOSTILE),) * 9,
        url="javascript:alert(1)",
    )
    rows.snapshot(HOSTILE, facts=facts, lowest="5", currency=None)
    rows.change(1, "name_changed", new_value=HOSTILE, source=HOSTILE)
    shown = await page(kept, f"/events/{EVENT}")
    answer = await ask(kept, "GET", f"events/{EVENT}/markets")

    assert shown.status == 200
    assert "<img" not in shown.html and "javascript:" not in shown.html
    assert "\u202e" not in shown.html
    assert "5 in a currency that is not said" in shown.words
    assert answer.body["markets"][0]["url"] is None


async def test_programs_are_told_the_same(kept: Site, rows: MarketRows) -> None:
    """What is not spoken of is left out, none is null, and members are named."""
    an_event_of_sums(rows)
    answer = await ask(kept, "GET", f"events/{EVENT}/markets")
    assert answer.status == 200, answer.body
    own, other = answer.body["markets"]

    assert answer.body["members"] == [EVENT, "seatgeek-7"]
    assert (float(own["lowest"]), own["highest"], own["basis"]) == (49.5, None, "face_value")
    assert not own.keys() & {"median", "average", "listing_count", "availability"}
    assert (other["event_id"], other["listing_count"]) == ("seatgeek-7", 412)
    assert (await ask(kept, "GET", "events/nobody/markets")).status == 404


async def test_lists_go_on_where_they_ended(kept: Site, rows: MarketRows) -> None:
    """Snapshots and changes, those of one moment included; another's cursor is refused."""
    rows.event(is_priced=False)
    for number in range(5):
        at = NOW - timedelta(minutes=number // 2)
        rows.snapshot("ticketmaster", observed_at=at, lowest=str(number), currency="USD")
        rows.change(number, "few_left", at=at)
    for path, name in (("markets/history", "snapshots"), ("changes", "changes")):
        found: list[object] = []
        following = ""
        while following is not None:
            after = f"&after={quote(following)}" if following else ""
            part = (await ask(kept, "GET", f"events/{EVENT}/{path}?limit=2{after}")).body
            found += part[name]
            following = part["next"]
        whole = (await ask(kept, "GET", f"events/{EVENT}/{path}")).body[name]

        assert found == whole and len(whole) == 5
        refused = await ask(kept, "GET", f"events/{EVENT}/{path}?after=WyJ4Il0")
        assert refused.status == 400
    only = await ask(kept, "GET", f"events/{EVENT}/markets/history?source=nobody")
    assert only.body["snapshots"] == []
