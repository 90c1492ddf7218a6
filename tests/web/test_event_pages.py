"""The page of an event, on a real Postgres."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from tests.store.market.event.market_rows import EVENT, MarketRows, a_hall
from tests.web.api import ask
from tests.web.event_pages import MOCK_EVENT, a_mock_market, market_rows, page
from tests.web.reports import NOW
from tests.web.site import AWAY, Site
from web.event import PIECES, event_panels

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

SEATS = re.compile(r'<table role="table" class="seats .*?</table>', re.DOTALL)


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


async def test_an_event_shows_what_it_costs(kept: Site, rows: MarketRows) -> None:
    """What a person needs who has never seen it: cheapest seats together, the trend, a watch."""
    a_hall(rows)
    series = rows.series()
    rows.span(series, 15, NOW - timedelta(hours=2), drops=4)
    rows.span(series, 1_440, NOW.replace(hour=0, minute=0, second=0))
    shown = await page(kept, f"/events/{EVENT}")

    assert shown.status == 200
    assert "Radiohead Madison Square Garden · 15 May 2026, 19:00 UTC · in 75 days" in shown.words
    assert "It is getting cheaper The lowest price is 36.0 % under that of a day ago" in shown.words
    assert "Lowest now $80.00" in shown.words
    assert "Change in 24 h −36.0 % lowest then $125.00" in shown.words
    assert "Seats on sale 6" in shown.words
    assert "Drops in 24 h 4" in shown.words
    assert "Two together $90.00 each −14.6 % since first seen 102 Row B, seats 5, 6" in shown.words
    assert "Three together $110.00 each" in shown.words
    assert "Four together None on sale now." in shown.words
    assert "Simulated data in part" in shown.words
    assert "seatgeek now" in shown.words
    assert "mock-simulated 5 min ago" in shown.words
    assert "Sun 1 Mar $100.00 $140.50 2" in shown.words
    assert f'data-src="/api/v1/events/{EVENT}/prices" data-currency="USD"' in shown.html
    assert 'href="/events/evt-1?currency=EUR"' in shown.html
    missing = [name for name in PIECES if f'data-panel="{name}"' not in shown.html]
    assert missing == ["market_days", "seatless"]  # no source speaks of it as a whole


async def test_its_link_begins_a_watch_of_the_pair(kept: Site, rows: MarketRows) -> None:
    """The form holds the event, two together, and a target under what they cost now."""
    a_hall(rows)
    shown = await page(kept, f"/events/{EVENT}")
    (link,) = re.findall(r'href="(/watches/new\?[^"]*together=2[^"]*)"', shown.html)
    form = await page(kept, unescape(link))
    (text,) = re.findall(r'<textarea id="definition".*?>(.*?)</textarea>', form.html, re.DOTALL)
    made = await ask(kept, "PUT", "watches/radiohead-2-together", unescape(text).encode())
    again = await page(kept, f"/events/{EVENT}")

    assert made.status == 201
    assert made.body["watch"]["what"]["subjects"] == [EVENT]
    assert made.body["watch"]["what"]["together"] == 2
    assert made.body["watch"]["when"]["target"] == {"at_most": 85}
    assert made.body["watch"]["when"]["basis"] == "listed"
    assert "Radiohead, 2 together at most $85.00 2 together · default" in again.words


async def test_seats_are_filtered_by_the_query(kept: Site, rows: MarketRows) -> None:
    """The form says what is shown, files hold the same; what is filtered is not replaced live."""
    a_hall(rows)
    shown = await page(kept, f"/events/{EVENT}?section=Floor&at_most=105&source=&sort=-price")
    gone = await page(kept, f"/events/{EVENT}?state=gone")
    nothing = await page(kept, f"/events/{EVENT}?section=None")
    (table,) = re.findall(SEATS, shown.html)

    assert "Row 3, seat 9" in table
    assert "seat 7-8" not in table
    assert "seat 1 " not in table
    assert '<option value="Floor" selected>' in shown.html
    assert (
        'name="at_most" inputmode="decimal" size="8" autocomplete="off" value="105"' in shown.html
    )
    assert 'data-panel="seats"' not in shown.html
    assert (
        "seats.csv?currency=USD&amp;state=on_sale&amp;section=Floor&amp;at_most=105&amp;sort=-price"
        in shown.html
    )
    assert "Sold or withdrawn" in gone.words
    assert "No seat is as asked for." in nothing.words


async def test_many_seats_come_in_pages(
    kept: Site, rows: MarketRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link goes on with the same filter."""
    a_hall(rows)
    monkeypatch.setattr("web.event_view.SEATS_SHOWN", 4)
    first = await page(kept, f"/events/{EVENT}?at_most=105")
    (link,) = re.findall(r'rel="next" href="([^"#]*)#seats"', first.html)
    second = await page(kept, unescape(link))
    (table,) = re.findall(SEATS, second.html)

    assert "at_most=105" in link
    assert table.count("<tr role") == 2
    assert 'rel="next"' not in second.html


