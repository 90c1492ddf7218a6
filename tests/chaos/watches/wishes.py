"""What people watch in a trial: a good dozen kinds, told soon enough for a trial of a minute."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from conscope_app.alerting.watches.silences import Silence
from conscope_app.alerting.watches.watch import Watch
from conscope_app.sources.tickets.mock_events import mock_events
from conscope_app.store.engine import Connection
from conscope_app.store.watches.definitions import delete, put
from tests.alerting.watches.stories import AT_ONCE, a_watch

# The events that `produce mock` sells, and of these the one that is not watched at first.
EVENTS = tuple(event.event_id for event in mock_events(4))
*ALWAYS, LATER = EVENTS

DIGEST = "digest"
LATE = "made later"

_FIRST, _SECOND, _THIRD = ALWAYS
_TELL = {"over_meanwhile": "tell", "group": AT_ONCE}
_GROUPED = {"over_meanwhile": "tell", "group": {"wait_s": 3, "alone_s": 1}}
_CHEAP = {"target": {"at_most": 250}}


class Step(NamedTuple):
    """Somebody changes what is watched; saying it again changes nothing more."""

    watch_id: str
    apply: Callable[[Connection], object]


def _item(subject: str, *sections: str) -> dict[str, Any]:
    only = {"only": {"section": list(sections)}} if sections else {}
    return {"each": "item", "subjects": [subject], **only}


def _each(*subjects: str) -> dict[str, Any]:
    return {"subjects": list(subjects or ALWAYS)}


def at_start(now: datetime) -> list[Watch]:
    """The watches that hold when the first price comes in; all have an end of their waiting."""

    def after(seconds: int) -> str:
        return (now + timedelta(seconds=seconds)).isoformat()

    kinds: dict[str, dict[str, Any]] = {
        "best offer": {"what": _each(), "when": {"target": {"at_most": 60}}},
        "each item": {"what": _item(_FIRST, "Lower *", "Club *"), "when": _CHEAP},
        "drop": {"what": _item(_SECOND), "when": {"drop": {"percent": 9}}},
        "median": {
            "what": _each(_FIRST, _SECOND),
            "when": {"drop": {"percent": 3, "than": "median", "days": 2}},
        },
        "last told": {
            "what": _item(_FIRST, "Upper *"),
            "when": {"drop": {"percent": 12, "than": "last_told"}},
        },
        "a low": {"what": _each(_THIRD), "when": {"low": {"days": 1}}},
        "second low": {"what": _each(_FIRST), "when": {"low": {"nth": 2}}},
        "listed": {
            "what": _each(_SECOND),
            "when": {"target": {"at_most": 70}, "basis": "listed"},
        },
        "two together": {
            "what": {**_each(), "together": 2},
            "when": {"target": {"at_most": 120}},
        },
        "not a zone": {
            "what": {**_each(_THIRD), "never": {"zone": ["Upper"]}},
            "when": {"target": {"at_most": 150}},
        },
        "holds": {
            "what": _item(_SECOND, "Lower *", "Upper *"),
            "when": _CHEAP,
            "sure": {"hold_s": 2, "over_s": 3},
        },
        "seen twice": {
            "what": _item(_THIRD, "Club *"),
            "when": _CHEAP,
            "sure": {"observations": 2},
        },
        "once": {
            "what": _item(_THIRD, "Floor *"),
            "when": {"target": {"at_most": 500}},
            "often": {**_TELL, "rearm": {"once": True}},
        },
        "further": {
            "what": _item(_FIRST, "Floor *", "VIP *"),
            "when": {"target": {"at_most": 600}},
            "often": {**_TELL, "rearm": {"after_minutes": 60, "further_drop_percent": 20}},
        },
        "grouped": {
            "what": _item(_SECOND, "Upper *", "Club *"),
            "when": {"target": {"at_most": 150}, "on_create": True},
            "often": _GROUPED,
        },
        "left out": {
            "what": _item(_THIRD, "Lower *"),
            "when": {"drop": {"percent": 7}},
            "often": {**_GROUPED, "over_meanwhile": "leave_out"},
        },
        # One alert at a time for each event: no more than a message has room for.
        DIGEST: {
            "what": _each(),
            "when": {"low": {"days": 1}},
            "often": {**_TELL, "rearm": {"after_minutes": 60}, "digest": {"every_minutes": 1}},
        },
        "snoozed": {
            "what": _item(_SECOND, "Floor *"),
            "when": {"target": {"at_most": 600}},
            "to": {"snoozed_until": after(20)},
        },
        "expires": {
            "what": _item(_THIRD, "Upper *"),
            "when": {"target": {"at_most": 150}},
            "to": {"expires_at": after(30), "severity": "critical"},
        },
        "changed": {"what": _each(_FIRST, _THIRD), "when": {"target": {"at_most": 90}}},
        "deleted": {"what": _item(_FIRST), "when": {"target": {"at_most": 200}}},
    }
    return [_told(watch_id, parts) for watch_id, parts in kinds.items()]


def silence(now: datetime) -> Silence:
    """Nobody hears of the best places for a while."""
    return Silence(id="VIP", ends_at=now + timedelta(seconds=25), labels={"zone": ("VIP",)})


def meanwhile() -> list[Step]:
    """What becomes of it while the stream runs, in this order."""
    lower = {"target": {"at_most": 70}}
    narrower = _told("changed", {"what": _each(_FIRST, _THIRD), "when": lower})
    warning = {"what": _each(_FIRST), "when": lower, "to": {"severity": "warning"}}
    late = {"what": _item(LATER), "when": {"drop": {"percent": 8}, "on_create": True}}
    back = {"what": _item(_FIRST, "Lower *"), "when": {"target": {"at_most": 120}}}
    everything: dict[str, Any] = {"what": {}, "when": {"target": {"at_most": 45}}}
    return [
        _putting(_told(LATE, late)),
        _putting(narrower),
        Step("deleted", lambda connection: delete(connection, "deleted")),
        _putting(_told("everything", everything)),
        _putting(_told("changed", warning)),
        _putting(_told("deleted", back)),
    ]


def at_end(watches: Sequence[Watch]) -> list[Step]:
    """What waits for longer than a trial may last is to be told now: people change their mind."""
    (digest,) = (watch for watch in watches if watch.id == DIGEST)
    often = {**_TELL, "rearm": {"after_minutes": 60}}
    told = a_watch(DIGEST, what=_each(), when={"low": {"days": 1}}, often=often)
    assert (told.what, told.when) == (digest.what, digest.when), "what it has raised goes on"
    return [_putting(told)]


def _told(watch_id: str, parts: dict[str, Any]) -> Watch:
    return a_watch(watch_id, **{"often": _TELL, **parts})


def _putting(watch: Watch) -> Step:
    return Step(watch.id, lambda connection: put(connection, watch))
