"""A folder of feeds as sources: their keys, and what keeps a worker from starting."""

from pathlib import Path

import pytest

from conscope_app.core.printable import Mask
from conscope_app.polled_sources import recorder_of, sources_of
from conscope_app.secrecy import mask_of
from conscope_app.settings import Settings
from conscope_app.sources.configured import BadSource
from conscope_app.sources.configured_feeds import configured_feeds
from tests.sources.feeds.documented import FILES

KEY = "a-secret-of-many-letters"


def folder_of(tmp_path: Path, **files: str) -> Path:
    """A folder with these feeds."""
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_each_file_is_a_source_with_its_key(tmp_path: Path) -> None:
    """From the environment or from a file, and none where none is asked for."""
    folder = folder_of(tmp_path, **FILES)
    (folder / "fares-key").write_text(KEY)
    sources = configured_feeds(folder, {"COINS_KEY": "k-of-coins"})

    assert {each.name: (each.key, each.private) for each in sources} == {
        "coins": ("k-of-coins", False),
        "flights": (KEY, False),
        "shop": (None, False),
    }
    assert KEY not in repr(sources)


def test_a_feed_on_our_own_network_is_asked_where_it_says_so(tmp_path: Path) -> None:
    """It is nobody's stand-in: its file says whose it is."""
    text = "name: ours\nurl: http://127.0.0.1:8/x\nprivate: true\nfields: {event_id: a, price: b}"
    (source,) = configured_feeds(folder_of(tmp_path, ours=text), {})

    assert (source.name, source.url, source.private) == ("ours", "http://127.0.0.1:8", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("name: c", "f.yaml, line 1: Object missing", id="no feed"),
        pytest.param(FILES["coins"], "no key in the environment's COINS_KEY", id="no key"),
        *(
            pytest.param(
                FILES["shop"].replace("name: shop", f"name: {taken}"),
                "f.yaml, line 1: name: another source has it",
                id=taken,
            )
            for taken in ("seatgeek", "simulated-ticketmaster", "mock")
        ),
    ],
)
def test_what_cannot_be_polled_is_said(tmp_path: Path, text: str, message: str) -> None:
    """With the file and its line; a vendor's name is taken whether or not it is polled."""
    with pytest.raises(BadSource, match=message):
        configured_feeds(folder_of(tmp_path, f=text), {})


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A worker that polls nothing by mistake would look like a quiet market."""
    with pytest.raises(BadSource, match="No such file"):
        configured_feeds(tmp_path / "none", {})


def test_feeds_are_polled_beside_vendors_and_recorded_without_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No log shows a feed's key either."""
    monkeypatch.setenv("COINS_KEY", KEY)
    settings = Settings(
        sources=("seatgeek",),
        seatgeek_client_id="another-secret",  # type: ignore[arg-type]  # pydantic converts it
        feeds_dir=folder_of(tmp_path, coins=FILES["coins"]),
        recordings_dir=tmp_path / "recordings",
    )
    sources = sources_of(settings)
    mask: Mask = mask_of(settings)

    assert [each.name for each in sources] == ["seatgeek", "coins"]
    assert KEY not in mask(f"it is {KEY}")
    assert recorder_of(settings, sources) is not None
    assert recorder_of(Settings(), sources) is None
