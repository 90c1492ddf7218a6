"""ETags: who has an answer already is not sent it again."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from aiohttp import ClientSession

from conscope_app import app
from tests.web.reports import NOW
from tests.web.site import Site
from web.etags import tag_of

JSON = "application/json"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param({"as_of": 1, "a": 1}, {"as_of": 2, "a": 1}, True, id="the moment alone"),
        pytest.param({"as_of": 1, "a": 1}, {"as_of": 1, "a": 2}, False, id="something else"),
        pytest.param({"as_of": 1, "a": 1}, {"as_of": 1, "b": 1}, False, id="another name"),
        pytest.param({"a": {"as_of": 1}}, {"a": {"as_of": 2}}, False, id="a moment of a part"),
        pytest.param([{"as_of": 1}], [{"as_of": 2}], False, id="no object"),
        pytest.param({"a": '"as_of":1'}, {"a": '"as_of":2'}, False, id="words"),
    ],
)
def test_an_etag_stands_for_the_content(one: object, other: object, is_same: bool) -> None:
    """But for the moment at which it was put together."""
    tags = [tag_of(msgspec.json.encode(each), JSON) for each in (one, other)]

    assert (tags[0] == tags[1]) is is_same
    assert tags[0].startswith('W/"') is (isinstance(one, dict) and "as_of" in one)


def test_what_is_no_json_is_taken_as_it_is() -> None:
    """A table for a spreadsheet, or nothing."""
    assert tag_of(b'{"as_of":1', "text/csv") != tag_of(b'{"as_of":2', "text/csv")
    assert tag_of(b"", JSON).startswith('"')


@pytest.mark.asyncio(loop_scope="session")
async def test_what_has_not_changed_is_not_sent_again(site: Site) -> None:
    """304 with the ETag and no body, until something changes; time that passes is no change."""
    async with ClientSession(site.url) as client:
        async with client.get("/api/v1/alerts") as first:
            tag = first.headers["ETag"]
            assert first.headers["Cache-Control"] == "private, no-cache"
        app.services = replace(app.services, clock=lambda: NOW + timedelta(seconds=1))
        for shown in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
            async with client.get("/api/v1/alerts", headers={"If-None-Match": shown}) as again:
                assert (again.status, again.headers["ETag"]) == (304, tag)
                assert again.headers["Cache-Control"] == "private, no-cache"
                assert await again.read() == b""
        for shown in ('"x"', "x", "", tag[:-3]):
            async with client.get("/api/v1/alerts", headers={"If-None-Match": shown}) as other:
                assert other.status == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_what_changed_is_sent(site: Site) -> None:
    """With another ETag."""
    async with ClientSession(site.url) as client:
        async with client.get("/api/v1/stats") as first:
            tag = first.headers["ETag"]
        site.show(records_per_s=7.5)
        async with client.get("/api/v1/stats", headers={"If-None-Match": tag}) as changed:
            assert changed.status == 200
            assert changed.headers["ETag"] != tag


@pytest.mark.asyncio(loop_scope="session")
async def test_a_refusal_has_no_etag(site: Site) -> None:
    """Nor is it kept; whatever was shown."""
    async with (
        ClientSession(site.url) as client,
        client.get("/api/v1/watches", headers={"If-None-Match": "*"}) as answer,
    ):
        assert answer.status == 503
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
