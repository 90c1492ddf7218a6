"""Which sources can be polled as they are set; the message says what is wrong, and never a key."""

import pytest

from conscope_app.sources.adapter import Adapter
from conscope_app.sources.configured import BadSource, ConfiguredSource, configured
from tests.sources.polling.adapters import SmallAdapter

KEY = "a-secret-of-many-letters"


def open_small(name: str) -> Adapter:
    """Knows one."""
    if name != "small":
        raise LookupError(f"there is no source {name!r}")
    return SmallAdapter()


def set_to(url: str | None = None, key: str | None = KEY, name: str = "small") -> ConfiguredSource:
    """What is polled where these are set."""
    (found,) = configured((name,), {name: key}, {name: url}, open_named=open_small)
    return found


def test_a_source_is_asked_at_its_own_address() -> None:
    """Which is of the public internet."""
    source = set_to()

    assert (source.name, source.url, source.private) == ("small", SmallAdapter.base_url, False)


def test_a_stand_in_on_this_machine_is_asked_instead() -> None:
    """And may be private."""
    source = set_to("http://127.0.0.1:4711/v2")

    assert (source.url, source.private) == ("http://127.0.0.1:4711/v2", True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "https://elsewhere.example"}, "on this machine", id="elsewhere"),
        pytest.param({"url": "http://10.0.0.7"}, "on this machine", id="our own network"),
        pytest.param({"url": "http://localhost.evil.example"}, "on this machine", id="looks like"),
        pytest.param({"key": None}, "needs a key", id="no key"),
        pytest.param({"name": "large"}, "no source 'large'", id="unknown"),
    ],
)
def test_what_cannot_be_polled_is_said(options: dict[str, str | None], message: str) -> None:
    """In a sentence, without the key."""
    with pytest.raises(BadSource, match=message) as caught:
        set_to(**options)  # type: ignore[arg-type]

    assert KEY not in str(caught.value)


def test_the_key_is_not_shown() -> None:
    """Two keys can be told apart all the same."""
    source = set_to()

    assert KEY not in repr(source)
    assert source.fingerprint != set_to(key="another-secret").fingerprint
    assert KEY not in source.fingerprint
