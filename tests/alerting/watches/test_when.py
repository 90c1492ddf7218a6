"""When a watch is true, field by field, and the sentence that says why it is not."""

from typing import Any

import pytest

from conscope_app.alerting.watches.history import seeds_of
from conscope_app.alerting.watches.signals import Priced
from tests.alerting.watches.stories import Story, a_watch, sentences, told

EACH = pytest.mark.parametrize("each", ["subject", "item"])


@EACH
@pytest.mark.parametrize(
    ("when", "prices", "raised"),
    [
        pytest.param({"target": {"at_most": 80}}, (100, 81, 80), ["80"], id="a target"),
        pytest.param({"drop": {"percent": 5}}, (200, 100), ["100"], id="under the previous"),
        pytest.param({"drop": {"percent": 5}}, (100, 96, 92), [], id="slowly"),
        pytest.param({"drop": {"amount": 5}}, (100, 96, 91), ["91"], id="by an amount"),
        pytest.param({"drop": {"percent": 10, "amount": 5}}, (100, 92, 82), ["82"], id="by both"),
        pytest.param(
            {"drop": {"percent": 10, "than": "last_told"}},
            (100, 95, 90, 85),
            ["90"],
            id="under the first, as nothing has been told",
        ),
        pytest.param(
            {"drop": {"percent": 10, "than": "all_time_low"}}, (60, 90, 54), ["54"], id="the low"
        ),
        pytest.param({"low": {}}, (60, 90, 60, 59), ["59"], id="lower than ever"),
        pytest.param({"low": {"or_equal": True}}, (60, 90, 60), ["60"], id="as low as ever"),
        pytest.param({"low": {"nth": 2}}, (20, 60, 50), ["50"], id="once a mistake does not count"),
        pytest.param(
            {"target": {"at_most": 80}, "drop": {"percent": 10}},
            (100, 89, 78),
            ["78"],
            id="all of several conditions",
        ),
    ],
)
def test_the_price_at_which_it_is_true(
    each: str, when: dict[str, Any], prices: tuple[int, ...], raised: list[str]
) -> None:
    watch = a_watch(what={"each": each}, when=when, sure={"confirm_jumps": False})

    report = Story().prices(*prices).run(watch)

    assert [prices for kind, prices in told(report) if kind == "raise"] == raised


@EACH
def test_the_median_of_some_days(each: str) -> None:
    """A price a day: the last three days are at 100 by now, whatever was before."""
    when = {"drop": {"percent": 10, "than": "median", "days": 3}}
    sure = {"confirm_jumps": False}
    story = Story().prices(50, 50, 50, 50, 100, 100, 100, 95, 90, days=1)

    report = story.run(a_watch(what={"each": each}, when=when, sure=sure))

    assert told(report) == [("raise", "90")]
    assert report.decisions[0].reason == (
        "raised: 10.0% under the median of 3 days 100 USD, asked for 10%"
    )


@EACH
def test_the_low_of_some_days(each: str) -> None:
    when = {"low": {"days": 2}}
    story = Story().prices(40, 90, 95, 94, 89, days=1)

    report = story.run(a_watch(what={"each": each}, when=when, sure={"confirm_jumps": False}))

    assert told(report)[0] == ("raise", "89")


@pytest.mark.parametrize(
    ("when", "prices", "sentence"),
    [
        pytest.param(
            {"drop": {"percent": 5, "than": "median"}},
            ("120.00", "115.08"),
            "not raised: 4.1% under the median of 30 days 120.00 USD, asked for 5%",
            id="not far enough",
        ),
        pytest.param(
            {"drop": {"percent": 5}},
            (100, 110),
            "not raised: 10.0% over the previous price 100 USD, asked for 5%",
            id="the other way",
        ),
        pytest.param({}, (110,), "not raised: 110 USD, asked for at most 100 USD", id="a target"),
        pytest.param(
            {"low": {}},
            (60, 70),
            "not raised: 70 USD, asked for less than the lowest so far, 60 USD",
            id="a low",
        ),
        pytest.param(
            {"low": {"nth": 3}},
            (50, 60),
            "not raised: nothing to measure from, fewer than 3 different prices so far",
            id="few lows",
        ),
        pytest.param(
            {"low": {}},
            (50,),
            "not raised: nothing to measure from, the first price seen: nothing to compare it with",
            id="no past",
        ),
    ],
)
def test_why_not(when: dict[str, Any], prices: tuple[object, ...], sentence: str) -> None:
    report = Story().prices(*prices).run(a_watch(when=when or {"target": {"at_most": 100}}))

    assert sentences(report)[-1] == sentence
    assert told(report) == []