async def test_an_event_of_which_nothing_is_known_yet_has_its_page(
    kept: Site, rows: MarketRows
) -> None:
    """Every piece says why it is empty; so does one in a currency that nothing is sold in."""
    rows.event(event_date=None)
    new = await page(kept, f"/events/{EVENT}")
    a_hall_in_usd = await page(kept, f"/events/{EVENT}?currency=CHF")

    assert new.status == 200
    assert "It cannot be told yet whether it gets cheaper." in new.words
    assert "No source has spoken of it yet" in new.words
    assert "Nothing is on sale." in new.words
    assert "No seat is on sale in USD now." in new.words
    assert "No seat is on sale in CHF now." in a_hall_in_usd.words


async def test_a_mock_event_looks_like_one(kept: Site, rows: MarketRows) -> None:
    """The simulated market fills every piece, and its page is no larger than it need be."""
    a_mock_market(rows)
    shown = await page(kept, f"/events/{MOCK_EVENT}")

    assert shown.words.count("None on sale now.") <= 2
    assert "Two together $" in shown.words
    assert "Upper 302" in shown.words
    assert 60 < len(re.findall(r'class="heat-\d"', shown.html)) < 100
    assert len(shown.html) < 120_000


async def test_while_the_database_is_away_the_page_says_so(site: Site) -> None:
    """503, without the password."""
    site.use_database(AWAY.replace("conscope@", "conscope:sesam@"))
    shown = await page(site, f"/events/{EVENT}")

    assert shown.status == 503
    assert "127.0.0.1:1/none does not answer" in shown.words
    assert "sesam" not in shown.html


async def test_its_pieces_are_those_of_its_stream(kept: Site, rows: MarketRows) -> None:
    """Whoever watches the page is sent what a new visit would show."""
    a_hall(rows)
    shown = await page(kept, f"/events/{EVENT}?currency=EUR")
    panels = await event_panels(EVENT, "EUR")

    assert list(panels) == [*PIECES]
    missing = [name for name, html in panels.items() if html not in shown.html]
    assert missing == ["market_days", "seatless"]  # no source speaks of it as a whole


async def test_a_database_that_is_slow_is_not_waited_for(kept: Site, rows: MarketRows) -> None:
    """503 in place of a page that hangs."""
    a_hall(rows)
    rows.tables.run("BEGIN")
    rows.tables.run("LOCK TABLE seats IN ACCESS EXCLUSIVE MODE")
    try:
        shown, answer = await asyncio.gather(
            page(kept, f"/events/{EVENT}"), ask(kept, "GET", f"events/{EVENT}/seats")
        )
    finally:
        rows.tables.run("ROLLBACK")

    assert (shown.status, answer.status) == (503, 503)
    assert "Not read within 2 s" in shown.words
    assert answer.body["detail"] == "Not read within 2 s."
