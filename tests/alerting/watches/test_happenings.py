"""What happens is told once, whoever says it how often, and costs nobody else anything."""

from datetime import timedelta
from typing import Any

import pytest

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.happening import SAME_WITHIN
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import encode_key
from conscope_app.alerting.watches.signals import Tick
from tests.alerting.watches.happenings_asked import asks, decided, each
from tests.alerting.watches.live import Live
from tests.alerting.watches.stories import NOON, Story, a_watch, sentences, told


def test_what_happens_is_told_once() -> None:
    report = Story().happens("opens").run(asks("opens"), days=1)

    assert told(report) == [("raise", "None")]
    (decision,) = report.decisions
    assert decision.reason == "raised: opens, as one says"
    assert (decision.labels, decision.items) == ({"source": "one"}, ())


def test_details_stand_in_the_reason() -> None:
    story = Story().happens("moves", details={"old": "Sat", "new": "Sun"})

    assert story.run(asks("moves"), days=1).decisions[0].reason == (
        "raised: moves, old Sat, new Sun, as one says"
    )


def test_what_is_not_asked_for_is_not_told() -> None:
    assert Story().happens("opens").run(asks("closes")).decisions == []


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"source": "one"}, id="by the same source"),
        pytest.param({"source": "two"}, id="by another one"),
        pytest.param({"source": "two", "observed_at": NOON - timedelta(hours=9)}, id="seen before"),
    ],
)
def test_what_is_said_again_is_not_told_again(again: dict[str, Any]) -> None:
    story = Story().happens("opens").wait(hours=30).happens("opens", **again)

    report = story.run(asks("opens"), days=9)

    assert told(report) == [("raise", "None")]
    assert sentences(report)[1].startswith(
        ("told already, and still true: opens", "not raised: it has been said before: opens")
    )


def test_after_some_days_it_is_another_one() -> None:
    story = Story().happens("opens").wait(seconds=SAME_WITHIN.total_seconds() + 1).happens("opens")

    assert decided(story.run(asks("opens"), days=0)) == [
        "raised opens",
        "over opens",
        "raised opens",
    ]


def test_who_said_the_contrary_says_something_new() -> None:
    """Another source that comes late says what has been said before."""
    story = Story()
    for what in ("closes", "opens", "closes"):
        story.happens(what).wait(minutes=1)
    story.happens("closes", "two").wait(minutes=1)

    assert decided(story.run(asks("closes"), days=0)) == [
        "raised closes",
        "over closes",
        "raised closes",
    ]


def test_what_comes_again_out_of_its_order_changes_nothing() -> None:
    """After a restart a source says all of it once more."""
    story = Story()
    for what in ("closes", "opens", "closes"):
        story.happens(what).wait(minutes=1)
    for number, what in enumerate(("closes", "opens", "closes")):
        story.happens(what, observed_at=NOON + timedelta(minutes=number))

    assert len(story.run(asks("closes", "opens"), days=0).decisions) == 5


def test_to_another_day_is_something_else() -> None:
    story = Story().happens("moves", key="Sun").wait(minutes=1).happens("moves", key="Mon")

    report = story.run(asks("moves", often={"rearm": {"after_minutes": 60}}), days=0)

    assert told(report) == [("raise", "None"), ("raise", "None")]
    assert decided(report) == ["raised moves", "over moves", "raised moves"]


def test_a_late_source_does_not_undo_what_came_after_it() -> None:
    story = Story().happens("moves", key="Sun").wait(minutes=1).happens("moves", key="Mon")
    story.wait(minutes=1).happens("moves", "two", key="Sun", observed_at=NOON)

    assert decided(story.run(asks("moves"), days=0))[3:] == []


def test_the_contrary_ends_it_also_where_nobody_asks_for_that() -> None:
    report = Story().happens("opens").wait(minutes=1).happens("closes").run(asks("opens"))

    assert report.decisions[1].reason == "over: the contrary has happened"
    assert told(report) == [("raise", "None")]  # nobody is told that it is over


def test_after_some_days_it_is_no_news_any_more() -> None:
    report = Story().happens("opens").run(asks("opens"), days=30)

    assert [each.reason for each in report.decisions][1:] == ["over: it is no news any more"]
    assert report.decisions[1].at == NOON + SAME_WITHIN
    assert told(report) == [("raise", "None")]


# What it costs


def test_only_those_who_ask_are_looked_at() -> None:
    """A watch on all events costs no more than its matches."""
    others = [asks("closes", watch_id=f"o{number}") for number in range(50)]
    elsewhere = asks("opens", watch_id="x", what={"subjects": ["other"]})
    index = WatchIndex([asks("opens"), elsewhere, a_watch("price"), *others])
    story = Story().happens("opens")

    outcome = observe(Book("evt"), index, story.signals[0], story.now)

    assert [trace.watch_id for trace in outcome.traces] == ["w"]
    assert [ready.id for ready in index.about("evt")] == ["price"]


def test_it_needs_no_prices() -> None:
    assert not WatchIndex([asks("opens")]).concerns("evt")
    assert WatchIndex([each("vanished")]).concerns("evt")


def test_prices_pass_it_by() -> None:
    """No row of it stands in a book where nothing happened."""
    index, book, story = WatchIndex([asks("opens"), a_watch("p")]), Book("evt"), Story().price(120)

    observe(book, index, story.signals[0], story.now, is_traced=False)

    assert set(book.enrolled) == {"p"}


def test_in_the_end_nothing_is_left_of_it() -> None:
    live = Live([asks("opens")])
    story = Story().happens("opens").wait(hours=1).happens("closes")
    live.run(story.signals, NOON + timedelta(days=20))

    assert set(live.rows["evt"]) == {encode_key("evt", ("b",))}


def test_what_watches_meant_before_there_were_happenings_they_mean_now() -> None:
    """Or a snooze would end all that had been raised before."""
    assert ReadyWatch(a_watch()).meaning == "88df693d3c2a457951"


def test_time_alone_tells_what_has_held() -> None:
    index, book, story = WatchIndex([asks("opens", sure={"hold_s": 60})]), Book("evt"), Story()
    story.happens("opens")
    observe(book, index, story.signals[0], story.now)
    assert book.next_due == story.now + timedelta(seconds=60)

    outcome = observe(book, index, Tick(subject="evt"), story.now + timedelta(seconds=70))

    assert [each.at for each in outcome.decisions] == [story.now + timedelta(seconds=60)]
