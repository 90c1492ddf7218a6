"""How sure, and how often: an alert's life, told as stories."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerting.watches.stories import NOON, Story, a_watch, sent_at, sentences, told, verdicts

EACH = pytest.mark.parametrize("each", ["subject", "item"])


def raised(story: Story, **parts: Any) -> list[str]:
    return [prices for kind, prices in told(story.run(a_watch(**parts))) if kind == "raise"]


@EACH
def test_it_is_raised_edited_and_over(each: str) -> None:
    report = Story().prices(120, 100, 90, 95, 80, 130).run(a_watch(what={"each": each}))

    assert told(report) == [("raise", "100"), ("edit", "90"), ("edit", "80"), ("over", "80x")]
    assert len({episode for m in report.messages for episode in m.delivery.episodes}) == 1
    assert len({m.delivery.message for m in report.messages}) == 1


@EACH
def test_it_has_to_be_observed_so_often_in_a_row(each: str) -> None:
    story = Story().prices(90, 120, 90, 90, 120)
    report = story.run(a_watch(what={"each": each}, sure={"observations": 2}))

    assert told(report) == [("raise", "90"), ("over", "90x")]
    assert sent_at(report)[0] == "22 12:03:00"
    assert sentences(report)[0].startswith("held: not observed often enough yet")


def test_what_happens_elsewhere_is_no_second_look() -> None:
    """The best offer was seen once; that another seat costs 300 does not confirm it."""
    story = Story().price(90, "A-1").wait(minutes=1).price(300, "A-2").wait(minutes=1)

    assert raised(story, sure={"observations": 2}) == []
    assert raised(story.price(90, "A-1"), sure={"observations": 2}) == ["90"]


@EACH
def test_it_has_to_hold_for_a_time(each: str) -> None:
    """Time alone is enough: nothing else needs to be observed."""
    watch = a_watch(what={"each": each}, sure={"hold_s": 600})

    assert told(Story().prices(90, 120, minutes=9).run(watch)) == []
    assert sent_at(Story().price(90).run(watch)) == ["22 12:10:00"]


@EACH
def test_it_stays_raised_until_it_has_been_over_for_a_time(each: str) -> None:
    watch = a_watch(what={"each": each}, sure={"over_s": 600})

    assert told(Story().prices(90, 120, 90, minutes=9).run(watch)) == [("raise", "90")]
    assert sent_at(Story().prices(90, 120).run(watch)) == ["22 12:00:00", "22 12:11:00"]


@EACH
def test_a_ticket_listed_by_mistake_is_gone_at_the_next_look(each: str) -> None:
    """17 where 200 was usual: nobody hears of it, and it is no low that others are measured by."""
    story = Story().prices(*[200] * 6, 17, 200, 190)

    assert raised(story, what={"each": each}) == []
    assert raised(story, what={"each": each}, sure={"confirm_jumps": False}) == ["17"]
    assert raised(story, what={"each": each}, when={"low": {}}) == ["190"]
    assert "held: far from what was usual, to be seen a second time" in " ".join(
        sentences(story.run(a_watch(what={"each": each})))
    )


@EACH
def test_a_jump_that_is_seen_twice_is_told(each: str) -> None:
    story = Story().prices(*[200] * 6, 17, 17)

    assert raised(story, what={"each": each}) == ["17"]
    assert raised(story, what={"each": each}, when={"drop": {"percent": 50}}) == ["17"]


@EACH
def test_a_mistake_does_not_touch_what_is_raised(each: str) -> None:
    """Neither the edit to 5 nor the end at 900 is believed at once."""
    story = Story().prices(*[100] * 6, 5, 100, 900, 100)

    assert told(story.run(a_watch(what={"each": each}))) == [("raise", "100")]


@EACH
@pytest.mark.parametrize(
    ("rearm", "expected"),
    [
        pytest.param({}, ["90", "95", "80", "80"], id="at once"),
        pytest.param({"once": True}, ["90"], id="once"),
        pytest.param({"after_minutes": 4}, ["90", "80"], id="after some minutes"),
        pytest.param({"further_drop_percent": 10}, ["90", "80"], id="on a further drop"),
        pytest.param(
            {"after_minutes": 1_000, "further_drop_percent": 10}, ["90", "80"], id="either"
        ),
    ],
)
def test_when_it_may_be_told_again(each: str, rearm: dict[str, Any], expected: list[str]) -> None:
    story = Story().prices(90, 120, 95, 120, 80, 120, 80, 120)

    assert raised(story, what={"each": each}, often={"rearm": rearm}) == expected


def test_what_came_too_soon_is_told_when_it_is_time() -> None:
    """If it is still true then; nothing needs to be observed."""
    story = Story().prices(90, 120, 95)

    report = story.run(a_watch(often={"rearm": {"after_minutes": 60}}))

    assert told(report) == [("raise", "90"), ("over", "90x"), ("raise", "95")]
    assert sent_at(report)[-1] == "22 13:00:00"


def test_a_further_drop_is_told_anew_while_the_last_alert_lasts() -> None:
    """An edit pings nobody; who asks for a further drop wants to hear it."""
    watch = a_watch(often={"rearm": {"further_drop_percent": 10}})

    report = Story().prices(100, 95, 90, 85, 81).run(watch)

    assert verdicts(report) == [
        *("raised 100", "updated 95", "over 90", "raised 90", "updated 85"),
        *("over 81", "raised 81"),
    ]


def test_by_default_it_is_told_once_an_hour() -> None:
    watch = a_watch()
    often = type(watch.often)()

    assert often.rearm.after_minutes == 60


def test_it_expires() -> None:
    """By itself; what it had raised is over, and nothing is raised any more."""
    expires_at = (NOON + timedelta(minutes=10)).isoformat()
    story = Story().prices(90, 120, 80).wait(hours=1).prices(120, 70)

    report = story.run(a_watch(to={"expires_at": expires_at}))

    assert told(report) == [("raise", "90"), ("over", "90x"), ("raise", "80"), ("over", "80x")]
    assert sent_at(report)[-1] == "22 12:10:00"
    assert report.decisions[-1].reason == "over: the watch has expired"


def test_it_is_deleted() -> None:
    report = Story().price(90).wait(minutes=1).deleted().wait(minutes=1).price(70).run(a_watch())

    assert told(report) == [("raise", "90"), ("over", "90x")]
    assert report.decisions[-1].reason == "over: the watch was deleted"


def test_a_change_of_its_meaning_ends_what_was_raised() -> None:
    changed = a_watch(version=2, when={"target": {"at_most": 50}})
    story = Story().price(90).wait(minutes=1).made(changed).wait(minutes=1).prices(80, 50)

    report = story.run(a_watch())

    assert told(report) == [("raise", "90"), ("over", "90x"), ("raise", "50")]
    assert report.decisions[1].reason == "over: the watch was changed"


def test_a_change_of_how_often_does_not() -> None:
    changed = a_watch(version=2, often={"at_most_a_day": 3})
    story = Story().price(90).wait(minutes=1).made(changed).wait(minutes=1).prices(80)

    assert told(story.run(a_watch())) == [("raise", "90"), ("edit", "80")]


def test_an_item_that_is_gone_is_over() -> None:
    report = Story().price(90).wait(minutes=1).gone().run(a_watch(what={"each": "item"}))

    assert told(report) == [("raise", "90"), ("over", "90x")]
    assert report.decisions[-1].reason == "over: it is not to be had any more"


@given(
    st.lists(st.tuples(st.sampled_from([50, 85, 95, 120]), st.integers(1, 200)), max_size=40),
    st.integers(1, 600),
    st.sampled_from(["subject", "item"]),
)
def test_a_flapping_price_gives_at_most_what_rearm_allows(
    moves: list[tuple[int, int]], minutes: int, each: str
) -> None:
    """So many minutes between two alerts, or a price that is a tenth lower."""
    story = Story()
    for price, pause in moves:
        story.price(price).wait(minutes=pause)
    rearm = {"after_minutes": minutes, "further_drop_percent": 10}

    report = story.run(
        a_watch(what={"each": each}, often={"rearm": rearm}, sure={"confirm_jumps": False})
    )

    begun = [decision for decision in report.decisions if decision.verdict == "raised"]
    for last, further in pairwise(begun):
        assert last.price is not None and further.price is not None
        is_late_enough = further.at - last.at >= timedelta(minutes=minutes)
        assert is_late_enough or further.price <= last.price * Decimal("0.9")
