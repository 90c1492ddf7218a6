"""What is taken in quickly, and what is not. That it then comes to the same is test_book's."""

import pytest

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.quiet_prices import take_quietly
from conscope_app.alerting.watches.signals import Priced
from tests.alerting.watches.stories import Story, a_watch

EACH = a_watch("each", what={"each": "item"}, when={"low": {}})
BEST = a_watch("best", when={"drop": {"percent": 5}})
PAIR = a_watch("pair", what={"together": 2}, when={"target": {"at_most": 50}})


def begun() -> Story:
    """Three seats in a row, of which the first is the cheapest, and the first two are a pair."""
    return Story().price(100).price(110, "A-2").price(120, "A-3").wait(minutes=1)


def is_taken(story: Story, *watches: object) -> bool:
    """Whether the last price of a story is taken in quickly by the book of what was before."""
    index, book = WatchIndex(watches or (EACH, BEST, PAIR)), Book("evt")
    *before, last = story.signals
    for signal in before:
        observe(book, index, signal, signal.recorded_at, is_traced=False)
    assert isinstance(last, Priced)
    book.take_changes()
    is_taken = take_quietly(book, index, last, last.recorded_at)
    assert bool(book.take_changes()) == is_taken
    return is_taken


@pytest.mark.parametrize("amount", [120, "120.00", 121, 900])
def test_a_price_that_is_no_lower_is_taken_quickly(amount: object) -> None:
    assert is_taken(begun().price(amount, "A-3"))


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(begun().price(119, "A-3"), id="it fell"),
        pytest.param(begun().price(130, "B-1"), id="it is new"),
        pytest.param(begun().price(100), id="it is the best offer"),
        pytest.param(begun().price(110, "A-2"), id="it is a part of its row's best pair"),
        pytest.param(begun().wait(days=1).price(120, "A-3"), id="it is the day's first word"),
        pytest.param(begun().gone("A-3").price(120, "A-3"), id="it had been gone"),
    ],
)
def test_whatever_is_out_of_the_ordinary_is_not(story: Story) -> None:
    assert not is_taken(story)


def test_an_alert_that_stands_is_asked() -> None:
    raised = Story().price(100).price(120, "A-2").price(90, "A-2").wait(minutes=1)

    assert not is_taken(raised.price(95, "A-2"), a_watch("each", what={"each": "item"}))


def test_a_target_that_is_met_is_asked() -> None:
    met = a_watch("each", what={"each": "item"}, when={"target": {"at_most": 200}})

    assert not is_taken(begun().price(120, "A-3"), met)


def test_a_watch_that_has_come_since_is_asked() -> None:
    index, book, story = WatchIndex([BEST]), Book("evt"), begun().price(120, "A-3")
    *before, last = story.signals
    for signal in before:
        observe(book, index, signal, signal.recorded_at, is_traced=False)
    index.put(EACH)
    assert isinstance(last, Priced)

    assert not take_quietly(book, index, last, last.recorded_at)