@EACH
@pytest.mark.parametrize("on_create", [True, False])
def test_what_is_true_when_the_watch_is_made(each: str, on_create: bool) -> None:
    """Told only where that is asked for; otherwise it has to become untrue first."""
    other = a_watch("other", what={"each": each}, when={"target": {"at_most": 1}})
    watch = a_watch(what={"each": each}, when={"target": {"at_most": 100}, "on_create": on_create})
    story = Story().prices(50, 50).made(watch).wait(minutes=1).prices(40, 150, 60)

    raised = [prices for kind, prices in told(story.run(other)) if kind == "raise"]

    assert raised == (["50", "60"] if on_create else ["60"])


@EACH
def test_a_drop_lasts_as_long_as_the_price_stays_there(each: str) -> None:
    """The threshold stays what it was: the next look at the same price is no end."""
    when = {"drop": {"percent": 10}}
    story = Story().prices(100, 80, 80, 85, 95)

    report = story.run(a_watch(what={"each": each}, when=when))

    assert told(report) == [("raise", "80"), ("over", "80x")]
    assert report.decisions[-1].reason == (
        "over: the price rose; 5.0% under the previous price 100 USD, asked for 10%"
    )


def test_under_what_was_told_last() -> None:
    """Told at 90; the next alert is measured from there, whatever happened between."""
    when = {"drop": {"percent": 10, "than": "last_told"}}
    story = Story().prices(100, 90, 99, 85, 99, 81)

    raised = [p for kind, p in told(story.run(a_watch(when=when))) if kind == "raise"]

    assert raised == ["90", "81"]


@EACH
def test_a_slow_drift_is_under_the_median_in_the_end(each: str) -> None:
    """One percent a day: no day drops by a tenth, but in time a price is one under the median."""
    story, price = Story(), 100.0
    for _ in range(60):
        story.price(f"{price:.2f}").wait(days=1)
        price *= 0.99
    what = {"each": each}
    median = a_watch(what=what, when={"drop": {"percent": 10, "than": "median", "days": 30}})
    previous = a_watch(what=what, when={"drop": {"percent": 10}})

    assert [kind for kind, _ in told(story.run(median))].count("raise") == 1
    assert told(story.run(previous)) == []


@EACH
def test_what_stays_at_its_low_has_not_become_low(each: str) -> None:
    """An equal low is one to which the price came back."""
    for low in ({"or_equal": True}, {"nth": 2}, {"or_equal": True, "days": 3}):
        watch = a_watch(what={"each": each}, when={"low": low})
        assert told(Story().prices(70, 60, 60, 60).run(watch))[1:] == []
        assert told(Story().prices(60, 60, 60).run(watch)) == []


def test_nothing_is_under_nothing() -> None:
    report = Story().prices(0, 0).run(a_watch(when={"drop": {"percent": 5}}))

    assert told(report) == []
    assert sentences(report)[-1].endswith("nothing is under the previous price, 0 USD")


@EACH
def test_a_new_watch_knows_what_was_before_it(each: str) -> None:
    """Its baseline reaches back to the time when nobody watched; the code is the same."""
    watch = a_watch(what={"each": each}, when={"drop": {"percent": 10, "than": "median"}})
    before = Story().prices(100, 101, 99, days=1)
    seeds = seeds_of(watch, "evt", [each for each in before.signals if isinstance(each, Priced)])
    after = Story(before.now).made(watch, seeds=seeds).prices(90)
    unseeded = Story(before.now).made(watch).prices(90)

    assert told(after.run()) == [("raise", "90")]
    assert told(unseeded.run()) == []


def test_a_late_observation_is_not_the_price_now() -> None:
    story = Story().price(150).wait(minutes=1)
    story.price(50, observed_at=story.now.replace(hour=9))

    report = story.run(a_watch())

    assert told(report) == []
    assert sentences(report)[-1] == "not raised: observed before what is known already"
