"""The overview and `/api/v1/events`, on a real Postgres."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.store.market.listed import Listed, listing
from tests.web.api import ask, read_exactly
from tests.web.reports import NOW, a_view
from tests.web.rows import Rows
from tests.web.site import AWAY, Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = "<img src=x onerror=alert(1)>\"' \u202eevil\u0007 /%2e%00🎸"


@pytest.fixture
def listed(site: Site, rows: Rows, database_url: str) -> Iterator[Listed]:
    """The pages read this database; the list is empty at first."""
    site.use_database(database_url)
    with listing(database_url) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def client(site: Site) -> AsyncIterator[ClientSession]:
    """A browser's stand-in."""
    async with ClientSession(site.url) as session:
        yield session


async def read(client: ClientSession, query: str = "", **headers: str) -> str:
    """The page, or what htmx is answered."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(f"/{query}", headers=sent) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        return await answer.text()


async def test_a_line_shows_all_that_is_known(listed: Listed, client: ClientSession) -> None:
    """Price, change, seats, freshness, the day as a line with words, and where to go from it."""
    listed.line("a/b c", event_name="Radiohead", event_date="2026-12-24T20:00:00Z")
    listed.line("a/b c", currency="EUR", lowest=None, change_ratio=None)
    listed.hours("a/b c", ["100.00", "95.50", "90.00"])

    page = await read(client, "?currency=USD")

    for shown in (
        'href="/events/a%2Fb%20c?currency=USD"',
        "Madison Square Garden · 2026-12-24 20:00",
        "<b>$90.00</b>",
        "−10.0 %",
        "8 on sale of 10 that were seen",
        ">12 s ago<",
        ">2 min ago<",
        "Lowest by the hour: $100.00 at 12:00 UTC, $90.00 last, between $90.00 and $100.00",
        ">simulated<",
        "In USD; also sold in EUR",
    ):
        assert shown in page
    other = await read(client, "?currency=EUR")
    assert "unknown: no seat is on sale" in other
    assert "unknown: nothing is known of a day ago" in other


async def test_what_was_not_seen_for_long_is_stale(listed: Listed, client: ClientSession) -> None:
    """Visibly so, and only that."""
    listed.line("fresh", last_seen_at=NOW - timedelta(minutes=5))
    assert ">stale<" not in await read(client)
    listed.line("old", last_seen_at=NOW - timedelta(minutes=5, seconds=1))

    assert (await read(client, "?sort=last_seen")).count(">stale<") == 1


async def test_an_event_of_sums_is_no_event_of_listings(
    listed: Listed, client: ClientSession, site: Site
) -> None:
    """Its price with what it holds, its tag, its source; seen an hour ago it is not stale."""
    listed.sums("sums", lowest="49.50", status="cancelled", basis="face_value")
    listed.sums("none", currency="", lowest=None, status="on_sale", basis=None)
    page = await read(client, "?sort=lowest")
    answer = await ask(site, "GET", "events?sort=lowest")

    assert "<b>$49.50</b><small>face value</small>" in page
    assert '<span class="state bad">cancelled</span>' in page
    assert page.count("<small>sums only</small>") == 2
    assert "as ticketmaster says" in page
    assert "unknown: its sources name no price" in page
    assert ">1 h ago<" in page and ">stale<" not in page
    assert 'href="/events/none"' in page
    first, second = answer.body["events"]
    assert first["said"]["status"] == "cancelled"
    assert (second["currency"], second["lowest"], second["currencies"]) == (None, None, [])


async def test_an_event_under_several_ids_is_one_line(
    listed: Listed, client: ClientSession, site: Site
) -> None:
    """It names its sources, says whose seats these are, leads to its page, and counts once."""
    listed.line("a", group_id="a")
    listed.line("b", group_id="a", event_name="Radiohead live", venue="MSG", seats_on_sale=5)
    of_both = {"sources": ["one", "two"], "other_names": "Radiohead live", "other_venues": "MSG"}
    listed.line("a", key="a group", group_id="a", members=["a", "b"], **of_both, lowest="70.00")
    listed.line("other", event_name="Other")

    page = await read(client, "?search=live&venue=msg")
    answer = await ask(site, "GET", "events")
    other = await read(client, "?search=other")

    assert page.count('href="/events/a?currency=USD"') == 1
    assert 'href="/events/b' not in page
    for shown in (
        "1 line</span>",
        ">One event at one, two</small>",
        "<b>$70.00</b>",
        "8 on sale of 10 that were seen, where most are on sale",
        "the seats of the one with most, since two may offer the same.",
    ):
        assert shown in page
        assert shown in ("1 line</span>",) or shown not in other
    assert sorted(each["members"] for each in answer.body["events"]) == [["a", "b"], ["other"]]
    assert answer.body["total"] == 2


async def test_the_form_says_what_was_asked(listed: Listed, client: ClientSession) -> None:
    """Without JavaScript: fields as they were, what is amiss beside them, the list nevertheless."""
    listed.line("a")

    page = await read(client, "?search=radio&price_from=cheap&date_to=never&sort=name&dropping=1")

    assert 'name="search" type="search" value="radio"' in page
    assert 'name="price_from" type="text" value="cheap"' in page
    assert '<span class="amiss" id="amiss-price_from" aria-live="polite">is not an amount' in page
    assert '<span class="amiss" id="amiss-date_to" aria-live="polite">is not a day' in page
    assert '<option value="name" selected>' in page
    assert 'value="true" checked' in page
    assert "<details open>" in page
    assert 'aria-sort="ascending"' in page
    assert ">Radiohead</a>" in page


async def test_links_lead_through_the_whole_list_and_keep_the_filters(
    listed: Listed, client: ClientSession
) -> None:
    """Each line once, as a person follows `Next`."""
    for number in range(70):
        listed.line(f"evt-{number}", event_name=f"Band {number:02}", lowest=number % 3 or None)

    address, names, pages = "?search=band&sort=lowest&order=asc", [], 0
    while address and pages < 5:
        page = unescape(await read(client, address))
        names += [f"Band {number:02}" for number in range(70) if f">Band {number:02}<" in page]
        address = page.split('rel="next" href="/')[1].split('"')[0] if 'rel="next"' in page else ""
        assert not address or "search=band&sort=lowest&after=" in address
        pages += 1

    assert pages == 3
    assert sorted(names) == [f"Band {number:02}" for number in range(70)]


async def test_htmx_is_answered_the_list_alone(listed: Listed, client: ClientSession) -> None:
    """Who asks anew gets what changes in the form and an address; who asks again, neither."""
    listed.line("a")
    address = "/?search=radio&sort=name&order=&limit=&price_to=x"

    async with client.get(address, headers={"HX-Request": "true"}) as answer:
        asked, pushed = await answer.text(), answer.headers["HX-Push-Url"]
    refresh = {"HX-Request": "true", "HX-Trigger": "events"}
    async with client.get(address, headers=refresh) as answer:
        again = await answer.text()
        assert "HX-Push-Url" not in answer.headers
    back = await read(client, address[1:], HX_Request="true", HX_History_Restore_Request="true")

    assert pushed == "/?search=radio&price_to=x&sort=name"
    for text in (asked, again):
        assert ">Radiohead</a>" in text
        assert "<html" not in text
    assert 'id="amiss-price_to" aria-live="polite" hx-swap-oob="true">is not an amount' in asked
    assert 'id="sorting" hx-swap-oob="true"' in asked
    assert "hx-swap-oob" not in again
    assert back.startswith("<!doctype html>")


async def test_without_events_the_page_says_how_to_begin(
    site: Site, listed: Listed, client: ClientSession
) -> None:
    """And another thing while prices are read that are not rolled up yet."""
    assert "Prices are being read. The list appears" in await read(client)

    site.show(partitions=[], workers=[], records_per_s=None)

    page = await read(client)
    assert "There are no events yet" in page
    assert "faust -A conscope_app produce mock" in page
    assert 'id="find"' in page


async def test_filters_that_nothing_meets_can_be_cleared(
    listed: Listed, client: ClientSession
) -> None:
    """With a link."""
    listed.line("a")

    page = await read(client, "?search=nobody")

    assert "No event meets these filters." in page
    assert 'href="/" hx-get="/"' in page


async def test_a_list_that_does_not_follow_the_prices_says_so(
    site: Site, listed: Listed, client: ClientSession
) -> None:
    """Only while prices come: without them there is nothing to follow."""
    listed.line("a", refreshed_at=NOW - timedelta(minutes=3))

    assert "It was brought up to date last 3 min ago" in await read(client)
    site.show(records_per_s=0.0)
    assert "The list is behind" not in await read(client)


async def test_while_the_database_is_away_the_rest_is_there(
    site: Site, client: ClientSession
) -> None:
    """The cards come from Kafka; the list says why it is missing, and so does the API."""
    site.use_database(AWAY)

    page = await read(client, "?search=x")
    answer = await ask(site, "GET", "events")

    assert '<p class="hero">800</p>' in page
    assert "The list cannot be read" in page
    assert "127.0.0.1:1/none does not answer" in page
    assert 'value="x"' in page
    assert answer.status == 503
    assert "127.0.0.1:1/none does not answer" in answer.body["detail"]


async def test_what_is_wrong_leads_to_operations(site: Site, client: ClientSession) -> None:
    """One line; none while all is well or merely under way."""
    site.show(partitions=a_view().partitions[1:])

    assert "2 things need attention" in await read(client)  # a partition, and the database


async def test_the_drops_lead_to_their_events(
    rows: Rows, listed: Listed, client: ClientSession
) -> None:
    """The newest first, under ids of any kind."""
    rows.alert(1, event_id="a/b?c", event_name="First")
    rows.alert(2, event_name="Second")

    page = await read(client)

    assert 'href="/events/a%2Fb%3Fc?currency=USD"' in page
    assert page.index(">Second</a>") < page.index(">First</a>")
    assert "−12.5 %" in page


async def test_hostile_names_come_out_as_text(
    rows: Rows, listed: Listed, client: ClientSession
) -> None:
    """Events are other people's words, and so are addresses."""
    fields = {"event_name": HOSTILE, "venue": HOSTILE, "event_date": HOSTILE}
    listed.line(HOSTILE, sources=[HOSTILE], **fields)
    rows.alert(1, event_id=HOSTILE, event_name=HOSTILE, venue=HOSTILE, section=HOSTILE)

    page = await read(client, f"?venue={quote(HOSTILE)}&after={quote(HOSTILE)}")

    assert "<img" not in page
    assert "\u202e" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&#34;&#39; \\u202eevil") >= 6
    assert f'href="/events/{quote(HOSTILE, safe="")}?currency=USD"' in page


