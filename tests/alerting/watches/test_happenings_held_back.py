"""What happens is told by the rules of all alerts."""

from datetime import timedelta

import pytest

from conscope_app.alerting.watches.silences import Silence
from tests.alerting.watches.happenings_asked import asks, decided
from tests.alerting.watches.stories import NOON, Story, a_watch, sent_at, sentences, told, verdicts

NIGHT = {"zone": "UTC", "quiet": {"begin": "22:00", "until": "07:00"}}

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
