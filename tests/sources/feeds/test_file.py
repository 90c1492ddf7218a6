"""The YAML file of a feed: what is taken, and what is said of one that is not."""

import pytest

from conscope_app.sources.feeds.file import feed_from
from conscope_app.sources.feeds.problems import BadFeed

BASE = """name: coins
url: https://api.example.com/v1
fields:
  event_id: symbol
  price: last
"""


def problems(text: str) -> list[str]:
    """All that is wrong with a file."""
    with pytest.raises(BadFeed) as raised:
        feed_from(text, "f.yaml")
    return [str(problem) for problem in raised.value.problems]


def test_little_needs_to_be_said() -> None:
    """A name, an address, and where id and price are."""
    feed = feed_from(BASE, "f.yaml")

    assert (feed.name, feed.base_url, feed.every_s) == ("coins", "https://api.example.com", 60)
    assert feed.limits == (1.0, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: [", "line 1: this is no YAML", id="no YAML"),
        pytest.param("- a", "line 1: it must hold name, url and fields", id="a list"),
        pytest.param("", "line 1: it must hold", id="empty"),
        pytest.param(f"{BASE}name: b\n", "line 6: a name stands here twice", id="twice"),
        pytest.param(f"{BASE}evry: 1m\n", "line 6: evry: there is no such field", id="unknown"),
        pytest.param(f"{BASE}  pric: a\n", "fields.pric: there is no such field", id="below"),
        pytest.param(f"{BASE}every: 0s\n", "line 6: every: at least one second", id="too often"),
        pytest.param(f"{BASE}every: 30\n", "line 6: every: Expected `str`", id="quotes"),
        pytest.param(f"{BASE}every: soon\n", "line 6: every: ", id="no duration"),
        pytest.param(f"{BASE}items: $.a..b\n", "line 6: items: '$.a..b' is no path", id="items"),
        pytest.param(f"{BASE}only: {{'a..b': x}}\n", "line 6: only: ", id="a condition's path"),
        pytest.param(f"{BASE}total: '*'\n", "line 6: total: ", id="many totals"),
        pytest.param(f"{BASE}  row: {{}}\n", "line 6: fields.row: it takes one of", id="nothing"),
        pytest.param(
            f"{BASE}  row: {{path: a, constant: b}}\n",
            "line 6: fields.row: it takes one",
            id="both",
        ),
        pytest.param(
            f"{BASE}  row: {{template: 'a{{b'}}\n", "fields.row.template: a brace", id="a brace"
        ),
        pytest.param(
            f"{BASE}  fees: {{constant: 1.5}}\n", "write it in quotes", id="a number that is none"
        ),
        pytest.param(
            f"{BASE}query: {{token: 0123456789ab}}\n", "looks like a key", id="a key in the query"
        ),
        pytest.param(f"{BASE}key: {{variable: K}}\n", "it is sent as one of", id="key not sent"),
        pytest.param(f"{BASE}key: {{bearer: true}}\n", "it is found in one of", id="no key"),
        pytest.param(f"{BASE}paging: {{by: magic}}\n", "line 6: paging.by: ", id="no such paging"),
        pytest.param(
            f"{BASE}paging: {{by: link, path: 'a b'}}\n", "paging.path: 'a b' is no", id="its path"
        ),
    ],
)
def test_what_is_wrong_is_said_by_line_and_field(text: str, said: str) -> None:
    assert said in problems(text)[0]


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://example.com/", id="without TLS"),
        pytest.param("https://127.0.0.1/", id="this machine"),
        pytest.param("https://10.1.2.3:8443/x", id="a private network"),
        pytest.param("https://169.254.169.254/latest/meta-data", id="a cloud's own interface"),
        pytest.param("https://[::1]/", id="this machine, IPv6"),
        pytest.param("https://[::ffff:10.0.0.1]/", id="IPv4 within IPv6"),
        pytest.param("https://localhost/", id="by name"),
        pytest.param("https://metadata.google.internal/", id="by an inner name"),
        pytest.param("https://user:word@example.com/", id="a password"),
        pytest.param("https://example.com/?api_key=0123456789ab", id="a key"),
        pytest.param("https://example.com/#x", id="a fragment"),
        pytest.param("https://exa mple.com/", id="a blank"),
        pytest.param("https://[::1/", id="half a bracket"),
        pytest.param("https:///x", id="no host"),
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    """They are refused as the file is read."""
    (problem,) = problems(BASE.replace("https://api.example.com/v1", f"'{url}'"))

    assert problem.startswith("line 2: url: ")


def test_a_private_host_must_be_said_to_be_one() -> None:
    """Then it may also do without TLS."""
    text = BASE.replace("https://api.example.com", "http://192.168.1.7:8080")
    feed = feed_from(f"{text}private: true\n", "f.yaml")

    assert (feed.base_url, feed.private) == ("http://192.168.1.7:8080", True)


def test_what_is_no_key_may_stand_in_the_query() -> None:
    """By its name, or since it is too short."""
    query = "query: {token: ETH, sort_key: price_ascending, page_token: abcdefghijkl}"
    feed = feed_from(f"{BASE}{query}\n", "f.yaml")

    assert dict(feed.query).keys() == {"token", "sort_key", "page_token"}


def test_everything_is_said_at_once() -> None:
    """By line."""
    text = BASE.replace("symbol", "a..b").replace("last", "'{'") + "every: 0s\n"

    assert [problem.split(": ")[1] for problem in problems(text)] == [
        "fields.event_id",
        "fields.price",
        "every",
    ]


def test_aliases_without_end_are_an_error() -> None:
    """And no work without end."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
    )

    assert problems(f"{BASE}query: &q {{q: *q}}\n")
    assert problems(f"{bomb}{BASE}")
