"""`/api/v1/alerts`, filtered and in pages, on a real Postgres."""

import pytest

from tests.web.api import ask
from tests.web.reports import NOW
from tests.web.rows import Rows
from tests.web.site import Site

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio(loop_scope="session")]


async def test_alerts_come_in_pages_by_what_is_asked(
    site: Site, rows: Rows, database_url: str
) -> None:
    """`next` goes on where a page ended, also the first one, which many share."""
    for offset in range(1, 7):
        rows.alert(offset, drop_percent=offset)
    site.use_database(database_url)
    seen = []
    for query in ("", "&percent=2"):
        path = f"alerts?limit=2{query}"
        answer = await ask(site, "GET", path)
        while True:
            seen.append([each["seat"] for each in answer.body["alerts"]])
            if answer.body["next"] is None:
                break
            answer = await ask(site, "GET", f"{path}&after={answer.body['next']}")

    assert seen == [["6", "5"], ["4", "3"], ["2", "1"], ["6", "5"], ["4", "3"], ["2"]]


async def test_an_alert_says_how_often_each_channel_was_tried(
    site: Site, rows: Rows, database_url: str
) -> None:
    """In the list and by itself; what was told first stands for all, as it always did."""
    rows.alert(1)
    rows.delivery(1, "dead", attempts=4, last_error="refused")
    rows.delivery(1, "sent", channel="email", attempts=1, message_id="77", sent_at=NOW)
    site.use_database(database_url)
    (listed,) = (await ask(site, "GET", "alerts?told=given_up")).body["alerts"]
    alone = (await ask(site, "GET", "alerts/raw_prices-0-1")).body

    assert alone == listed
    assert (alone["channel"], alone["delivery"]) == ("email", "sent")
    assert [(each["channel"], each["attempts"]) for each in alone["deliveries"]] == [
        ("email", 1),
        ("discord", 4),
    ]
    assert alone["deliveries"][0]["message"] == "77"
    assert alone["deliveries"][1]["last_error"] == "refused"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("alerts/raw_prices-0-9", 404),
        ("alerts/nothing", 404),
        ("alerts/%00", 400),
        ("alerts?told=maybe", 400),
        ("alerts?after=x", 400),
    ],
)
async def test_what_makes_no_sense_is_a_problem(
    site: Site, rows: Rows, database_url: str, path: str, status: int
) -> None:
    """As a problem that says which parameter."""
    site.use_database(database_url)

    assert (await ask(site, "GET", path)).status == status


async def test_while_the_database_is_away_a_filtered_list_says_so(site: Site) -> None:
    """As the one without a filter does: null, and the reason."""
    listed, alone = (
        await ask(site, "GET", "alerts?told=told"),
        await ask(site, "GET", "alerts/x-1-1"),
    )

    assert (listed.status, listed.body["alerts"]) == (200, None)
    assert "does not answer" in listed.body["alerts_missing"]
    assert alone.status == 503
