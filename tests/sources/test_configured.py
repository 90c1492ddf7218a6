"""Which sources can be polled as they are set; the message says what is wrong, and never a key."""

from typing import get_args

import pytest

from conscope_app.settings import Settings, Vendor
from conscope_app.sources.adapter import Adapter
from conscope_app.sources.configured import BadSource, ConfiguredSource, configured
from conscope_app.sources.registry import ADAPTERS
from tests.sources.polling.adapters import SmallAdapter
from web.figures import says_simulated

KEY = "a-secret-of-many-letters"


def open_small(name: str) -> Adapter:
    """Knows one, and the one for its stand-in."""
    if name.removeprefix("simulated-") != "small":
        raise LookupError(f"there is no source {name!r}")
    return SmallAdapter(name=name)


def set_to(url: str | None = None, key: str | None = KEY, name: str = "small") -> ConfiguredSource:
    """What is polled where these are set."""
    (found,) = configured((name,), {name: key}, {name: url}, open_named=open_small)
    return found


def test_a_source_is_asked_at_its_own_address() -> None:
    """Which is of the public internet."""
    source = set_to()

    assert (source.name, source.url, source.private) == ("small", SmallAdapter.base_url, False)


def test_a_stand_in_on_this_machine_is_asked_instead() -> None:
    """And may be private; its name says that nobody sells what it offers."""
    source = set_to("http://127.0.0.1:4711/v2")

    assert (source.url, source.private) == ("http://127.0.0.1:4711/v2", True)
    assert (source.name, says_simulated(source.name)) == ("simulated-small", True)


@pytest.mark.parametrize("vendor", sorted(ADAPTERS))
def test_what_a_stand_in_says_bears_its_name(vendor: str) -> None:
    """In the ids too, so that it is stored beside what the vendor says, and never as that."""
    url = "http://127.0.0.1:4711"
    (source,) = configured((vendor,), {vendor: KEY}, {vendor: url})
    (real,) = configured((vendor,), {vendor: KEY}, {})
    request = source.adapter.events([f"simulated-{vendor}-17"])

    assert (source.name, real.name) == (f"simulated-{vendor}", vendor)
    assert dict(request.query)["id"] == "17"
    assert says_simulated(source.name)
    assert not says_simulated(real.name)


def test_every_vendor_can_be_set() -> None:
    """What has an adapter can be named in the settings, with a key and a stand-in's address."""
    assert set(get_args(Vendor)) == set(ADAPTERS)
    assert set(Settings().source_keys) == set(Settings().source_urls) == set(ADAPTERS)


def test_nothing_else_than_a_stand_in_is_asked_elsewhere() -> None:
    """However it is made."""
    with pytest.raises(BadSource, match="a stand-in's"):
        ConfiguredSource(SmallAdapter(), "http://127.0.0.1:4711", KEY)


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
