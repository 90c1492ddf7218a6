"""What a watch is about, field by field."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from conscope_app.alerting.watches.scope import scope_of
from tests.alerting.watches.stories import NOON, Story, a_watch, sentences, told


@pytest.mark.parametrize(
    ("what", "is_told"),
    [
        pytest.param({}, True, id="anything"),
        pytest.param({"subjects": ["other", "evt"]}, True, id="one of several subjects"),
        pytest.param({"subjects": ["other"]}, False, id="another subject"),
        pytest.param({"only": {"section": ["fl*"]}}, True, id="a pattern, in any case"),
        pytest.param({"only": {"section": ["Upper*", "Lower"]}}, False, id="none of the patterns"),
        pytest.param({"only": {"zone": ["Club"]}}, False, id="a label it lacks"),
        pytest.param({"never": {"row": ["A", "B"]}}, False, id="a row that is not wanted"),
        pytest.param({"never": {"row": ["Z"]}}, True, id="another row is not wanted"),
        pytest.param({"only": {"source": ["seatgeek"]}}, True, id="a source"),
        pytest.param({"each": "item"}, True, id="each item"),
        pytest.param({"each": "item", "only": {"row": ["Z"]}}, False, id="each item of a row"),
        pytest.param({"together": 2}, False, id="two together, where there is one"),
        pytest.param({"days_to_go": {"at_most": 3}}, True, id="on the last day that counts"),
        pytest.param({"days_to_go": {"at_most": 2}}, False, id="too early"),
        pytest.param({"days_to_go": {"at_least": 7}}, False, id="too late"),
    ],
)
def test_what_it_is_about(what: dict[str, Any], is_told: bool) -> None:
    story = Story().price(50, takes_place_at=NOON + timedelta(days=3))

    assert bool(told(story.run(a_watch(what=what)))) is is_told


def test_why_it_is_not_about_this() -> None:
    story = Story().price(50)

    assert sentences(story.run(a_watch(what={"never": {"row": ["A"]}}))) == [
        "not raised: not what is watched, row 'A' is not wanted"
    ]
    assert sentences(story.run(a_watch(what={"days_to_go": {"at_most": 3}}))) == [
        (
            "not raised: not within the days that are watched, "
            "it is not known when it takes place; 50 USD, asked for at most 100 USD"
        )
    ]


@pytest.mark.parametrize("name", ["[VIP]", "Floor [a-z]", "102?", "*", "ß", "İ"])
def test_a_name_is_fit_by_itself(name: str) -> None:
    """Brackets mean brackets; stars and question marks fit themselves too."""
    scope = scope_of(a_watch(what={"only": {"section": [name]}}))

    assert scope.mismatch({"section": name}) == ""


def test_one_alert_for_the_best_offer_and_not_for_each() -> None:
    """It falls with the best offer, goes on with the next one, and is over with the last."""
    story = Story()
    story.price(90, "A-1").wait(minutes=1).price(95, "A-2").wait(minutes=1).price(80, "A-3")
    story.wait(minutes=1).gone("A-3").wait(minutes=1).gone("A-1").wait(minutes=1).gone("A-2")

    assert told(story.run(a_watch())) == [("raise", "90"), ("edit", "80"), ("over", "80x")]


def test_an_alert_for_each_item() -> None:
    story = Story().price(90, "A-1").wait(minutes=1).price(95, "A-2").wait(minutes=1).gone("A-1")

    assert told(story.run(a_watch(what={"each": "item"}))) == [
        ("raise", "90"),
        ("raise", "95"),
        ("over", "90x"),
    ]


def test_neighbours_over_single_seats_and_pairs() -> None:
    """Three together: a pair that is sold as one, and the seat beside it; the dearer one counts."""
    story = Story()
    story.price(60, "A-12+13").wait(minutes=1).price(20, "A-15").wait(minutes=1)
    story.price(70, "A-14").wait(minutes=1).gone("A-12+13")

    report = story.run(a_watch(what={"together": 3}))

    assert told(report) == [("raise", "70"), ("over", "70x")]
    assert report.decisions[0].items == ("A-12+13", "A-14")


def test_a_listing_without_numbers_is_taken_by_its_quantity() -> None:
    story = Story().price(60, "lawn", units=2)

    assert told(story.run(a_watch(what={"together": 2}))) == [("raise", "60")]
    assert told(story.run(a_watch(what={"together": 3}))) == []


def test_what_moves_out_of_sight_is_over() -> None:
    """A seat that turns out to be in another section is not what was asked for."""
    story = Story().price(50).wait(minutes=1).price(50, labels={"section": "Upper"})
    what = {"only": {"section": ["Floor"]}}

    for each in ("subject", "item"):
        report = story.run(a_watch(what={**what, "each": each}))
        assert told(report) == [("raise", "50"), ("over", "50x")]


def test_what_has_no_day_left_is_over() -> None:
    story = Story()
    for _ in range(2):
        story.price(50, takes_place_at=NOON + timedelta(days=3)).wait(days=2)

    report = story.run(a_watch(what={"days_to_go": {"at_least": 2}}))

    assert told(report) == [("raise", "50"), ("over", "50x")]


def test_the_watch_of_an_amount_does_not_see_another_currency() -> None:
    story = Story().price(50, currency="EUR")

    assert sentences(story.run(a_watch())) == ["not raised: no price in this basis and currency"]
    assert told(story.run(a_watch(when={"target": {"at_most": 50}, "currency": "EUR"})))


def test_a_change_of_basis_or_currency_is_no_change_of_price() -> None:
    story = Story().price(100).wait(minutes=1)
    story.price(1, prices={"face": Decimal(10)}).wait(minutes=1)
    story.price(10, currency="EUR").wait(minutes=1).price(99)
    when = {"drop": {"percent": 5}}

    for each in ("subject", "item"):
        assert told(story.run(a_watch(what={"each": each}, when=when))) == []
