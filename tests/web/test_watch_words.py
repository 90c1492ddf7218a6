"""Watches in words, their state, and their definitions as they are edited."""

import json
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from conscope_app.alerting.watches.validation import read_watch
from conscope_app.store.watches.definitions import Stored
from tests.alerting.watches.stories import a_watch
from tests.alerting.watches.wishes import KINDS
from tests.web.reports import NOW
from web.watch_definition import definition_of, definition_text
from web.watch_words import in_words, of_what, of_when, state_of

TARGET: dict[str, Any] = {"target": {"at_most": "150.00"}}


def a_stored(*, is_published: bool = True, **to: Any) -> Stored:
    """A watch as it is kept."""
    watch = read_watch({"id": "w", "what": {}, "when": TARGET, "to": to})
    return Stored(watch, NOW, NOW, is_published)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        pytest.param({}, "all events", id="everything"),
        pytest.param({"subjects": ["a", "x"]}, "Radiohead (a), x", id="names where known"),
        pytest.param({"subjects": [*"abcde"]}, "Radiohead (a), b, c and 2 more", id="many"),
        pytest.param(
            {"only": {"section": ["Floor*", "A"]}, "never": {"row": ["Z"]}, "together": 2},
            "all events · section Floor* or A · never row Z · 2 seats together",
            id="seats",
        ),
        pytest.param(
            {"each": "item", "days_to_go": {"at_least": 1, "at_most": 60}},
            "all events · each seat by itself · at least 1 days ahead · at most 60 days ahead",
            id="days",
        ),
    ],
)
def test_what(what: dict[str, Any], words: str) -> None:
    """Events, labels, neighbours, days."""
    watch = read_watch({"id": "w", "what": what, "when": TARGET})

    assert " · ".join(of_what(watch.what, {"a": "Radiohead"})) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        pytest.param(TARGET, "at most $150.00 · with all fees · in USD", id="target"),
        pytest.param(
            {"drop": {"percent": 10, "amount": 5, "than": "median"}, "currency": "EUR"},
            "10 % and €5.00 under the median of 30 days · with all fees · in EUR",
            id="drop",
        ),
        pytest.param(
            {"low": {"days": 1, "or_equal": True}, "basis": "listed", "on_create": True},
            "lowest in a day, or as low · listed price · in USD · also what is so already",
            id="low",
        ),
        pytest.param(
            {"happens": ["on_sale", "few_left"]},
            "when it happens: on sale, few left",
            id="what happens",
        ),
        pytest.param(
            {**TARGET, "happens": ["sold_out"]},
            "at most $150.00 · when it happens: sold out · with all fees · in USD",
            id="both",
        ),
        pytest.param({"low": {"nth": 3}}, "among the 3 lowest ever · with all fees · in USD"),
    ],
)
def test_when(when: dict[str, Any], words: str) -> None:
    """Money with its currency, a baseline by its name."""
    watch = read_watch({"id": "w", "what": {}, "when": when})

    assert " · ".join(of_when(watch.when)) == words


def test_the_rest() -> None:
    """How sure, how often, to whom."""
    watch = read_watch(
        {
            "id": "w",
            "what": {},
            "when": TARGET,
            "sure": {"observations": 2, "hold_s": 600, "over_s": 90, "confirm_jumps": False},
            "often": {
                "rearm": {"after_minutes": 120, "further_drop_percent": "5.0"},
                "at_most_a_day": 5,
                "zone": "Europe/Berlin",
                "quiet": {"begin": "22:00", "until": "07:00"},
                "over_meanwhile": "tell",
                "digest": {"daily_at": "08:00"},
            },
            "to": {"channels": ["a", "b"], "expires_at": "2027-01-31T12:00:00Z"},
        }
    )
    words = {each.heading: " · ".join(each.phrases) for each in in_words(watch, {})}

    assert words["How sure"] == (
        "seen 2 times in a row · for 10 min · over after 90 s · jumps count at once"
    )
    assert words["How often"] == (
        "again after 2 h · again when 5 % lower still · at most 5 a day · quiet 22:00 to 07:00"
        " · what ended meanwhile is told as over · collected daily at 08:00"
        " · an event's alerts within 30 s in one message · by the clocks of Europe/Berlin"
    )
    assert words["To whom"] == "a, b · info · until 2027-01-31 12:00:00 UTC"


@pytest.mark.parametrize(
    ("stored", "state"),
    [
        pytest.param(a_stored(), "published", id="known to the workers"),
        pytest.param(a_stored(is_published=False), "waiting", id="not yet"),
        pytest.param(
            a_stored(snoozed_until=(NOW + timedelta(seconds=1)).isoformat()),
            "snoozed",
            id="snoozed",
        ),
        pytest.param(a_stored(snoozed_until=NOW.isoformat()), "published", id="awake again"),
        pytest.param(
            a_stored(is_published=False, expires_at=NOW.isoformat()), "expired", id="expired"
        ),
    ],
)
def test_state(stored: Stored, state: str) -> None:
    """As of a moment."""
    assert state_of(stored, NOW) == state


@pytest.mark.parametrize("kind", KINDS)
def test_a_definition_means_the_same_when_it_was_edited(kind: str) -> None:
    """What is left out is what is left out in a file; twenty kinds of watches."""
    watch = a_watch("w", **KINDS[kind])
    text = unescape(definition_text(definition_of(watch)))

    assert read_watch(json.loads(text)) == watch


@pytest.mark.parametrize(
    "rearm",
    [
        pytest.param({}, id="at once"),
        pytest.param({"further_drop_percent": "5"}, id="lower only"),
        pytest.param({"after_minutes": 60, "further_drop_percent": "5"}, id="both"),
    ],
)
def test_what_re_arms_is_no_default_by_accident(rearm: dict[str, Any]) -> None:
    """A part that is there has other defaults than one that is not."""
    watch = read_watch({"id": "w", "what": {}, "when": TARGET, "often": {"rearm": rearm}})

    edited = json.loads(unescape(definition_text(definition_of(watch))))
    assert edited["often"] == {"rearm": rearm}
    assert read_watch(edited) == watch


def test_a_definition_hides_nothing() -> None:
    """Amounts keep their digits; what nobody would see is an escape; tags are no tags."""
    name = "\u202e</textarea><script>"
    definition = {"id": "w", "name": name, "what": {}, "when": TARGET}
    watch = read_watch(definition)
    text = definition_text(definition_of(watch))

    assert "\\u202e&lt;/textarea&gt;" in text
    assert "<" not in text
    assert '"150.00"' in unescape(text)
    assert json.loads(unescape(text))["name"] == name
