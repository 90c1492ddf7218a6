"""How often, to whom, and at which hours: what is sent, told as stories."""

from datetime import timedelta
from typing import Any

import pytest

from conscope_app.alerting.watches.silences import Silence
from tests.alerting.watches.stories import NOON, Story, a_watch, sent_at, told

NIGHT = {"zone": "Europe/Berlin", "quiet": {"begin": "22:00", "until": "07:00"}}
LATE = NOON.replace(hour=23)  # midnight in Berlin


def grouped(**parts: Any) -> dict[str, Any]:
    return {"what": {"each": "item"}, "often": {"group": {}}, **parts}


def test_a_lone_alert_waits_no_longer_than_two_seconds() -> None:
    report = Story().price(90).run(a_watch(**grouped()))

    assert sent_at(report) == ["22 12:00:02"]


def test_what_drops_within_a_short_wait_shares_a_message() -> None:
    story = Story().prices(90, item="A-1", seconds=1).prices(80, item="A-2", seconds=20)
    story.prices(70, item="A-3", seconds=20).price(60, item="A-4")

    report = story.run(a_watch(**grouped()))

    assert told(report) == [("raise", "90 80 70"), ("raise", "60")]
    assert sent_at(report) == ["22 12:00:30", "22 12:00:43"]


def test_a_message_holds_ten_at_most() -> None:
    story = Story()
    for seat in range(23):
        story.prices(50 + seat, item=f"A-{seat}", seconds=0.1)

    report = story.run(a_watch(**grouped()))

    assert [len(message.delivery.tells) for message in report.messages] == [10, 10, 3]
    assert len({episode for m in report.messages for episode in m.delivery.episodes}) == 23


def test_a_change_is_an_edit_of_the_whole_message() -> None:
    """What else stands in it goes on standing there; over is the last word."""
    story = Story().prices(90, item="A-1", seconds=1).prices(80, item="A-2", minutes=1)
    story.prices(85, item="A-1", minutes=1)
    story.gone("A-2").wait(minutes=1).gone("A-1")

    report = story.run(a_watch(**grouped()))

    assert told(report) == [
        ("raise", "90 80"),
        ("edit", "85 80"),
        ("edit", "85 80x"),
        ("over", "85x 80x"),
    ]
    assert len({message.delivery.message for message in report.messages}) == 1


def test_what_changes_before_it_is_told_is_told_as_it_is() -> None:
    story = Story().prices(90, item="A-1", seconds=1).prices(80, item="A-2", seconds=1).price(85)

    assert told(story.run(a_watch(**grouped()))) == [("raise", "85 80")]


def test_what_is_still_true_in_the_morning_is_told_then() -> None:
    report = Story(LATE).prices(90, 80).run(a_watch(often=NIGHT))

    assert told(report) == [("raise", "80")]
    assert sent_at(report) == ["23 06:00:00"]
    assert report.messages[0].delivery.reason == "held: quiet hours until 23 Nov 07:00"


@pytest.mark.parametrize(
    ("over_meanwhile", "expected"), [("leave_out", []), ("tell", [("raise", "90x")])]
)
def test_what_is_over_in_the_morning(over_meanwhile: str, expected: list[tuple[str, str]]) -> None:
    watch = a_watch(often={**NIGHT, "over_meanwhile": over_meanwhile})

    assert told(Story(LATE).prices(90, 120).run(watch)) == expected


def test_the_quiet_of_one_does_not_keep_another_waiting() -> None:
    """Both are told of the same event at the same channel; only one of them sleeps."""
    story = Story(LATE).price(90)
    asleep = a_watch("asleep", often={**NIGHT, "group": {}})
    awake = a_watch("awake", often={"group": {}})

    assert sent_at(story.run(asleep, awake)) == ["22 23:00:02", "23 06:00:00"]


def test_a_night_with_many_alerts_is_one_message() -> None:
    story = Story(LATE)
    for seat in range(3):
        story.prices(50 + seat, item=f"A-{seat}", hours=1)

    report = story.run(a_watch(what={"each": "item"}, often={**NIGHT, "group": {}}))

    assert told(report) == [("raise", "50 51 52")]
    assert sent_at(report) == ["23 06:00:00"]


