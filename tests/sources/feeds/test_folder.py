"""A folder of feeds."""

from pathlib import Path

import pytest

from conscope_app.sources.feeds.folder import BadFeeds, read_feeds
from tests.sources.feeds.documented import FILES


def test_every_file_is_a_feed(tmp_path: Path) -> None:
    """In the order of the files' names; others are left alone."""
    for name, ending in (("coins", "yaml"), ("flights", "yml")):
        (tmp_path / f"{name}.{ending}").write_text(FILES[name])
    (tmp_path / "coins-key").write_text("x")

    assert [feed.name for feed in read_feeds(tmp_path)] == ["coins", "flights"]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Names that two have, or a vendor has, too."""
    for name, text in {
        "a.yaml": FILES["coins"],
        "b.yaml": FILES["coins"],
        "c.yaml": "name: c",
        "d.yaml": FILES["shop"],
    }.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(BadFeeds) as raised:
        read_feeds(tmp_path, taken=["shop"])

    assert str(raised.value).splitlines() == [
        "b.yaml, line 1: name: another source has it",
        "c.yaml, line 1: Object missing required field `url`",
        "d.yaml, line 1: name: another source has it",
    ]
