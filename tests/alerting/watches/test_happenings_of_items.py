"""Items vanish and come back."""

import pytest

from conscope_app.alerting.watches.happening import KEPT
from conscope_app.alerting.watches.validation import Invalid
from tests.alerting.watches.happenings_asked import asks, decided, each
from tests.alerting.watches.stories import Story


def test_an_item_vanishes_and_comes_back() -> None:
    story = Story().price(120).price(80, "B-1").wait(minutes=1).gone().gone("B-1").wait(minutes=1)
    report = story.price(110).run(each("vanished", "came_back"), days=0)

    assert decided(report) == ["raised vanished", "over vanished", "raised came_back"]
    assert [each.price for each in report.decisions] == [120, None, 110]
    assert {each.items for each in report.decisions if each.verdict == "raised"} == {("A-1",)}
    assert report.decisions[0].labels["row"] == "A"


def test_a_new_item_has_not_come_back() -> None:
    story = Story().gone("A-1").price(100)

    assert story.run(each("vanished", "came_back"), days=0).decisions == []


def test_what_was_gone_for_long_has_not_come_back() -> None:
    story = Story().price(100).gone().wait(seconds=KEPT.total_seconds() + 1).price(100)

    assert story.run(each("came_back"), days=0).decisions == []


def test_an_item_that_nobody_has_seen_for_long_has_not_vanished() -> None:
    """It is only forgotten."""
    story = Story().price(100).wait(days=95).price(100, "A-2")

    assert story.run(each("vanished"), days=0).decisions == []


def test_items_ask_for_each_item() -> None:
    with pytest.raises(Invalid, match="vanished is of each item"):
        asks("vanished")
