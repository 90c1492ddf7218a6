"""Watches of every kind, and prices to try them with."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.stories import NOON, Story, a_watch

BEGIN = NOON.replace(hour=18)

_QUIET = {"zone": "Europe/Berlin", "quiet": {"begin": "22:00", "until": "07:00"}}
_TELL = {"over_meanwhile": "tell"}

KINDS: dict[str, dict[str, Any]] = {
    "a target": {},
    "each item": {"what": {"each": "item"}},
    "a section": {"what": {"only": {"row": ["A"]}}},
    "not a row": {"what": {"each": "item", "never": {"row": ["A"]}}},
    "two together": {"what": {"together": 2}},
    "previous": {"when": {"drop": {"percent": 10}}},
    "previous of each": {"what": {"each": "item"}, "when": {"drop": {"amount": 10}}},
    "last told": {"when": {"drop": {"percent": 10, "than": "last_told"}}},
    "median": {"when": {"drop": {"percent": 5, "than": "median", "days": 2}}},
    "all-time low": {"when": {"drop": {"percent": 5, "than": "all_time_low"}}},
    "a low": {"when": {"low": {"days": 1}}},
    "equal low of each": {"what": {"each": "item"}, "when": {"low": {"or_equal": True}}},
    "second low": {"when": {"low": {"nth": 2}}},
    "seen twice": {"sure": {"observations": 2}},
    "holds": {"what": {"each": "item"}, "sure": {"hold_s": 600, "over_s": 900}},
    "once": {"often": {"rearm": {"once": True}}},
    "re-armed": {"often": {"rearm": {"after_minutes": 30, "further_drop_percent": 10}}},
    "two a day": {"often": {"at_most_a_day": 2, **_QUIET}},
    "quiet": {"often": {**_QUIET, "group": {}}},
    "quiet, told": {"what": {"each": "item"}, "often": {**_QUIET, **_TELL, "group": {}}},
    "digest": {"what": {"each": "item"}, "often": {"digest": {"every_minutes": 45}}},
    "daily": {"often": {"digest": {"daily_at": "08:00"}, "at_most_a_day": 1, **_TELL}},
    "grouped": {"what": {"each": "item"}, "often": {"group": {}}},
    "expires": {"to": {"expires_at": (NOON + timedelta(hours=3)).isoformat()}},
    "snoozed": {"to": {"snoozed_until": (NOON + timedelta(hours=1)).isoformat()}},
    "opens": {"when": {"happens": ["on_sale"]}},
    "opens, quiet": {
        "when": {"happens": ["on_sale", "rescheduled"]},
        "often": {**_QUIET, "group": {}},
    },
    "closes, quiet, told": {
        "when": {"happens": ["off_sale", "on_sale"]},
        "often": {**_QUIET, **_TELL, "group": {}, "rearm": {"after_minutes": 30}},
    },
    "opens once": {"when": {"happens": ["on_sale"]}, "often": {"rearm": {"once": True}}},
    "stays open": {"when": {"happens": ["on_sale"]}, "sure": {"hold_s": 600}},
    "moves, digest": {
        "when": {"happens": ["rescheduled", "off_sale"]},
        "often": {"digest": {"every_minutes": 45}, "at_most_a_day": 1},
    },
    "one source": {"what": {"only": {"source": ["one"]}}, "when": {"happens": ["on_sale"]}},
    "opens, or a target": {
        "when": {"happens": ["on_sale", "rescheduled"], "target": {"at_most": 100}},
        "often": {"group": {}},
    },
    "vanishes": {"what": {"each": "item"}, "when": {"happens": ["vanished", "came_back"]}},
    "comes back, or a low": {
        "what": {"each": "item", "only": {"row": ["A"]}},
        "when": {"happens": ["came_back"], "low": {}},
        "often": {"group": {}, "rearm": {"after_minutes": 30}},
    },
    "two channels": {"to": {"channels": ["one", "two"]}, "often": {"group": {"wait_s": 60}}},
}

kinds = st.sampled_from(sorted(KINDS))
seats = st.sampled_from(["A-1", "A-2", "A-3", "B-1", "B-2+3"])
amounts = st.sampled_from(["5", "60", "70", "80", "88", "95", "100", "104", "110", "120", "900"])
words = st.sampled_from(["on_sale", "on_sale", "off_sale", "rescheduled"])
sources = st.sampled_from(["one", "one", "two"])
pauses = st.sampled_from([0, 0.5, 1, 7, 30, 59, 600, 3_600, 8 * 3_600])
subjects = st.sampled_from(["evt", "evt", "other"])

steps = st.lists(
    st.one_of(
        st.tuples(st.just("price"), subjects, seats, amounts, pauses),
        st.tuples(st.just("price"), subjects, seats, amounts, pauses),
        st.tuples(st.just("gone"), subjects, seats, st.just(""), pauses),
        st.tuples(st.just("happens"), subjects, words, sources, pauses),
        st.tuples(st.just("made"), subjects, kinds, st.just(""), pauses),
        st.tuples(st.just("deleted"), subjects, kinds, st.just(""), pauses),
    ),
    max_size=30,
)


def of_kind(kind: str, version: int = 1) -> Watch:
    """A watch of one kind."""
    return a_watch(kind, **{**KINDS[kind], "version": version})


def story_of(told: list[tuple[str, str, str, str, float]]) -> Story:
    """The signals of some steps; each `made` is a further version."""
    story = Story(BEGIN)
    for version, (step, subject, name, amount, pause) in enumerate(told, 2):
        if step == "price":
            story.price(amount, name, subject=subject)
        elif step == "gone":
            story.gone(name, subject)
        elif step == "happens":
            key = f"{len(story.signals) % 2}" if name == "rescheduled" else ""
            story.happens(name, amount, subject, key=key)
        elif step == "made":
            # Another number of messages a day is a version that means the same.
            kind = {**KINDS[name], "version": version}
            kind["often"] = {**kind.get("often", {}), "at_most_a_day": version}
            story.made(a_watch(name, **kind), subject)
        else:
            story.deleted(name, subject)
        story.wait(seconds=pause)
    return story
