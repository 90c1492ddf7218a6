"""What a feed asks: the first page, the next one, and where the key goes."""

from pathlib import Path

import pytest

from conscope_app.sources.adapter import Misread, Request
from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.file import feed_from
from conscope_app.sources.feeds.keys import NoKey, read_key
from tests.sources.feeds.documented import answered, feed, first

KEY = "k3y-that-nobody-knows"
BASE = """name: f
url: https://example.com/v1/list?lang=en
items: $.items[*]
fields: {event_id: id, price: price}
"""


def of(text: str) -> FeedAdapter:
    return feed_from(f"{BASE}{text}\n", "f.yaml")


def further(adapter: FeedAdapter, request: Request, body: dict[str, object]) -> Request | None:
    return adapter.read(request, answered({"items": [{"id": "a", "price": 1}], **body})).further


def test_the_address_and_the_query_are_asked_together() -> None:
    assert first(of("query: {limit: 50, open: true}")) == Request(
        "/v1/list", (("lang", "en"), ("limit", "50"), ("open", "true"))
    )


def test_single_events_cannot_be_asked_for() -> None:
    adapter = of("")

    assert adapter.most_events_per_request == 0
    with pytest.raises(ValueError, match="single events"):
        adapter.events(["a"])


@pytest.mark.parametrize(
    ("said", "query", "headers"),
    [
        pytest.param("query: token", (("lang", "en"), ("token", KEY)), (), id="a parameter"),
        pytest.param("header: X-Key", (("lang", "en"),), (("x-key", KEY),), id="a header"),
        pytest.param(
            "bearer: true", (("lang", "en"),), (("authorization", f"Bearer {KEY}"),), id="a bearer"
        ),
    ],
)
def test_the_key_goes_where_the_file_says(
    said: str, query: tuple[tuple[str, str], ...], headers: tuple[tuple[str, str], ...]
) -> None:
    adapter = of(f"key: {{variable: K, {said}}}")
    signed = adapter.signed(first(adapter), KEY)

    assert (signed.query, signed.headers) == (query, headers)
    assert adapter.signed(signed, KEY) == signed
    assert KEY not in repr(signed)


def test_the_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "k").write_text(f"{KEY}\n")
    in_variable, in_file = of("key: {variable: K, bearer: true}"), of("key: {file: k, query: k}")
    assert in_variable.key is not None
    assert in_file.key is not None

    assert read_key(in_variable.key, {"K": KEY}, tmp_path) == KEY
    assert read_key(in_file.key, {}, tmp_path) == KEY
    for environment in ({}, {"K": " "}, {"K": "a\nb: c"}):
        with pytest.raises(NoKey, match=r"(the environment's K|no key)"):
            read_key(in_variable.key, environment, tmp_path)
    with pytest.raises(NoKey, match="cannot be read"):
        read_key(in_file.key, {}, tmp_path / "elsewhere")


def test_pages_with_numbers() -> None:
    """Until a page has fewer items than a page has."""
    adapter = of("paging: {by: number, parameter: offset, first: 0, step: 1, size: 1}")
    second = further(adapter, first(adapter), {})
    assert second is not None

    assert first(adapter).query == (("lang", "en"), ("offset", "0"))
    assert (second.query, second.page) == ((("lang", "en"), ("offset", "1")), 2)
    assert further(adapter, second, {"items": []}) is None


def test_pages_with_a_cursor() -> None:
    """Until there is none, or the same again."""
    adapter = of("paging: {by: cursor, path: $.next, parameter: after}")
    second = further(adapter, first(adapter), {"next": 42})
    assert second is not None

    assert second.query == (("lang", "en"), ("after", "42"))
    assert further(adapter, second, {"next": 42}) is None
    assert further(adapter, second, {"next": None}) is None
    assert further(adapter, second, {"next": ""}) is None
    assert further(adapter, second, {}) is None


@pytest.mark.parametrize(
    ("link", "path", "query"),
    [
        pytest.param("https://example.com/v1/list?p=2", "/v1/list", (("p", "2"),), id="whole"),
        pytest.param("/v1/list?p=2&token=abc", "/v1/list", (("p", "2"),), id="with the key"),
        pytest.param("?p=2&q=a%20b", "/v1/list", (("p", "2"), ("q", "a b")), id="parameters"),
    ],
)
def test_pages_with_a_link(link: str, path: str, query: tuple[tuple[str, str], ...]) -> None:
    """The key that it repeats is not asked with twice."""
    adapter = of("paging: {by: link, path: $.links.next}\nkey: {variable: K, query: token}")
    second = further(adapter, first(adapter), {"links": {"next": link}})
    assert second is not None

    assert (second.path, second.query, second.page) == (path, query, 2)


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("https://elsewhere.example/v1", id="another host"),
        pytest.param("http://example.com/v1", id="without TLS"),
        pytest.param("https://example.com:8443/v1", id="another port"),
        pytest.param("//elsewhere.example/", id="a host alone"),
        pytest.param("https://[::1", id="no address"),
        pytest.param("/v1/li st", id="a blank"),
        pytest.param("/v1/\u20ac", id="another sign"),
        pytest.param(["a"], id="a list"),
        pytest.param("/" + "a" * 3_000, id="endless"),
        pytest.param("/?" + "&".join(f"a{n}=1" for n in range(200)), id="too many parameters"),
    ],
)
def test_links_that_are_not_followed(link: object) -> None:
    adapter = of("paging: {by: link, path: $.next}")

    with pytest.raises(Misread):
        further(adapter, first(adapter), {"next": link})


def test_a_cursor_that_no_address_can_hold_is_an_answer_of_another_shape() -> None:
    """JSON may write half a character; an address cannot."""
    adapter = of("paging: {by: cursor, path: $.next, parameter: after}")

    with pytest.raises(Misread, match="half a character"):
        further(adapter, first(adapter), {"next": "\ud800x"})


def test_paging_ends() -> None:
    """An interface that names a next page for ever is followed so far, and that is said."""
    adapter = of("paging: {by: cursor, path: $.next, parameter: after, most_pages: 3}")
    request: Request | None = first(adapter)
    asked = 0
    while request is not None:
        asked += 1
        body = answered({"items": [], "next": f"c{asked}"})
        read = adapter.read(request, body)
        request = read.further

    assert asked == 3
    assert read.refused == ((None, None, "page 4: most_pages ends before it"),)


def test_what_its_requests_have() -> None:
    """The names of its own parameters, for recordings: never the key's."""
    assert feed("flights").query_names == {"from", "to", "after"}
    assert of("key: {variable: K, query: token}").query_names == {"lang"}