@pytest.mark.parametrize(
    "query",
    [
        "search=%00",
        "search=%ff%fe",
        "search=%ED%A0%80a",
        "search=%27%22%5C%3A%2A%26%7C%21%28a",
        "source=%00&venue=%00",
        "after=%00",
        "after=W10",
        "sort=%00&order=%00",
        "price_from=1e999999999",
        "date_from=0000-00-00",
        "search=" + "a" * 4_000,
    ],
)
async def test_no_address_is_an_error_of_ours(
    site: Site, listed: Listed, client: ClientSession, query: str
) -> None:
    """A page with what is amiss beside it; a problem of the API's, or an answer."""
    listed.line("a")

    await read(client, f"?{query}")
    answer = await ask(site, "GET", f"events?{query}")

    assert answer.status in (200, 400)


async def test_the_api_tells_the_same_with_exact_amounts(site: Site, listed: Listed) -> None:
    """Numbers, with every digit; goes on with `next` until there is none."""
    listed.line("a", lowest="90.10")
    listed.line("b", lowest="12.000000000000000001", event_date=None)
    listed.hours("b", ["13.5"])

    first = await ask(site, "GET", "events?sort=lowest&limit=1")
    rest = await ask(site, "GET", f"events?sort=lowest&limit=1&after={first.body['next']}")

    (line,) = (await read_exactly(site, "events?sort=lowest&limit=1"))["events"]
    assert line == {
        "event_id": "b",
        "currency": "USD",
        "event_name": "Radiohead",
        "venue": "Madison Square Garden",
        "event_date": None,
        "sources": ["simulated-mock"],
        "seats_seen": 10,
        "seats_on_sale": 8,
        "lowest": Decimal("12.000000000000000001"),
        "median": 120,
        "highest": 400,
        "lowest_day_ago": 100,
        "change_ratio": Decimal("-0.1"),
        "drops": 3,
        "last_drop_at": "2026-03-01T14:01:22Z",
        "first_seen_at": "2026-02-27T14:03:22Z",
        "last_seen_at": "2026-03-01T14:03:10Z",
        "of_snapshots": False,
        "said": None,
        "members": ["b"],
        "currencies": ["USD"],
        "trend": [{"at": "2026-03-01T14:00:00Z", "lowest": Decimal("13.5")}],
    }
    about: dict[str, Any] = {"total": 2, "is_total_exact": True}
    about["refreshed_at"] = "2026-03-01T14:03:21Z"
    assert {name: first.body[name] for name in about} == about
    assert [each["event_id"] for each in rest.body["events"]] == ["a"]
    assert rest.body["next"] is None


async def test_the_api_refuses_what_it_cannot_take_by_its_field(site: Site, listed: Listed) -> None:
    """All of it at once."""
    answer = await ask(site, "GET", "events?price_to=x&sort=id&after=x&limit=0")

    assert answer.status == 400
    assert answer.problems.keys() == {"price_to", "sort", "after", "limit"}
    assert answer.problems["price_to"] == "is not an amount, such as 12.50"
