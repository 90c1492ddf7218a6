"""The page of dead letters and its JSON: what they refuse, and what they say without Kafka."""

from typing import Any

import pytest
from aiohttp import ClientSession

from conscope_app import app
from conscope_app.kafka.brokers import Brokers
from tests.web.api import ask
from tests.web.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "ids", id="nothing named"),
        pytest.param({"ids": []}, "ids", id="none"),
        pytest.param({"ids": ["x"] * 101}, "ids", id="too many"),
        pytest.param({"ids": "raw_prices-0-1"}, "ids", id="no list"),
        pytest.param({"ids": ["raw_prices-0-1", 5]}, "ids[1]", id="a number"),
        pytest.param({"ids": ["raw_prices-800-1"]}, "ids[0]", id="a partition that is not"),
        pytest.param({"ids": ["raw_prices-1- 5"]}, "ids[0]", id="not as it is written"),
        pytest.param({"ids": ["\0'%-😀-\u202e"]}, "ids[0]", id="nonsense"),
        pytest.param({"ids": ["a-0-1"], "again": "yes"}, "again", id="again is no word"),
        pytest.param({"ids": ["a-0-1"], "all": True}, "all", id="a field that is not"),
    ],
)
async def test_what_is_to_be_replayed_has_to_be_named(
    site: Site, body: dict[str, Any], field: str
) -> None:
    """Nothing goes back by accident."""
    answer = await ask(site, "POST", "dead-letters/replay", body)

    assert answer.status == 422
    assert field in answer.problems


@pytest.mark.parametrize("query", ["after=nonsense", "after=%00", "after=e30", "after=WzEsMl0"])
async def test_a_cursor_of_nothing_is_refused(site: Site, query: str) -> None:
    """Before anything is looked at; by the page as well."""
    answer = await ask(site, "GET", f"dead-letters?{query}")
    assert answer.status == 400

    async with (
        ClientSession(site.url) as client,
        client.get(f"/operations/dead-letters?{query}") as page,
    ):
        assert page.status == 400


async def test_while_kafka_is_away_dead_letters_say_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence with its address, on the page and for programs, and no wait without an end."""
    away = {"brokers": Brokers.plain("127.0.0.1:1")}
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update=away))

    for method, path, body in (
        ("GET", "dead-letters", None),
        ("POST", "dead-letters/replay", {"ids": ["raw_prices-0-1"]}),
    ):
        answer = await ask(site, method, path, body)
        assert answer.status == 503
        assert "127.0.0.1:1" in answer.body["detail"]
        assert answer.headers["Retry-After"] == "5"
    async with (
        ClientSession(site.url) as client,
        client.get("/operations/dead-letters") as page,
    ):
        assert page.status == 503
        assert "127.0.0.1:1" in await page.text()
