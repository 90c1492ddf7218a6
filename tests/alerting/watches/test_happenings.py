"""What happens is told once, whoever says it how often, and by the rules of all alerts."""

from datetime import timedelta
from typing import Any

import pytest

from conscope_app.alerting.watches.book import Book
from conscope_app.alerting.watches.evaluation import observe
from conscope_app.alerting.watches.happening import KEPT, SAME_WITHIN
from conscope_app.alerting.watches.index import WatchIndex
from conscope_app.alerting.watches.ready_watch import ReadyWatch
from conscope_app.alerting.watches.rows import encode_key
from conscope_app.alerting.watches.signals import Tick
from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.validation import Invalid
from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.live import Live
from tests.alerting.watches.stories import NOON, Story, a_watch, sent_at, sentences, told, verdicts

NIGHT = {"zone": "UTC", "quiet": {"begin": "22:00", "until": "07:00"}}


def asks(*words: str, watch_id: str = "w", **parts: Any) -> Watch:
    """A watch for what happens, and for nothing else."""
    return a_watch(watch_id, when={"happens": [*words]}, **parts)


def decided(report: Any) -> list[str]:
    """What was decided, and of what."""
    return [f"{each.verdict} {each.happening.what}" for each in report.decisions]


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


# When it may be told


def test_at_night_it_waits_for_the_morning() -> None:
    report = Story(NOON.replace(hour=23)).happens("opens").run(asks("opens", often=NIGHT))

    assert sent_at(report) == ["23 07:00:00"]


def test_what_is_not_so_any_more_by_the_morning_is_left_out() -> None:
    story = Story(NOON.replace(hour=23)).happens("opens").wait(hours=1).happens("closes")

    assert told(story.run(asks("opens", often=NIGHT))) == []
    assert told(story.run(asks("opens", often={**NIGHT, "over_meanwhile": "tell"}))) == [
        ("raise", "Nonex")
    ]
    assert len(told(story.run(asks("opens", "closes", often=NIGHT)))) == 1


@pytest.mark.parametrize("hours", [1, 100])
def test_what_is_only_old_by_then_is_told(hours: float) -> None:
    """A silence may last longer than it is news."""
    silence = Silence(id="s", ends_at=NOON + timedelta(hours=hours))

    report = Story().happens("opens").run(asks("opens"), silences=[silence], days=9)

    assert told(report) == [("raise", "None")]


def test_a_silence_fits_by_labels() -> None:
    silence = Silence(id="s", ends_at=NOON + timedelta(hours=1), labels={"source": ("one",)})
    story = Story().happens("opens").happens("moves", "two")

    report = story.run(asks("opens", "moves"), silences=[silence], days=9)

    assert sent_at(report) == ["22 12:00:00", "22 13:00:00"]


def test_a_snooze_holds_it_back() -> None:
    until = (NOON + timedelta(hours=5)).isoformat()

    report = Story().happens("opens").run(asks("opens", to={"snoozed_until": until}))

    assert sent_at(report) == ["22 17:00:00"]


def test_what_happens_at_once_shares_a_message_but_not_with_prices() -> None:
    """A message with prices is edited as they fall, and would tell of it once more."""
    watch = a_watch(
        when={"target": {"at_most": 100}, "happens": ["opens", "moves"]}, often={"group": {}}
    )
    story = Story().happens("opens").price(90).happens("moves").wait(minutes=5).price(120)

    report = story.run(watch)

    assert told(report) == [("raise", "90"), ("raise", "None None"), ("over", "90x")]


def test_a_digest_has_it_once() -> None:
    watch = a_watch(
        when={"target": {"at_most": 100}, "happens": ["opens"]},
        often={"digest": {"every_minutes": 45}},
    )
    story = Story().happens("opens").price(90).wait(hours=1).price(120)

    assert told(story.run(watch)) == [("digest", "None 90"), ("digest", "90x")]


def test_at_most_so_many_a_day() -> None:
    story = Story().happens("opens").wait(hours=1).happens("moves")

    report = story.run(asks("opens", "moves", often={"at_most_a_day": 1}))

    assert sent_at(report) == ["22 12:00:00", "23 00:00:00"]