def test_so_many_a_day_and_the_rest_on_the_next() -> None:
    """By the clocks of the zone: at 18:30 in New York it is half an hour to the UTC day's end."""
    often = {"at_most_a_day": 2, "zone": "America/New_York"}
    story = Story(NOON.replace(hour=23)).prices(90, 120, 80, 120, 70, 60)

    report = story.run(a_watch(often=often))
    raises = [m for m in report.messages if m.delivery.kind == "raise"]

    assert [f"{m.at:%d %H:%M} {m.delivery.tells[0].price}" for m in raises] == [
        "22 23:00 90",
        "22 23:02 80",
        "23 05:00 60",
    ]
    assert raises[-1].delivery.reason == "held: 2 a day are enough, until 23 Nov 00:00"


def test_a_digest_collects_for_some_minutes() -> None:
    story = Story()
    for seat in range(12):
        story.prices(50 + seat, item=f"A-{seat}", minutes=1)
    watch = a_watch(what={"each": "item"}, often={"digest": {"every_minutes": 10}})

    report = story.run(watch)

    assert [message.delivery.kind for message in report.messages] == ["digest"] * 2
    assert [len(message.delivery.tells) for message in report.messages] == [10, 2]
    assert sent_at(report) == ["22 12:10:00", "22 12:20:00"]


def test_a_daily_digest_tells_what_is_so_by_then() -> None:
    """Of several events; what changed since the last one is in the next."""
    story = Story()
    story.price(90).price(80, subject="other").wait(minutes=1).price(70).wait(hours=20)
    story.price(60).wait(minutes=1).price(120, subject="other")
    watch = a_watch(often={"digest": {"daily_at": "09:00"}, "zone": "Europe/Berlin"})

    report = story.run(watch)

    assert sent_at(report) == ["23 08:00:00", "24 08:00:00"]
    assert sorted(told(report)[0][1].split()) == ["70", "80"]
    assert sorted(told(report)[1][1].split()) == ["60", "80x"]
    assert report.messages[0].delivery.subject is None


def test_every_channel_hears_of_it() -> None:
    report = Story().price(90).run(a_watch(to={"channels": ["mine", "ours"]}))

    assert [message.delivery.channel for message in report.messages] == ["mine", "ours"]


def test_a_message_is_as_urgent_as_the_most_urgent_in_it() -> None:
    calm = a_watch("calm", often={"group": {}})
    urgent = a_watch("urgent", often={"group": {}}, to={"severity": "critical"})

    report = Story().price(90).run(calm, urgent)

    assert [message.delivery.severity for message in report.messages] == ["critical"]


def test_snoozed_is_told_afterwards() -> None:
    until = NOON + timedelta(hours=2)
    report = Story().price(90).run(a_watch(to={"snoozed_until": until.isoformat()}))

    assert sent_at(report) == ["22 14:00:00"]
    assert report.messages[0].delivery.reason == "held: snoozed until 22 Nov 14:00"


@pytest.mark.parametrize(
    ("fields", "is_silenced"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"subjects": ("evt",)}, True, id="the event"),
        pytest.param({"subjects": ("other",)}, False, id="another event"),
        pytest.param({"watches": ("w",)}, True, id="the watch"),
        pytest.param({"watches": ("v",)}, False, id="another watch"),
        pytest.param({"labels": {"section": ("fl*",)}}, True, id="a label"),
        pytest.param({"labels": {"section": ("Upper",)}}, False, id="another label"),
        pytest.param({"begins_at": NOON + timedelta(hours=1)}, False, id="later"),
    ],
)
def test_a_silence_holds_what_fits(fields: dict[str, Any], is_silenced: bool) -> None:
    """Until it ends; what is still true then is told."""
    silence = Silence(id="s1", ends_at=NOON + timedelta(hours=3), **fields)

    report = Story().price(90).run(a_watch(), silences=[silence])

    assert sent_at(report) == ["22 15:00:00" if is_silenced else "22 12:00:00"]


def test_what_holds_it_may_follow_upon_each_other() -> None:
    """A silence that ends in the night is followed by the quiet hours."""
    silence = Silence(id="s1", ends_at=LATE)

    report = Story().price(90).run(a_watch(often=NIGHT), silences=[silence])

    assert sent_at(report) == ["23 06:00:00"]