def test_the_same_again_waits_until_the_watch_is_armed_anew() -> None:
    story = Story().happens("closes").wait(minutes=1).happens("opens").wait(minutes=1)
    story.happens("closes").wait(minutes=1)

    again = story.run(asks("closes", often={"rearm": {"after_minutes": 60}}))
    further = story.run(asks("closes", often={"rearm": {"further_drop_percent": 5}}))
    once = story.run(asks("closes", often={"rearm": {"once": True}}))

    assert sent_at(again) == ["22 12:00:00", "22 13:00:00"]
    assert sent_at(further) == ["22 12:00:00", "22 12:02:00"]  # there is no price that could fall
    assert sent_at(once) == ["22 12:00:00"]


def test_what_has_to_hold_is_not_told_where_it_does_not() -> None:
    watch = asks("closes", sure={"hold_s": 600, "observations": 3})
    story = Story().happens("closes").wait(minutes=5).happens("opens").wait(minutes=5)
    story.happens("closes")

    report = story.run(watch, days=0.1)

    assert sent_at(report) == ["22 12:20:00"]
    assert sentences(report)[1] == "not raised: gone before it was sure, closes, as one says"


# Which watches are meant


def test_only_labels_that_it_has_are_asked_for() -> None:
    """What happens to an event is no offer, and has no section."""
    floor = asks("opens", what={"only": {"section": ["Floor"]}})
    two = asks("opens", what={"only": {"source": ["two"]}})
    not_one = asks("opens", what={"never": {"source": ["one"]}})
    story = Story().happens("opens").wait(minutes=1).happens("opens", "two")

    assert sent_at(story.run(floor)) == ["22 12:00:00"]
    assert sent_at(story.run(two)) == sent_at(story.run(not_one)) == ["22 12:01:00"]
    assert sentences(story.run(two))[0] == (
        "not raised: not what is watched, opens, as one says: source 'one' is not asked for"
    )


def test_days_to_go_count() -> None:
    watch = asks("opens", what={"days_to_go": {"at_most": 3}})

    near = Story().happens("opens", takes_place_at=NOON + timedelta(days=2)).run(watch, days=0)
    far = Story().happens("opens", takes_place_at=NOON + timedelta(days=9)).run(watch, days=0)
    unknown = Story().happens("opens").run(watch, days=0)

    assert [decided(each) for each in (near, far, unknown)] == [["raised opens"], [], []]


def test_an_expired_watch_hears_nothing() -> None:
    watch = asks("opens", "closes", to={"expires_at": (NOON + timedelta(hours=1)).isoformat()})
    story = Story().happens("opens").wait(hours=2).happens("closes")

    assert decided(story.run(watch)) == ["raised opens", "over opens"]


def test_deleting_a_watch_ends_what_it_had_told() -> None:
    story = Story().happens("opens").wait(minutes=1).deleted()

    report = story.run(asks("opens"))

    assert report.decisions[-1].reason == "over: the watch was deleted"


def test_a_change_that_means_the_same_goes_on() -> None:
    snoozed = asks("opens", version=2, to={"snoozed_until": NOON.isoformat()})
    other = asks("opens", "closes", version=3)
    story = Story().happens("opens").wait(minutes=1).made(snoozed).wait(minutes=1)
    report = story.happens("opens", "two").run(asks("opens"), days=0)
    assert decided(report) == ["raised opens"]

    assert decided(story.made(other).run(asks("opens"), days=0)) == ["raised opens", "over opens"]


def test_with_prices_it_is_told_at_any_price() -> None:
    watch = a_watch(when={"target": {"at_most": 100}, "happens": ["opens"]})
    report = Story().price(120).happens("opens").price(90).run(watch, days=0)

    assert verdicts(report) == ["raised None", "raised 90"]


# Items


def each(*words: str, **parts: Any) -> Watch:
    """A watch for what happens to the items of row A."""
    return asks(*words, what={"each": "item", "only": {"row": ["A"]}}, **parts)


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
